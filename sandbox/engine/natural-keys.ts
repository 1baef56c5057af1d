import type { Resource } from "./deployment";
import * as cloudflare from "./natural-keys/cloudflare";
import type { Find, Places } from "./natural-keys/finder";
import * as hetzner from "./natural-keys/hetzner";
import * as kubernetes from "./natural-keys/kubernetes";

export type { Places } from "./natural-keys/finder";

/**
 * How to find out whether a thing exists when all that is known is what was asked for: by what makes it unique at its
 * cloud. For a type that is not here nothing is lost by making it again: it exists nowhere but in the state, such as a
 * random password, or it is a setting of a zone, which always exists, and making it says the same once more.
 */
const table: readonly {
  readonly type: RegExp;
  readonly find: Find;
  /** Whether an update or a deletion that was cut off blocks the next one until the finder has been there. */
  readonly unblocks?: boolean;
}[] = [
  { type: /^hcloud:index\/loadBalancer:LoadBalancer$/, find: hetzner.loadBalancer },
  { type: /^hcloud:index\/loadBalancerNetwork:LoadBalancerNetwork$/, find: hetzner.attachment },
  { type: /^hcloud:index\/loadBalancerService:LoadBalancerService$/, find: hetzner.service },
  { type: /^hcloud:index\/loadBalancerTarget:LoadBalancerTarget$/, find: hetzner.target },
  { type: /^hcloud:index\/rdns:Rdns$/, find: hetzner.reverseDns },
  { type: /^cloudflare:index\/dnsRecord:DnsRecord$/, find: cloudflare.dnsRecord },
  { type: /^cloudflare:index\/zoneDnssec:ZoneDnssec$/, find: cloudflare.dnssec },
  { type: /^cloudflare:index\/ruleset:Ruleset$/, find: cloudflare.ruleset },
  { type: /:AuthenticatedOriginPullsCertificate$/, find: cloudflare.originPullsCertificate },
  { type: /^cloudflare:index\/apiToken:ApiToken$/, find: cloudflare.apiToken },
  { type: /^kubernetes:helm\.sh\/v3:Release$/, find: kubernetes.release, unblocks: true },
  { type: /^kubernetes:/, find: kubernetes.object },
];

/** Finds the thing that a create of this resource makes. @throws when a cloud does not answer or answers nonsense. */
export async function find(resource: Resource, places: Places): Promise<string | undefined> {
  return table.find(({ type }) => type.test(resource.type))?.find(resource.inputs ?? {}, places);
}

/** Makes a resource fit for its next update, where an update or a deletion that was cut off stands in the way. */
export async function unblock(resource: Resource, places: Places): Promise<void> {
  if (table.find(({ type }) => type.test(resource.type))?.unblocks) await find(resource, places);
}
