import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

import { podLabels } from "./call-graph";
import { middleware, networkPolicy, type NetworkPolicySpec } from "./custom-resources";
import { leftToPulumi } from "./routing/external-dns";
import type { DnsOwner, Route } from "./routing/route";
import { traefikAnnotations, traefikMiddlewares, type EdgeOnly } from "./routing/traefik";

export interface AppServiceArgs {
  readonly namespace: pulumi.Input<string>;
  /** Container image with tag or digest. */
  readonly image: string;
  /** The port the container listens on, 1 to 65535. */
  readonly port: number;
  /** The port its Service offers. */
  readonly servicePort: number;
  /** How many pods. */
  readonly replicas: number;
  /** Whether its pods carry Linkerd's proxy. */
  readonly meshed: boolean;
  /** Path of the HTTP probes. Absence means that a probe only opens the port. */
  readonly healthPath?: string | undefined;
  /** What one pod asks for, and the memory at which it is ended. Kubernetes quantities. */
  readonly resources: { readonly cpu: string; readonly memory: string };
  /** Environment variables of the container. Nothing secret: they stand in plain in the Deployment. */
  readonly env: Readonly<Record<string, string>>;
  /** Who may talk to it and to whom it may talk: its part of the call graph. */
  readonly policy: NetworkPolicySpec;
  /** The hosts it answers for, whether Cloudflare proxies them, and who keeps their names in DNS. */
  readonly routes: readonly (Route & { readonly proxied: boolean; readonly dns: DnsOwner })[];
  /** What keeps everybody but Cloudflare from a proxied host. Absence lets all in. */
  readonly edgeOnly?: EdgeOnly | undefined;
  readonly ingressClassName: string;
  /** The Secret with the certificate of all hosts, in the app's namespace. */
  readonly tlsSecretName: string;
}

/**
 * One app: its pods with an identity of their own, the Service in front of them, its policy, and an Ingress per host.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
 */
export class AppService extends pulumi.ComponentResource {
  /** The app's name. */
  readonly name: string;
  /** The URL inside the cluster, `http://<app>.<namespace>.svc.cluster.local:<port>`. */
  readonly url: pulumi.Output<string>;
  /** The generated passwords of routes with basic auth, by `<user>@<host>`. Secret, and empty where no route asks for one. */
  readonly passwords: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: AppServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    const { namespace, servicePort, policy, routes, edgeOnly = {}, ingressClassName, tlsSecretName } = args;
    const labels = labelsOf(name);
    const metadata = { name, namespace, labels };
    super("platform:networking:AppService", name, {}, opts);

    const account = new kubernetes.core.v1.ServiceAccount(
      name,
      { metadata, automountServiceAccountToken: false },
      { parent: this },
    );
    // The policy first: a pod that starts before it would be cut off by the namespace's default until it came.
    const allowed = networkPolicy(`${name}-policy`, { name: `${name}-policy`, namespace }, policy, {
      parent: this,
    });
    new kubernetes.apps.v1.Deployment(
      name,
      { metadata, spec: deploymentSpec(name, args, account.metadata.name) },
      { parent: this, dependsOn: [allowed] },
    );
    const service = new kubernetes.core.v1.Service(
      name,
      {
        metadata,
        spec: {
          type: "ClusterIP",
          selector: podLabels(name),
          ports: [
            { name: "http", port: servicePort, targetPort: args.port, protocol: "TCP", appProtocol: "http" },
          ],
        },
      },
      { parent: this },
    );
    // Said as what may be missing, it lets a node be drained even when there is only one pod.
    new kubernetes.policy.v1.PodDisruptionBudget(
      name,
      { metadata, spec: { selector: { matchLabels: podLabels(name) }, maxUnavailable: 1 } },
      { parent: this },
    );

