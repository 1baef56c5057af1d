import { z } from "zod";

import type { Resource } from "./deployment";
import { pathOf, type KubeApi } from "../cluster/kube-api";

/** Where things may have been made. */
export interface Places {
  /** An answer of the Hetzner API, as JSON; undefined when it is 404. */
  readonly hetzner: (path: string) => Promise<unknown>;
  /** The same of the Cloudflare API. */
  readonly cloudflare: (path: string) => Promise<unknown>;
  readonly kube: KubeApi;
  /** Takes away what a half-made Helm release left: its objects and its record. */
  readonly uninstall: (name: string, namespace: string) => Promise<void>;
}

/** The id of the thing in the form in which it is imported; undefined when there is no such thing. */
type Find = (inputs: Inputs, places: Places) => Promise<string | undefined>;
type Inputs = Readonly<Record<string, unknown>>;

/**
 * How to find out whether a thing exists when all that is known is what was asked for: by what makes it unique at its
 * cloud. A type that is not here exists nowhere but in the state (such as a random password), so that nothing is lost
 * by making it again.
 */
const table: readonly {
  readonly type: RegExp;
  readonly find: Find;
  /** Whether an update or a deletion that was cut off blocks the next one until the finder has been there. */
  readonly unblocks?: boolean;
}[] = [
  { type: /^hcloud:index\/loadBalancer:LoadBalancer$/, find: loadBalancer },
  { type: /^hcloud:index\/loadBalancerNetwork:LoadBalancerNetwork$/, find: attachment },
  { type: /^hcloud:index\/loadBalancerService:LoadBalancerService$/, find: service },
  { type: /^hcloud:index\/loadBalancerTarget:LoadBalancerTarget$/, find: target },
  { type: /^hcloud:index\/rdns:Rdns$/, find: reverseDns },
  { type: /^cloudflare:index\/dnsRecord:DnsRecord$/, find: dnsRecord },
  { type: /^kubernetes:helm\.sh\/v3:Release$/, find: release, unblocks: true },
  { type: /^kubernetes:/, find: object },
];

/** Finds the thing that a create of this resource makes. @throws when a cloud does not answer or answers nonsense. */
export async function find(resource: Resource, places: Places): Promise<string | undefined> {
  return table.find(({ type }) => type.test(resource.type))?.find(resource.inputs ?? {}, places);
}

/** Makes a resource fit for its next update, where an update or a deletion that was cut off stands in the way. */
export async function unblock(resource: Resource, places: Places): Promise<void> {
  if (table.find(({ type }) => type.test(resource.type))?.unblocks) await find(resource, places);
}

const text = z.union([z.string(), z.number()]).transform(String);
const balancer = z.looseObject({
  id: z.number(),
  public_net: z.looseObject({
    ipv4: z.looseObject({ ip: z.string().nullish(), dns_ptr: z.string().nullish() }).nullish(),
    ipv6: z.looseObject({ ip: z.string().nullish(), dns_ptr: z.string().nullish() }).nullish(),
  }),
  private_net: z.array(z.looseObject({ network: z.number() })),
  services: z.array(z.looseObject({ listen_port: z.number() })),
  targets: z.array(
    z.looseObject({
      type: z.string(),
      label_selector: z.looseObject({ selector: z.string() }).nullish(),
      server: z.looseObject({ id: z.number() }).nullish(),
      ip: z.looseObject({ ip: z.string() }).nullish(),
    }),
  ),
});

async function byId(id: unknown, { hetzner }: Places) {
  const answer = await hetzner(`/load_balancers/${text.parse(id)}`);
  return answer === undefined
    ? undefined
    : z.looseObject({ load_balancer: balancer }).parse(answer).load_balancer;
}

async function loadBalancer(inputs: Inputs, { hetzner }: Places): Promise<string | undefined> {
  const { name } = z.looseObject({ name: z.string() }).parse(inputs);
  const answer = await hetzner(`/load_balancers?name=${encodeURIComponent(name)}`);
  const [found] = z.looseObject({ load_balancers: z.array(balancer) }).parse(answer).load_balancers;
  return found && String(found.id);
}

async function attachment(inputs: Inputs, places: Places): Promise<string | undefined> {
  const { networkId } = inputs;
  if (networkId === undefined) return undefined;
  const found = await byId(inputs.loadBalancerId, places);
  const attached = found?.private_net.some(({ network }) => network === Number(networkId));
  return attached ? `${found?.id ?? ""}-${text.parse(networkId)}` : undefined;
}

async function service(inputs: Inputs, places: Places): Promise<string | undefined> {
  const port = Number(inputs.listenPort ?? (inputs.protocol === "https" ? 443 : 80));
  const found = await byId(inputs.loadBalancerId, places);
  return found?.services.some(({ listen_port }) => listen_port === port) ? `${found.id}__${port}` : undefined;
}

