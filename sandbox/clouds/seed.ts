import { createHash } from "node:crypto";
import { domainToASCII } from "node:url";

import { z } from "zod";

/** The content of the user's accounts before the program runs. */
export interface Seed {
  readonly hetzner: {
    readonly networks: readonly { id: number; name: string; ip_range: string; network_zone: string }[];
    readonly servers: readonly {
      id: number;
      name: string;
      labels: Record<string, string>;
      network: number;
      firewalls: readonly number[];
    }[];
    /** Addresses that no server may get: the program means to use them. */
    readonly kept_ips?: readonly string[];
    /** Addresses outside the cloud that the account's owner has. */
    readonly robot_ips?: readonly string[];
  };
  /** Without `plan` a zone stays on the plan it is on, Free at first. */
  readonly cloudflare: { readonly zones: readonly { id: string; name: string; plan?: string }[] };
}

const zonesOfLocations: Readonly<Record<string, string>> = {
  ash: "us-east",
  hil: "us-west",
  sin: "ap-southeast",
};

const config = z.object({
  loadBalancer: z
    .looseObject({
      /** With the cloud controller manager no setting names it. */
      networkId: z.int().default(4711),
      privateIp: z.ipv4().optional(),
      labelSelector: z.string().optional(),
      servers: z.array(z.int().positive()).default([]),
      ips: z.array(z.union([z.ipv4(), z.ipv6()])).default([]),
      location: z.string().optional(),
      networkZone: z.string().optional(),
    })
    .optional()
    .catch(undefined),
  cluster: z
    .looseObject({ nodeCidr: z.cidrv4(), nodes: z.int().positive().max(100) })
    .optional()
    .catch(undefined),
  dns: z
    .looseObject({
      zone: z
        .string()
        .overwrite(domainToASCII)
        .regex(/^([a-z0-9-]+\.)+[a-z0-9-]+$/),
      zoneId: z.string().regex(/^[0-9a-f]{32}$/),
      plan: z.enum(["free", "pro", "business", "enterprise"]).optional(),
    })
    .optional()
    .catch(undefined),
  ownsZone: z.boolean().optional().catch(undefined),
});

/**
 * The content of the accounts that a stack's config refers to: its private network, nodes with
 * the selected labels, and the zone. Missing or invalid config is skipped: the program reports it.
 *
 * @param namespace of the config's keys, as in `<namespace>:dns`.
 */
export function toSeed(
  stack: string,
  userConfig: Readonly<Record<string, unknown>>,
  namespace: string,
): Seed {
  const of = (key: string) => userConfig[`${namespace}:${key}`];
  const { loadBalancer, cluster, dns, ownsZone } = config.parse({
    loadBalancer: of("loadBalancer"),
    cluster: of("cluster"),
    dns: of("dns"),
    ownsZone: of("ownsZone"),
  });
  const network = loadBalancer &&
    cluster && {
      id: loadBalancer.networkId,
      name: `k3s-${stack}`,
      ip_range: cluster.nodeCidr,
      network_zone: loadBalancer.networkZone ?? zonesOfLocations[loadBalancer.location ?? ""] ?? "eu-central",
    };
  // Stacks share a zone: one that does not own it does not change its plan.
  const plan = dns?.plan ?? (ownsZone === true ? "free" : undefined);
  const zones = dns ? [{ id: dns.zoneId, name: dns.zone, ...(plan !== undefined && { plan }) }] : [];
  if (loadBalancer === undefined || cluster === undefined || network === undefined)
    return { hetzner: { networks: [], servers: [] }, cloudflare: { zones } };
  const { privateIp, ips } = loadBalancer;
  return {
    hetzner: {
      networks: [network],
      servers: toServers(stack, loadBalancer, cluster.nodes),
      ...(privateIp !== undefined && { kept_ips: [privateIp] }),
      ...(ips.length > 0 && { robot_ips: ips }),
    },
    cloudflare: { zones },
  };
}

type Balancer = NonNullable<z.infer<typeof config>["loadBalancer"]>;
type Server = Seed["hetzner"]["servers"][number];

/** The ID of the firewall of every server. */
const firewall = 900;

/** A server for each node of the cluster, with the labels that the load balancer selects, and the servers listed by id. */
function toServers(
  stack: string,
  { networkId: network, labelSelector, servers }: Balancer,
  nodes: number,
): readonly Server[] {
  const labels = labelSelector === undefined ? {} : labelsMatching(labelSelector);
  const common = { network, firewalls: [firewall] };
  return [
    ...toNodes(stack, nodes).map((node) => ({ ...node, labels, ...common })),
    ...servers.map((id) => ({ id, name: `${stack}-server-${id}`, labels: {}, ...common })),
  ];
}

/** The servers that are a stack's nodes, the same in every run. */
function toNodes(stack: string, nodes: number): readonly { readonly id: number; readonly name: string }[] {
  const first = firstServerId(stack);
  return Array.from({ length: nodes }, (_, index) => ({ id: first + index, name: `${stack}-${index + 1}` }));
}

/**
 * The nodes of a stack's cluster by the setting `cluster`. Default: one. Invalid settings are for the program to report.
 */
export const clusterNodes = (stack: string, cluster: unknown): ReturnType<typeof toNodes> =>
  toNodes(stack, config.parse({ cluster }).cluster?.nodes ?? 1);

/** The labels of a selector such as `cluster=dev,role=worker`. */
function labelsMatching(selector: string): Record<string, string> {
  const terms = selector.split(",").map((term) => term.split("="));
  return Object.fromEntries(terms.map(([key = "", value = ""]) => [key, value] as const));
}

/** Far apart for each stack, and the same in every run. */
function firstServerId(stack: string): number {
  return 1000 + (createHash("sha256").update(stack).digest().readUInt16BE(0) % 900) * 100;
}
