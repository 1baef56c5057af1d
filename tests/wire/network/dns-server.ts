import DNS from "dns2";

import type { Inventory } from "../../../sandbox/clouds/client";
import { addresses } from "./network-addresses";

/** A record of the emulated zone, as far as a resolver needs it. */
type ZoneRecord = Inventory["cloudflare"]["dns_records"][number];

/** The records of a name and type. `nxdomain`: the name has no records of any type. */
interface DnsAnswers {
  readonly records: readonly {
    readonly name: string;
    readonly type: "A" | "AAAA" | "CNAME" | "TXT";
    readonly value: string;
  }[];
  readonly nxdomain: boolean;
}

const nothing: DnsAnswers = { records: [], nxdomain: true };

/**
 * Cloudflare's authoritative answer for a name: the edge's address if proxied, else the content. The edge has an IPv4
 * address only.
 */
function resolve(zone: readonly ZoneRecord[], name: string, type: string, depth = 0): DnsAnswers {
  const wanted = name.toLowerCase();
  const named = (each: string) => zone.filter((record) => record.name.toLowerCase() === each);
  const exists = zone.some(({ name }) => `.${name.toLowerCase()}`.endsWith(`.${wanted}`));
  // A wildcard answers for names that do not exist (RFC 4592); here for those one label longer.
  const found = named(exists ? wanted : wanted.replace(/^[^.]+/, "*"));
  if (found.length === 0) return { records: [], nxdomain: !exists };

  if (found.some(({ proxied }) => proxied === true))
    return { nxdomain: false, records: type === "A" ? [{ name, type, value: addresses.edge }] : [] };
  const alias = found.find((record) => record.type === "CNAME");
  if (alias !== undefined && type !== "CNAME" && depth < 8) {
    const target = alias.content ?? "";
    const { records } = resolve(zone, target, type, depth + 1);
    return { nxdomain: false, records: [{ name, type: "CNAME", value: target }, ...records] };
  }
  const records = found.flatMap((record) =>
    record.type === type && isServedType(type) ? [{ name, type, value: record.content ?? "" }] : [],
  );
  return { nxdomain: false, records };
}

const isServedType = (type: string): type is "A" | "AAAA" | "CNAME" | "TXT" =>
  ["A", "AAAA", "CNAME", "TXT"].includes(type);

/** A text of a TXT record, out of the quoted strings in which it is written. */
const parseTxtStrings = (content: string): string[] => {
  const quoted = Array.from(content.matchAll(/"((?:[^"\\]|\\.)*)"/g), ([, text = ""]) =>
    text.replace(/\\(.)/g, "$1"),
  );
  return quoted.length > 0 ? quoted : [content];
};

export interface DnsServerOptions {
  /** The zone's name. */
  readonly zone: string;
  /** Its records now. */
  readonly records: () => Promise<readonly ZoneRecord[]>;
  /** Hosts outside of the zone, to their address. */
  readonly hosts: Readonly<Record<string, string>>;
  /** The address of a Service, for the names of Services in the cluster. */
  readonly findService: (name: string, namespace: string) => Promise<string | undefined>;
  /** Where it answers, UDP and TCP, on port 53. */
  readonly addresses: readonly string[];
}

/** A real DNS server, for this machine's resolver as well as for whoever asks a public one by its address. */
export async function serveDns(options: DnsServerOptions): Promise<void> {
  const handle: DNS.DnsHandler = (request, send) => {
    void answer(request, options).then(send);
  };
  await Promise.all(
    options.addresses.map(async (address) => {
      const at = { address, port: 53 };
      await DNS.createServer({ udp: true, tcp: true, handle }).listen({ udp: at, tcp: at });
    }),
  );
}

async function answer(
  request: DNS.Packet,
  { zone, records, hosts, findService }: DnsServerOptions,
): Promise<DNS.Packet> {
  const { Packet } = DNS;
  const response = Packet.createResponseFromRequest(request);
  response.header.ra = 1;
  const [question] = request.questions;
  if (question === undefined) return response;
  const name = question.name.replace(/\.$/, "").toLowerCase();
  const type = Object.entries(Packet.TYPE).find(([, number]) => number === question.type)?.[0] ?? "";

  const [, service, namespace] = /^([^.]+)\.([^.]+)\.svc\.cluster\.local$/.exec(name) ?? [];
  const host =
    service !== undefined && namespace !== undefined ? await findService(service, namespace) : hosts[name];
  if (host !== undefined) {
    if (type === "A") response.answers.push(resource(question.name, "A", host));
    return response;
  }
  const soa = Object.assign(new Packet.Resource(zone, Packet.TYPE.SOA, Packet.CLASS.IN, 60), {
    primary: `ns.${zone}`,
    admin: `dns.${zone}`,
    serial: 1,
    refresh: 60,
    retry: 60,
    expiration: 60,
    minimum: 1,
  });
  if (name === zone && type === "SOA") {
    response.answers.push(soa);
    return response;
  }
  const isInside = name === zone || name.endsWith(`.${zone}`);
  const found = isInside ? resolve(await records(), name, type) : nothing;
  response.answers.push(...found.records.map((each) => resource(each.name, each.type, each.value)));
  if (isInside && found.records.length === 0) response.authorities.push(soa);
  if (found.nxdomain && name !== zone) response.header.rcode = Packet.RCODE.NXDOMAIN;
  return response;
}

function resource(
  name: string,
  type: DnsAnswers["records"][number]["type"],
  value: string,
): DNS.Packet.Resource {
  const { Packet } = DNS;
  const common = new Packet.Resource(name, Packet.TYPE[type], Packet.CLASS.IN, 1);
  if (type === "TXT") return Object.assign(common, { data: parseTxtStrings(value) });
  return Object.assign(common, type === "CNAME" ? { domain: value } : { address: value });
}
