import * as pulumi from "@pulumi/pulumi";

import { labelsOf } from "./deployment";
import { usersOf } from "./passwords";
import type { PortArgs } from "./app-ports";
import { makeAlias } from "./app-kubernetes-service";
import { makePart, makeRule, ownCertificate } from "./app-routes";
import { makeWorkload, type WorkloadArgs } from "./workload";
import { canaryOf } from "../network-policy/call-graph";
import { networkPolicy, type NetworkPolicySpec } from "../custom-resources/cilium-resources";
import type { Controller } from "../ingress/controllers";
import { canaryRefusal } from "../ingress/canary";
import { gatewayTranslation } from "../ingress/controllers/gateway/gateway-routes";
import { nginxTranslation } from "../ingress/controllers/nginx/nginx-routes";
import { refusals } from "../ingress/refusals";
import type { PlacedRoute } from "../ingress/route";
import { traefikTranslation } from "../ingress/controllers/traefik/traefik-routes";
import { namesOf, type EdgeOnly, type RoutedApp } from "../ingress/translation";

/** What is said of every app. */
interface AnyAppArgs {
  /** Where its Service is, and with it all that this makes. */
  readonly namespace: pulumi.Input<string>;
  /** The port its Service offers. */
  readonly servicePort: number;
  /** Who may talk to it and to whom it may talk: its part of the call graph. Absence means that it has no pods. */
  readonly policy: NetworkPolicySpec | undefined;
  /** The hosts it answers for. */
  readonly routes: readonly PlacedRoute[];
  /** Who routes to it. */
  readonly controller: Controller;
  /** What keeps everybody but Cloudflare from a proxied host, in that controller's words. Absence lets all in. */
  readonly edgeOnly?: EdgeOnly | undefined;
  readonly ingressClassName: string;
  /** The ClusterIssuer of certificates for one host alone. */
  readonly issuer: string;
}

/** Pods of an image, and the Service in front of them. */
export type OwnAppArgs = AnyAppArgs &
  WorkloadArgs & { readonly existing?: false; readonly external?: undefined };

/** A Service of another's, with the pods behind it. */
export interface ExistingAppArgs extends AnyAppArgs {
  readonly existing: true;
  readonly external?: undefined;
  readonly serviceName: string;
}

/** A name inside the cluster for what is elsewhere. It has no routes. */
export interface ExternalAppArgs extends AnyAppArgs, PortArgs {
  readonly existing?: false;
  /** The name elsewhere, FQDN without a trailing dot. */
  readonly external: string;
}

export type AppServiceArgs = ExistingAppArgs | ExternalAppArgs | OwnAppArgs;

const translations = {
  traefik: traefikTranslation,
  nginx: nginxTranslation,
  gateway: gatewayTranslation,
} as const;

/**
 * One app: its policy; what answers, which is pods of its own with an identity and a Service in front of them, or a
 * Service that stands already, or a name for one elsewhere; and for each host the rule of the controller. Rules of two
 * controllers stand side by side while one takes over from the other, since the engine makes what is new before it takes
 * away what is old.
 *
 * @throws {pulumi.RunError} A route or the canary asks for what the controller cannot do; nothing is registered then.
 */
export class AppService extends pulumi.ComponentResource {
  /** The app's name. */
  readonly name: string;
  /** The URL inside the cluster, `http://<service>.<namespace>.svc.cluster.local:<port>`, by the app's protocol. */
  readonly url: pulumi.Output<string>;
  /** The generated passwords of routes with basic auth, by `<user>@<host>`. Secret, and empty where no route asks for one. */
  readonly passwords: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: AppServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    const { namespace, servicePort, policy, controller, edgeOnly = {} } = args;
    const labels = labelsOf(name);
    refuse(name, args);
    super("platform:networking:AppService", name, {}, opts);

    // The policy first: a pod that starts before it would be cut off by the namespace's default until it came.
    const allowed = policy
      ? [networkPolicy(`${name}-policy`, { name: `${name}-policy`, namespace }, policy, { parent: this })]
      : [];

    const routed = routedOf(name, args);
    const { service: told, rules } = translations[controller](routed);
    const parts = told?.parts.map((part) => makePart(part, namespace, { parent: this })) ?? [];
    const annotations = told && pulumi.output(namespace).apply(told.annotations);
    const answering = args.existing
      ? []
      : args.external === undefined
        ? makeWorkload(name, args, { namespace, annotations, parts, before: allowed }, { parent: this })
        : [makeAlias(name, args.external, args, { parent: this })];

    const passwords: Record<string, pulumi.Output<string>> = {};
    for (const rule of rules) {
      const { route } = rule;
      const names = namesOf(name, route.host);
      const wayIn = { ...args, serviceName: routed.serviceName, labels };
      const around = pulumi
        .all([namespace, pulumi.output(route.proxied ? edgeOnly : {})])
        .apply(([inNamespace, only]) => ({ namespace: inNamespace, edgeOnly: only }));
      // A rule that names what is missing is dropped by the controller, and the host answers 404.
      const before: pulumi.Resource[] = [...answering];
      if (route.basicAuth) {
        const users = usersOf(route.basicAuth, names, namespace, { parent: this });
        for (const [user, password] of Object.entries(users.passwords))
          passwords[`${user}@${route.host}`] = password;
        before.push(users.secret);
      }
      before.push(...rule.parts.map((part) => makePart(part, namespace, { parent: this })));
      if (route.certificate === "own") before.push(ownCertificate(names, route, wayIn, { parent: this }));
      makeRule(rule, names, around, wayIn, { parent: this, dependsOn: before });
    }

    const scheme = "protocol" in args ? (args.protocol ?? "http") : "http";
    const serviceName = answering[0]?.metadata.name ?? routed.serviceName;
    this.name = name;
    this.url = pulumi.interpolate`${scheme}://${serviceName}.${namespace}.svc.cluster.local:${servicePort}`;
    this.passwords = pulumi.secret(pulumi.all(passwords));
    this.registerOutputs({ url: this.url, passwords: this.passwords });
  }
}

/** The app as the translations see it. */
function routedOf(name: string, args: AppServiceArgs): RoutedApp & { readonly serviceName: string } {
  const { servicePort, routes } = args;
  if (args.existing) return { name, serviceName: args.serviceName, servicePort, routes };
  const common = { name, serviceName: name, servicePort, routes };
  if (args.external !== undefined) return common;
  const { protocol, canary, meshed } = args;
  return {
    ...common,
    protocol: protocol === "grpc" ? protocol : "http",
    canary: canary && { serviceName: canaryOf(name), weight: canary.weight },
    meshed,
  };
}

function refuse(name: string, args: AppServiceArgs): void {
  const { routes, controller, existing } = args;
  const { canary, meshed = true } = "image" in args ? args : {};
  const split = canaryRefusal({ canary, meshed, routes }, controller);
  const [first] = [
    ...(split === undefined ? [] : [`canary ${split}`]),
    ...routes.flatMap((route) =>
      refusals(route, controller, {
        others: routes.filter((other) => other !== route),
        existing,
        canary,
      }).map(({ word, problem }) => `the route of ${route.host}: ${word} ${problem}`),
    ),
  ];
  if (first !== undefined) throw new pulumi.RunError(`AppService "${name}": ${first}`);
}