    const passwords: Record<string, pulumi.Output<string>> = {};
    for (const route of routes) {
      const { host } = route;
      const key = `${name}-${host}`;
      const objectName = `${name}-${host.replaceAll(".", "-")}`;
      const authSecretName = `${objectName}-basic-auth`;

      if (route.basicAuth) {
        const lines = route.basicAuth.users.map((user) => {
          const password = new random.RandomPassword(
            `${key}-${user}`,
            { length: 32, special: false },
            { parent: this },
          );
          passwords[`${user}@${host}`] = password.result;
          return pulumi.interpolate`${user}:${password.bcryptHash}`;
        });
        new kubernetes.core.v1.Secret(
          `${key}-basic-auth`,
          {
            metadata: { name: authSecretName, namespace },
            stringData: { auth: pulumi.all(lines).apply((all) => all.join("\n")) },
          },
          { parent: this },
        );
      }

      const middlewares = traefikMiddlewares(route, { proxied: route.proxied, authSecretName }).map(
        ({ role, spec }) => ({
          name: `${objectName}-${role}`,
          made: middleware(`${key}-${role}`, { name: `${objectName}-${role}`, namespace }, spec, {
            parent: this,
          }),
        }),
      );
      const names = middlewares.map((each) => each.name);
      const annotations = pulumi
        .all([namespace, pulumi.output(route.proxied ? edgeOnly : {})])
        .apply(([inNamespace, only]) => ({
          ...traefikAnnotations(inNamespace, names, only),
          ...(route.dns === "pulumi" && leftToPulumi),
        }));
      new kubernetes.networking.v1.Ingress(
        key,
        {
          metadata: { name: objectName, namespace, labels, annotations },
          spec: {
            ingressClassName,
            tls: [{ hosts: [host], secretName: tlsSecretName }],
            rules: [
              {
                host,
                http: {
                  paths: route.paths.map(({ path, pathType }) => ({
                    path,
                    pathType,
                    backend: { service: { name: service.metadata.name, port: { number: servicePort } } },
                  })),
                },
              },
            ],
          },
        },
        // A router that names a missing Middleware is dropped, and the host answers 404.
        { parent: this, dependsOn: middlewares.map((each) => each.made) },
      );
    }

    this.name = name;
    this.url = pulumi.interpolate`http://${service.metadata.name}.${namespace}.svc.cluster.local:${servicePort}`;
    this.passwords = pulumi.secret(pulumi.all(passwords));
    this.registerOutputs({ url: this.url, passwords: this.passwords });
  }
}

/** What every object of an app is labelled with. */
const labelsOf = (app: string) => ({ ...podLabels(app), "app.kubernetes.io/name": app });

/** Pods that pass Pod Security `restricted`, spread over the nodes, replaced one by one. */
function deploymentSpec(
  name: string,
  { image, port, replicas, meshed, healthPath, resources, env }: AppServiceArgs,
  serviceAccountName: pulumi.Input<string>,
): kubernetes.types.input.apps.v1.DeploymentSpec {
  const matchLabels = podLabels(name);
  const { cpu, memory } = resources;
  const reachable =
    healthPath === undefined ? { tcpSocket: { port } } : { httpGet: { path: healthPath, port } };
  return {
    replicas,
    selector: { matchLabels },
    strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
    template: {
      metadata: {
        labels: labelsOf(name),
        // On the pod, where the injector looks; on the Deployment it would do nothing.
        ...(meshed && { annotations: { "linkerd.io/inject": "enabled" } }),
      },
      spec: {
        serviceAccountName,
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
        topologySpreadConstraints: [
          {
            maxSkew: 1,
            topologyKey: "kubernetes.io/hostname",
            whenUnsatisfiable: "ScheduleAnyway",
            labelSelector: { matchLabels },
          },
        ],
        containers: [
          {
            name,
            image,
            ports: [{ name: "http", containerPort: port, protocol: "TCP" }],
            env: Object.entries(env).map(([variable, value]) => ({ name: variable, value })),
            resources: { requests: { cpu, memory }, limits: { memory } },
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
            readinessProbe: { ...reachable, periodSeconds: 5 },
            livenessProbe: { ...reachable, periodSeconds: 10, failureThreshold: 6 },
          },
        ],
      },
    },
  };
}
