import type * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { appLabels } from "./deployment";
import { createBasicAuthUsers } from "./passwords";
import type { BackendTls, PortArgs } from "./app-ports";
import { createExternalNameService } from "./app-kubernetes-service";
import { createSupportingResource, createRoute, createHostCertificate } from "./app-routes";
import { createWorkload, type WorkloadArgs, type WorkloadContext } from "./workload";
import { canaryName } from "../network-policy/call-graph";
import { networkPolicy, type NetworkPolicySpec } from "../custom-resources/cilium-resources";
import type { Authorization } from "../linkerd/authorization";
import {
  findController,
  unsupportedCanary,
  unsupportedFeatures,
  unsupportedTls,
  type ControllerName,
} from "../ingress/controllers";
import type { ResolvedRoute } from "../ingress/route";
import {
  findBackendPort,
  resourceNames,
  type OriginLockRefs,
  type RoutedApp,
} from "../ingress/route-manifests";

/** The arguments of every kind of app. */
interface CommonAppArgs {
  /** The namespace of its Service and of all resources created here. */
  readonly namespace: pulumi.Input<string>;
  /** The port of its Service. Absent if it has none, since it only calls. */
  readonly servicePort?: number | undefined;
  /** The TLS of the port that its routes lead to. Default: none. */
  readonly tls?: BackendTls | undefined;
  /** The Secret with the credentials of private registries. Default: none. */
  readonly pullSecret?: pulumi.Input<string> | undefined;
  /** Its network policy. Undefined for an app without pods. */
  readonly policy: NetworkPolicySpec | undefined;
  /** The network policy that allows the ingress controller, by the name of its namespace. Default: none. */
  readonly ingressPolicy?: { readonly from: string; readonly spec: NetworkPolicySpec } | undefined;
  /** The callers that Linkerd allows. Default: its default inbound policy applies. */
  readonly authorization?: Authorization | undefined;
  /** Its hosts. */
  readonly routes: readonly ResolvedRoute[];
  /** The ingress controller of its routes. */
  readonly controller: ControllerName;
  /** References to the origin-lock resources that proxied hosts must use. If omitted, the origin is open. */
  readonly originLock?: OriginLockRefs | undefined;
  readonly ingressClassName: string;
  /** The ClusterIssuer of certificates for a single host. */
  readonly issuer: string;
}

/** An app that we deploy: a Deployment and its Service. */
export type OwnAppArgs = CommonAppArgs &
  WorkloadArgs & { readonly existing?: false; readonly external?: undefined };

/** An existing Service owned by someone else. */
export interface ExistingAppArgs extends CommonAppArgs, PortArgs {
  readonly existing: true;
  readonly external?: undefined;
  readonly serviceName: string;
}

/** An ExternalName Service. It has no routes. */
export interface ExternalAppArgs extends CommonAppArgs, PortArgs {
  readonly existing?: false;
  /** The external name, FQDN without a trailing dot. */
  readonly external: string;
  readonly port: number;
  readonly servicePort: number;
}

export type AppServiceArgs = ExistingAppArgs | ExternalAppArgs | OwnAppArgs;

/**
 * An app: its network policy; a Deployment and Service (or an existing Service, or an ExternalName Service); and one
 * Ingress or HTTPRoute per host. On a change of controller, the routes of both exist at once, since Pulumi creates new
 * resources before it deletes old ones.
 *
 * @throws {pulumi.RunError} A route or the canary needs a feature that the controller does not support; nothing is
 *   registered then.
 */
export class AppService extends pulumi.ComponentResource {
  /** The app's name. */
  readonly name: string;
  /**
   * The URL inside the cluster, `http://<service>.<namespace>.svc.cluster.local:<port>`, by the app's protocol. Undefined
   * for an app without a Service.
   */
  readonly url: pulumi.Output<string> | undefined;
  /** The generated passwords of routes with basic auth, by `<user>@<host>`. Secret; empty without such routes. */
  readonly passwords: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: AppServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    const { namespace, servicePort, policy, ingressPolicy, controller } = args;
    assertSupported(name, args);
    super("platform:networking:AppService", name, {}, opts);

    // Before the pods: the namespace's default deny would cut off a pod that starts without a policy.
    const policies: pulumi.Resource[] = [];
    const createPolicy = (policyName: string, spec: NetworkPolicySpec) =>
      policies.push(
        networkPolicy(policyName, { name: policyName, namespace }, spec, {
          parent: this,
          dependsOn: [...policies],
        }),
      );
    if (ingressPolicy) createPolicy(`${name}-policy-${ingressPolicy.from}`, ingressPolicy.spec);
    if (policy) createPolicy(`${name}-policy`, policy);
    const app = toRoutedApp(name, args);
    const { service: hints, routes: manifests } = findController(controller).routes.render(app);
    const services = createServices(
      name,
      args,
      {
        namespace,
        pullSecret: args.pullSecret,
        annotations: hints && pulumi.output(namespace).apply(hints.annotations),
        beforeService:
          hints?.supportingResources.map((each) =>
            createSupportingResource(each, namespace, { parent: this }),
          ) ?? [],
        beforePods: policies,
      },
      { parent: this },
    );