async function target(inputs: Inputs, places: Places): Promise<string | undefined> {
  const { type, labelSelector, serverId, ip } = inputs;
  const wanted = text.parse(labelSelector ?? serverId ?? ip);
  const found = await byId(inputs.loadBalancerId, places);
  const there = found?.targets.some(
    (one) =>
      one.type === type &&
      [one.label_selector?.selector, one.server?.id, one.ip?.ip].some(
        (identifier) => String(identifier) === wanted,
      ),
  );
  return there ? `${found?.id ?? ""}__${text.parse(type)}__${wanted}` : undefined;
}

async function reverseDns(inputs: Inputs, places: Places): Promise<string | undefined> {
  if (inputs.loadBalancerId === undefined) return undefined;
  const found = await byId(inputs.loadBalancerId, places);
  const { ipv4, ipv6 } = found?.public_net ?? {};
  const set = [ipv4, ipv6].some((one) => one?.ip === inputs.ipAddress && one?.dns_ptr === inputs.dnsPtr);
  return set ? `l-${found?.id ?? ""}-${text.parse(inputs.ipAddress)}` : undefined;
}

async function dnsRecord(inputs: Inputs, { cloudflare }: Places): Promise<string | undefined> {
  const { zoneId, name, type } = z
    .looseObject({ zoneId: z.string(), name: z.string(), type: z.string() })
    .parse(inputs);
  const query = new URLSearchParams({ "name.exact": name, name, type, per_page: "100" }).toString();
  const answer = await cloudflare(`/zones/${zoneId}/dns_records?${query}`);
  const { result } = z
    .looseObject({
      result: z.array(
        z.looseObject({ id: z.string(), name: z.string(), type: z.string(), content: z.string().nullish() }),
      ),
    })
    .parse(answer);
  const same = result.filter((one) => one.name.toLowerCase() === name.toLowerCase() && one.type === type);
  const found =
    inputs.content === undefined
      ? same.find((one) => agrees(inputs.data, (one as Inputs).data))
      : same.find((one) => one.content?.toLowerCase() === String(inputs.content).toLowerCase());
  return found && `${zoneId}/${found.id}`;
}

/** Whether a record has all the data that was asked for; numbers may come back as text. */
function agrees(wanted: unknown, has: unknown): boolean {
  if (typeof wanted !== "object" || wanted === null || typeof has !== "object" || has === null) return false;
  return Object.entries(wanted).every(([key, value]) => String((has as Inputs)[key]) === String(value));
}

const metadata = z.looseObject({ name: z.string(), namespace: z.string().optional() });

async function object(inputs: Inputs, { kube }: Places): Promise<string | undefined> {
  const wanted = z
    .looseObject({ apiVersion: z.string(), kind: z.string(), metadata: metadata.optional() })
    .parse(inputs);
  if (wanted.metadata === undefined) return undefined;
  const path = await pathOf(kube, { ...wanted, ...wanted.metadata });
  const live = path === undefined ? undefined : await kube.get(path);
  if (live === undefined) return undefined;
  const { name, namespace } = z.looseObject({ metadata }).parse(live).metadata;
  return namespace === undefined ? name : `${namespace}/${name}`;
}

const records = z.looseObject({
  items: z.array(
    z.looseObject({
      metadata: z.looseObject({ name: z.string(), labels: z.record(z.string(), z.string()).optional() }),
    }),
  ),
});

/**
 * A release is what its newest record says (Helm keeps one Secret for each revision). One that Helm did not finish
 * cannot be taken up by anybody: a first installation, or what a deletion has left, is taken away; an upgrade loses its
 * unfinished record.
 */
async function release(inputs: Inputs, places: Places): Promise<string | undefined> {
  const { name, namespace = "default" } = z
    .looseObject({ name: z.string(), namespace: z.string().optional() })
    .parse(inputs);
  const revisions = await revisionsOf(name, namespace, places);
  const newest = revisions[0];
  if (newest === undefined) return undefined;
  if (newest.status === "deployed") return `${namespace}/${name}`;
  const earlier = revisions.slice(1).some(({ status }) => status === "deployed" || status === "superseded");
  if (!earlier || newest.status === "uninstalling") {
    await places.uninstall(name, namespace);
    return undefined;
  }
  if (newest.status?.startsWith("pending-")) await places.kube.delete(newest.path);
  return `${namespace}/${name}`;
}

async function revisionsOf(name: string, namespace: string, { kube }: Places) {
  const secrets = `/api/v1/namespaces/${namespace}/secrets`;
  const selector = encodeURIComponent(`owner=helm,name=${name}`);
  const answer = await kube.get(`${secrets}?labelSelector=${selector}`);
  const { items } = records.parse(answer ?? { items: [] });
  return items
    .map((item) => ({
      path: `${secrets}/${item.metadata.name}`,
      status: item.metadata.labels?.status,
      version: Number(item.metadata.labels?.version),
    }))
    .sort((one, other) => other.version - one.version);
}
