import * as pulumi from "@pulumi/pulumi";

import type { IngressArgs } from "../../../components/ingress/ingress-args";
import { value, type Values } from "../../harness";

/** The peers that are believed about the client, in the tests. */
export const edgeCidrs = ["173.245.48.0/20", "2400:cb00::/32"];

/** What any controller is told, as far as it must be. */
export const valuesArgs = {
  replicas: { min: 3, max: 10 },
  keepAliveSeconds: 180,
  maxRequestSeconds: 3600,
  loadBalancer: {
    nodePorts: { http: 30080, https: 30443, health: 30080 },
    ipv4: pulumi.output("203.0.113.9"),
    senders: pulumi.output(["10.0.0.9"]),
    proxyProtocol: true,
  },
  edgeCidrs: pulumi.output(edgeCidrs),
  defaultCertificate: "wildcard-tls",
  routesFrom: ["production"],
} as const satisfies IngressArgs;

/** The same behind a load balancer that comes with a Service, after the controller. */
export const behindService: IngressArgs = {
  ...valuesArgs,
  loadBalancer: { service: "k3s-lb", senders: ["10.0.0.9"], proxyProtocol: true },
};

/** The same behind a load balancer with a target at a public address. */
export const publicTargets: IngressArgs = {
  ...valuesArgs,
  loadBalancer: { ...valuesArgs.loadBalancer, senders: ["10.0.0.9", "203.0.113.9"] },
};

/** The same in front of which no PROXY protocol is spoken. */
export const withoutProxyProtocol: IngressArgs = {
  ...valuesArgs,
  loadBalancer: { ...valuesArgs.loadBalancer, proxyProtocol: false },
};

/** The same behind a load balancer that looks every 5 s, and gives up after 2 failures of 3 s. */
export const quickCheck: IngressArgs = {
  ...valuesArgs,
  loadBalancer: {
    ...valuesArgs.loadBalancer,
    healthCheck: { intervalSeconds: 5, timeoutSeconds: 3, retries: 2 },
  },
};

/** What the values are when everything in them is known. */
export const resolved = async (values: Record<string, unknown>): Promise<Values> =>
  await value(pulumi.output(values));

/** What is at a dotted path; undefined if nothing is. A key with dots in it is one step in brackets. */
export function at(values: unknown, path: string): unknown {
  const steps = path.match(/\[[^\]]+\]|[^.[\]]+/g) ?? [];
  return steps.reduce<unknown>(
    (inside, step) => (inside as Values | undefined)?.[step.replace(/^\[|\]$/g, "")],
    values,
  );
}
