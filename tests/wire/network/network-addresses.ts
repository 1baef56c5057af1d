import { edgeRanges } from "../../../sandbox/clouds/cloudflare/addresses";

/** Who has which address in the wire's network. All of them lead to the one machine, and none of them out of it. */
export const addresses = {
  /** Where Cloudflare's edge answers for every proxied name. */
  edge: "104.16.0.1",
  /** From where the edge asks the origin. */
  edgeOut: "172.64.0.7",
  /** Of somebody else's server, neither Cloudflare's nor a browser's. */
  stranger: "192.0.2.200",
  /** The resolver of this machine. */
  resolver: "127.0.0.53",
  /** The public resolvers that cert-manager uses. */
  publicResolvers: ["1.1.1.1", "1.0.0.1"],
  /** Where hosts of others answer, such as api.cloudflare.com. */
  others: "127.0.0.80",
  acme: "127.0.0.81",
} as const;

/** A browser's address: the n-th, 1 to 150. */
export const browser = (n: number): string => `192.0.2.${n + 10}`;

/** Where a node's pod of a controller listens. */
export const podAddress = (node: number, slot = 10): string => `10.42.${node}.${slot}`;

/** Ranges that this machine answers for, whole, so that a Service has its address as soon as it has been given one. */
export const localRanges: readonly string[] = [
  "10.0.0.0/8", // nodes, pods and Services
  "192.0.2.0/24", // browsers
  "198.51.100.0/24", // load balancers
  "203.0.113.0/24",
  ...addresses.publicResolvers.map((address) => `${address}/32`),
  ...edgeRanges.ipv4_cidrs,
];
