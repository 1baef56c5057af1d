import { z } from "zod";

import type { Inventory } from "./clouds/client";
import { findIds, parseResourceName, type Deployment } from "./engine/deployment";

/** Inputs of a summary. */
export interface SummaryInput {
  /** The stack's outputs, secrets masked. */
  readonly outputs: Readonly<Record<string, unknown>>;
  /** The content of the emulated clouds. */
  readonly inventory: Inventory;
  readonly state: Deployment | undefined;
  /** Whether to use colors. */
  readonly color: boolean;
}

export interface Summary {
  readonly text: string;
  /** Whether every address in DNS is one of the load balancer's, apart from those in the settings. */
  readonly isSound: boolean;
}

const route = z.looseObject({
  url: z.string(),
  app: z.string(),
  port: z.number().optional(),
  proxied: z.boolean().optional(),
});
type Route = z.infer<typeof route>;
type LoadBalancer = Inventory["hetzner"]["load_balancers"][number];
type DnsRecord = Inventory["cloudflare"]["dns_records"][number];

/** The path of a packet as deployed, and whether DNS resolves to the load balancer. */
export function summarize({ outputs, inventory, state, color }: SummaryInput): Summary {
  const balancers = findIds(state, "hcloud:index/loadBalancer:LoadBalancer");
  // The cloud controller manager's is in no state; the Service of its name is.
  const services = findIds(state, "kubernetes:core/v1:Service").map((id) => id.split("/").at(-1));
  const balancer = inventory.hetzner.load_balancers.find(
    ({ id, name }) => balancers.includes(String(id)) || services.includes(name),
  );
  const records = inventory.cloudflare.dns_records.filter(({ id }) =>
    findIds(state, "cloudflare:index/dnsRecord:DnsRecord").includes(id),
  );
  const check = checkAddresses(records.filter(isComputedRecord(state)), balancer);
  const paint = (code: number, text: string) => (color ? `\u001b[${code}m${text}\u001b[0m` : text);
  const path = balancer ? ["The path:", ...pathLines(records, balancer, outputs, state), ""] : [];
  const lines = [...path, paint(check.isSound ? 32 : 31, check.text)];
  return { text: lines.join("\n"), isSound: check.isSound };
}

/** `routes` of the outputs; none when the program exports them in another form. */
function parseRoutes(outputs: Readonly<Record<string, unknown>>): readonly Route[] {
  const routes = z.array(route).safeParse(outputs.routes);
  return routes.success ? routes.data : [];
}

/** The Service of each app, from its URL in `services` of the outputs: `http://<service>.<namespace>.svc.cluster.local:80`. */
function parseServices(outputs: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> {
  const { data = {} } = z.record(z.string(), z.string()).safeParse(outputs.services);
  return new Map(
    Object.entries(data).map(([app, url]) => [app, /^\w+:\/\/([^.]+)\./.exec(url)?.[1] ?? app] as const),
  );
}

function pathLines(
  records: readonly DnsRecord[],
  balancer: LoadBalancer,
  outputs: Readonly<Record<string, unknown>>,
  state: Deployment | undefined,
): readonly string[] {
  const [routes, services] = [parseRoutes(outputs), parseServices(outputs)];
  const names = new Map<string, boolean>();
  for (const { name, type, proxied } of records)
    if (["A", "AAAA", "CNAME"].includes(type)) names.set(name, proxied === true);
  const width = Math.max(0, ...[...names.keys()].map((name) => name.length));
  const listeners = balancer.services.toSorted((one, other) => one.listen_port - other.listen_port);
  const ports = listeners.map((one) => `${one.listen_port} -> node port ${one.destination_port}`);
  const addresses = [balancer.public_net.ipv4?.ip, balancer.public_net.ipv6?.ip].filter((ip) => ip);

  return [
    "user",
    "  |",
    "Cloudflare",
    ...[...names].map(([name, proxied]) => `  ${name.padEnd(width)}  ${proxied ? "proxied" : "DNS only"}`),
    "  |",
    `Hetzner load balancer ${balancer.name}: ${addresses.join(", ")}`,
    ...ports.map((port) => `  ${port}`),
    "  |",
    "Ingress controller",
    ...routeLines(routes, services, readReplicas(state)),
  ].map((line) => `  ${line}`);
}

function routeLines(
  routes: readonly Route[],
  services: ReadonlyMap<string, string>,
  replicas: ReadonlyMap<string, number>,
): readonly string[] {
  const width = Math.max(0, ...routes.map(({ url }) => url.length));
  return routes.map(({ url, app, port }) => {
    const count = replicas.get(app);
    const pods = count === undefined ? "" : ` -> ${count} ${count === 1 ? "pod" : "pods"}`;
    return `  ${url.padEnd(width)} -> Service ${services.get(app) ?? app}${pods}${port === undefined ? "" : ` :${port}`}`;
  });
}

const deploymentInputs = z.looseObject({
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({ replicas: z.number() }),
});

/** Replicas of each Deployment in the state. */
function readReplicas(state: Deployment | undefined): ReadonlyMap<string, number> {
  const counts = (state?.resources ?? [])
    .filter(({ type }) => type === "kubernetes:apps/v1:Deployment")
    .flatMap(({ inputs, urn }) => {
      const parsed = deploymentInputs.safeParse(inputs);
      if (!parsed.success) return [];
      const { metadata, spec } = parsed.data;
      return [[metadata.name, spec.replicas] as const, [parseResourceName(urn), spec.replicas] as const];
    });
  return new Map(counts);
}

const dnsRecord = z.looseObject({
  id: z.string(),
  propertyDependencies: z.looseObject({ content: z.array(z.string()).nullish() }),
});

/** Whether a record's content comes from another resource, not from the settings. */
function isComputedRecord(state: Deployment | undefined): (record: DnsRecord) => boolean {
  const fixed = (state?.resources ?? []).flatMap((resource) => {
    const { data } = dnsRecord.safeParse(resource);
    return data?.propertyDependencies.content?.length === 0 ? [data.id] : [];
  });
  return ({ id }) => !fixed.includes(id);
}

/** Compares the zone's addresses with the load balancer's. */
function checkAddresses(
  records: readonly DnsRecord[],
  balancer: LoadBalancer | undefined,
): { readonly isSound: boolean; readonly text: string } {
  const ofType = (type: string) => records.filter((record) => record.type === type);
  const [v4, v6] = [ofType("A"), ofType("AAAA")];
  if (v4.length + v6.length === 0) return { isSound: true, text: "This stack has no address in DNS." };
  if (balancer === undefined)
    return {
      isSound: false,
      text: `DNS has ${v4.length + v6.length} address(es), but there is no load balancer.`,
    };

  const { ipv4, ipv6 } = balancer.public_net;
  const wrong = [
    ...v4.filter(({ content }) => content !== ipv4?.ip),
    ...v6.filter(({ content }) => content !== ipv6?.ip),
  ];
  if (wrong.length === 0)
    return {
      isSound: true,
      text:
        `Every A record (${v4.length}) equals the load balancer's address ${ipv4?.ip ?? ""}` +
        (v6.length === 0 ? "." : `, every AAAA record (${v6.length}) ${ipv6?.ip ?? ""}.`),
    };
  return {
    isSound: false,
    text: [
      `Not every address in DNS is the load balancer's (${ipv4?.ip ?? "none"}, ${ipv6?.ip ?? "none"}):`,
      ...wrong.map(({ name, type, content }) => `  ${name} ${type} ${content ?? ""}`),
    ].join("\n"),
  };
}
