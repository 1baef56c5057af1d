import * as pulumi from "@pulumi/pulumi";

import type { IngressArgs } from "../../../components/ingress/ingress-args";
import { value, type Values } from "../../harness";

/** Cloudflare's ranges in the tests. */
export const edgeCidrs = ["173.245.48.0/20", "2400:cb00::/32"];

/** The required arguments of any controller. */
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
  trustedCidrs: pulumi.output(edgeCidrs),
  traefikVersion: "v3.7.13",
  defaultCertificate: "wildcard-tls",
  routesFrom: ["production"],
} as const satisfies IngressArgs;

/** The same, behind a load balancer that is created for a Service. */
export const behindService: IngressArgs = {
  ...valuesArgs,
  loadBalancer: { service: "k3s-lb", senders: ["10.0.0.9"], proxyProtocol: true },
};

/** The same, behind a load balancer with a target at a public address. */
export const publicTargets: IngressArgs = {
  ...valuesArgs,
  loadBalancer: { ...valuesArgs.loadBalancer, senders: ["10.0.0.9", "203.0.113.9"] },
};

/** The same, without PROXY protocol. */
export const withoutProxyProtocol: IngressArgs = {
  ...valuesArgs,
  loadBalancer: { ...valuesArgs.loadBalancer, proxyProtocol: false },
};

/** Resolves all outputs in the values. */
export const resolved = async (values: Record<string, unknown>): Promise<Values> =>
  await value(pulumi.output(values));

/** The value at a dotted path; undefined if there is none. A key that contains dots is in brackets. */
export function at(values: unknown, path: string): unknown {
  const steps = path.match(/\[[^\]]+\]|[^.[\]]+/g) ?? [];
  return steps.reduce<unknown>(
    (inside, step) => (inside as Values | undefined)?.[step.replace(/^\[|\]$/g, "")],
    values,
  );
}
