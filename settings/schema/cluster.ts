import { z } from "zod";

import { because, label, port } from "./names";

const ipv4Range = (ipv6: string) =>
  z
    .string()
    .refine(
      (text) => rangeOf(text) !== undefined,
      because("an IPv4 range whose address is its first one, such as 10.0.0.0/16", [[/:/, ipv6]]),
    );

/** An IPv4 range of a private network at Hetzner, whose address is the first of the range. */
export const cidr = ipv4Range("an IPv4 range: Hetzner's private networks have no IPv6");

/** Likewise, of pods or Services. */
export const podRange = ipv4Range(
  "one IPv4 range: pods and Services have IPv4 addresses only here (Limits in README.md)",
);

/** The first and last address of `a.b.c.d/n` as numbers; undefined if it is no such range. */
export function rangeOf(text: string): { readonly first: number; readonly last: number } | undefined {
  const [, address = "", bits = ""] = /^(\d+\.\d+\.\d+\.\d+)\/(\d{1,2})$/.exec(text) ?? [];
  const octets = address.split(".").map(Number);
  if (octets.length !== 4 || octets.some((octet) => octet > 255) || Number(bits) > 32) return undefined;
  const first = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  const size = 2 ** (32 - Number(bits));
  return first % size === 0 ? { first, last: first + size - 1 } : undefined;
}

/** Whether two ranges have an address in common. */
export function overlap(one: string, other: string): boolean {
  const [a, b] = [rangeOf(one), rangeOf(other)];
  return a !== undefined && b !== undefined && a.first <= b.last && b.first <= a.last;
}

export const cluster = z.strictObject({
  /** A name for this cluster that never changes: it tells Pulumi that a new address is not a new cluster. */
  identifier: label,
  /** How many nodes it has; three or more make every controller run in more than one copy. */
  nodes: z.int().min(1),
  /** The private network of the nodes. */
  nodeCidr: cidr,
  /** As k3s was started with. */
  podCidr: podRange.default("10.42.0.0/16"),
  serviceCidr: podRange.default("10.43.0.0/16"),
  /** Where each node reaches the API server without kube-proxy. */
  apiServer: z
    .strictObject({ host: z.string().min(1).default("127.0.0.1"), port: port.default(6444) })
    .prefault({}),
});