    const passwords: Record<string, pulumi.Output<string>> = {};
    const routeArgs = { ...args, ...app, labels: appLabels(name) };
    for (const manifest of manifests) {
      const { route } = manifest;
      const names = resourceNames(name, route.host);
      const { openHost, ...locked } = args.originLock ?? {};
      const originLock = pulumi.output(route.proxied ? locked : { ...(openHost && { openHost }) });
      const context = pulumi
        .all([namespace, originLock])
        .apply(([known, refs]) => ({ namespace: known, originLock: refs }));
      // The controller ignores a route that refers to a missing object, and the host answers 404.
      const before: pulumi.Resource[] = [...services];
      if (route.basicAuth && route.basicAuth.secret === undefined) {
        const users = createBasicAuthUsers(route.basicAuth, names, namespace, { parent: this });
        for (const [user, password] of Object.entries(users.passwords))
          passwords[`${user}@${route.host}`] = password;
        before.push(users.secret);
      }
      before.push(
        ...manifest.supportingResources.map((each) =>
          createSupportingResource(each, namespace, { parent: this }),
        ),
      );
      if (route.certificate === "own")
        before.push(createHostCertificate(names, route, routeArgs, { parent: this }));
      createRoute(
        manifest,
        names,
        context,
        { ...routeArgs, servicePort: findBackendPort(app, route).port },
        { parent: this, dependsOn: before },
      );
    }

    const protocol = "protocol" in args ? (args.protocol ?? "http") : "http";
    const scheme = args.tls ? "https" : protocol;
    const serviceName = services[0]?.metadata.name ?? app.serviceName;
    this.name = name;
    this.url =
      servicePort === undefined
        ? undefined
        : pulumi.interpolate`${scheme}://${serviceName}.${namespace}.svc.cluster.local:${servicePort}`;
    this.passwords = pulumi.secret(pulumi.all(passwords));
    this.registerOutputs({ url: this.url, passwords: this.passwords });
  }
}

/** Creates the app's Services: its own and its canary's, an ExternalName Service, or none for an existing one. */
function createServices(
  name: string,
  args: AppServiceArgs,
  context: WorkloadContext,
  opts: pulumi.CustomResourceOptions,
): kubernetes.core.v1.Service[] {
  if (args.existing) return [];
  if (args.external !== undefined) return [createExternalNameService(name, args.external, args, opts)];
  return createWorkload(name, args, args.authorization, context, opts);
}

/** The parts of the app that its routes depend on. */
function toRoutedApp(name: string, args: AppServiceArgs): RoutedApp & { readonly serviceName: string } {
  // An app without a Service has no routes, which alone use the port.
  const { servicePort = 0, routes, ports, tls } = args;
  if (args.existing) return { name, serviceName: args.serviceName, servicePort, routes, ports, tls };
  const common = { name, serviceName: name, servicePort, routes, ports, tls };
  if (args.external !== undefined) return common;
  const { protocol, canary, meshed } = args;
  return {
    ...common,
    protocol: protocol === "grpc" ? protocol : "http",
    canary: canary && { serviceName: canaryName(name), weight: canary.weight },
    meshed,
  };
}

/** @throws {pulumi.RunError} The first feature that the controller does not support. */
function assertSupported(name: string, args: AppServiceArgs): void {
  const { routes, controller, existing, port, ports } = args;
  const { canary, meshed = true, protocol } = "image" in args ? args : {};
  const canaryProblem = unsupportedCanary({ canary, meshed, routes }, controller);
  const tlsProblem = unsupportedTls({ tls: args.tls, protocol, existing, routes }, controller);
  const [first] = [
    ...(canaryProblem === undefined ? [] : [`canary ${canaryProblem}`]),
    ...(tlsProblem === undefined ? [] : [`tls ${tlsProblem}`]),
    ...routes.flatMap((route) =>
      unsupportedFeatures(route, controller, {
        others: routes.filter((other) => other !== route),
        ...{ existing, canary, port, ports, protocol },
      }).map(({ field, problem }) => `the route of ${route.host}: ${field} ${problem}`),
    ),
  ];
  if (first !== undefined) throw new pulumi.RunError(`AppService "${name}": ${first}`);
}
