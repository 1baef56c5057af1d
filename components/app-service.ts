import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { deploymentSpec, labelsOf, type PodArgs } from "./app/deployment";
import { usersOf } from "./app/passwords";
import { makePart, makeRule, ownCertificate } from "./app/way-in";
import { podLabels } from "./call-graph";
import { networkPolicy, type NetworkPolicySpec } from "./custom-resources/cilium";
import type { Controller } from "./ingress/controllers";
import { gatewayTranslation } from "./routing/gateway";
import { nginxTranslation } from "./routing/nginx";
import { refusals } from "./routing/refusals";
import type { PlacedRoute } from "./routing/route";
import { traefikTranslation } from "./routing/traefik";
import { namesOf, type EdgeOnly } from "./routing/translation";

export interface AppServiceArgs extends PodArgs {
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

const translations = {
  traefik: traefikTranslation,
  nginx: nginxTranslation,
  gateway: gatewayTranslation,
} as const;

/**
 * One app: its pods with an identity of their own, the Service in front of them, its policy, and for each host the rule
 * of the controller. Rules of two controllers stand side by side while one takes over from the other, since the engine
 * makes what is new before it takes away what is old.
 *
 * @throws {pulumi.RunError} A route says what the controller cannot do; nothing is registered then.
 */
export class AppService extends pulumi.ComponentResource {
  /** The app's name. */
  readonly name: string;
  /** The URL inside the cluster, `http://<app>.<namespace>.svc.cluster.local:<port>`. */
  readonly url: pulumi.Output<string>;
  /** The generated passwords of routes with basic auth, by `<user>@<host>`. Secret, and empty where no route asks for one. */
  readonly passwords: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: AppServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    const { namespace, servicePort, routes, controller, edgeOnly = {} } = args;
    const labels = labelsOf(name);
    const metadata = { name, namespace, labels };
    refuse(name, routes, controller);
    super("platform:networking:AppService", name, {}, opts);

    const account = new kubernetes.core.v1.ServiceAccount(
      name,
      { metadata, automountServiceAccountToken: false },
      { parent: this },
    );
    // The policy first: a pod that starts before it would be cut off by the namespace's default until it came.
    const allowed =
      args.policy &&
      networkPolicy(`${name}-policy`, { name: `${name}-policy`, namespace }, args.policy, { parent: this });
    new kubernetes.apps.v1.Deployment(
      name,
      { metadata, spec: deploymentSpec(name, args, account.metadata.name) },
      { parent: this, ...(allowed && { dependsOn: [allowed] }) },
    );

    const { service: told, rules } = translations[controller]({ name, servicePort, routes });
    const annotations = told && pulumi.output(namespace).apply(told.annotations);
    const service = new kubernetes.core.v1.Service(
      name,
      {
        metadata: { ...metadata, ...(annotations && { annotations }) },
        spec: {
          type: "ClusterIP",
          selector: podLabels(name),
          ports: [
            { name: "http", port: servicePort, targetPort: args.port, protocol: "TCP", appProtocol: "http" },
          ],
        },
      },
      { parent: this, dependsOn: told?.parts.map((part) => makePart(part, namespace, { parent: this })) },
    );
    // Said as what may be missing, it lets a node be drained even when there is only one pod.
    new kubernetes.policy.v1.PodDisruptionBudget(
      name,
      { metadata, spec: { selector: { matchLabels: podLabels(name) }, maxUnavailable: 1 } },
      { parent: this },
    );

    const passwords: Record<string, pulumi.Output<string>> = {};
    for (const rule of rules) {
      const { route } = rule;
      const names = namesOf(name, route.host);
      const wayIn = { ...args, app: name, labels };
      const around = pulumi
        .all([namespace, pulumi.output(route.proxied ? edgeOnly : {})])
        .apply(([inNamespace, only]) => ({ namespace: inNamespace, edgeOnly: only }));
      // A rule that names what is missing is dropped by the controller, and the host answers 404.
      const before: pulumi.Resource[] = [service];
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

    this.name = name;
    this.url = pulumi.interpolate`http://${service.metadata.name}.${namespace}.svc.cluster.local:${servicePort}`;
    this.passwords = pulumi.secret(pulumi.all(passwords));
    this.registerOutputs({ url: this.url, passwords: this.passwords });
  }
}

function refuse(name: string, routes: readonly PlacedRoute[], controller: Controller): void {
  const [first] = routes.flatMap((route) =>
    refusals(
      route,
      controller,
      routes.filter((other) => other !== route),
    ).map(({ word, problem }) => `the route of ${route.host}: ${word} ${problem}`),
  );
  if (first !== undefined) throw new pulumi.RunError(`AppService "${name}": ${first}`);
}
