import { isIPv6 } from "node:net";

import { z } from "zod";

import type { Inventory } from "./clouds/client";
import { findIds, parseResourceName, type Deployment } from "./engine/deployment";

/** Inputs of a summary. */
export interface SummaryInput {
  readonly stack: string;
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

/** The stack's outputs, the path of a packet as deployed, and whether DNS resolves to the load balancer. */
export function summarize({ stack, outputs, inventory, state, color }: SummaryInput): Summary {
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
  const lines = [
    ...section(`Outputs of the stack ${stack}`, outputLines(outputs)),
    ...section("The path", pathLines(records, balancer, outputs, state)),
    paint(check.isSound ? 32 : 31, check.text),
  ];
  return { text: lines.join("\n"), isSound: check.isSound };
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${line}`), ""];
}

function outputLines(outputs: Readonly<Record<string, unknown>>): readonly string[] {
  const width = Math.max(0, ...Object.keys(outputs).map((key) => key.length));
  const isEmpty = (value: unknown) =>
    typeof value === "object" && value !== null && Object.keys(value).length === 0;
  const shown = Object.entries(outputs).filter(([, value]) => !isEmpty(value));
  return shown.flatMap(([key, value]) => {
    const [first = "", ...rest] = valueLines(value);
    return [`${key.padEnd(width)}  ${first}`, ...rest.map((line) => `${" ".repeat(width)}  ${line}`)];
  });
}

/** A list has a line for each of its objects, a large object one for each key; anything else is one line. */
function valueLines(value: unknown): readonly string[] {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    const entries = Object.entries(value);
    return entries.length > 3
      ? entries.map((entry) => compact(Object.fromEntries([entry])))
      : [compact(value)];
  }
  if (!Array.isArray(value)) return [compact(value)];
  const isList = value.some((item) => typeof item === "object" && item !== null);
  return isList && value.length > 0 ? value.map(compact) : [value.map(compact).join(", ")];
}

function compact(value: unknown): string {
  if (typeof value === "string") return firstLine(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(compact).join(", ")}]`;
  const isObject = (item: unknown) => typeof item === "object" && item !== null && !Array.isArray(item);
  return Object.entries(value)
    .map(([key, item]) => `${key}: ${isObject(item) ? `{${compact(item)}}` : compact(item)}`)
    .join(", ");
}

/** Shortens a text such as a certificate to one line. */
function firstLine(text: string): string {
  const [first = "", ...rest] = text.trimEnd().split("\n");
  return rest.length === 0 ? first : `${first} ... (${rest.length + 1} lines)`;
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
  balancer: LoadBalancer | undefined,
  outputs: Readonly<Record<string, unknown>>,
  state: Deployment | undefined,
): readonly string[] {
  if (balancer === undefined) return [];
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
  ];
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
    ...v6.filter(({ content }) => !sameIPv6(content, ipv6?.ip)),
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

function sameIPv6(one: string | null | undefined, other: string | null | undefined): boolean {
  const canonical = (ip: string | null | undefined) =>
    ip && isIPv6(ip) ? new URL(`http://[${ip}]`).hostname : undefined;
  return canonical(one) !== undefined && canonical(one) === canonical(other);
}
