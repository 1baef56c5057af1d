import { toFqdn, type DnsRecordSpec } from "../components/cloudflare/dns-record";
import type { Fault } from "./faults";
import { routedHosts, saidRecords, type ZoneSource } from "./zone-records";

/** Faults of records that share a name with each other, or with a routed host. */
export function nameFaults(source: ZoneSource): Fault[] {
  const records = saidRecords(source.dns);
  const before = new Map<string, number[]>();
  const among = records.flatMap((record, index) => {
    const others = before.get(record.name) ?? [];
    const faults = others.flatMap((at): Fault[] => {
      const other = records[at];
      const fqdn = toFqdn(record.name, source.dns.zone);
      const problem = other && besideFault(record, other, `dns.records.${at}`, fqdn);
      return problem === undefined ? [] : [{ path: `dns.records.${index}`, problem }];
    });
    before.set(record.name, [...others, index]);
    return faults;
  });
  return [...among, ...routedFaults(source, records)];
}

const isBalancer = (spec: DnsRecordSpec): boolean => spec.type === "A" && spec.content === undefined;

/** Why a record cannot stand beside another of its name. */
function besideFault(
  record: DnsRecordSpec,
  other: DnsRecordSpec,
  path: string,
  at: string,
): string | undefined {
  const { type } = record;
  if ((type === "CNAME") !== (other.type === "CNAME"))
    return `a CNAME at ${at} cannot stand beside ${path}, want one or the other`;
  if ([record, other].some(isBalancer) && [type, other.type].includes("AAAA"))
    return `an A without content at ${at} holds the load balancer's AAAA too, want no AAAA beside it (${path})`;
  if (type !== other.type) return undefined;
  if (type === "CNAME") return `is a second CNAME at ${at} beside ${path}, want one`;
  const [value, ofOther] = [valueOf(record), valueOf(other)];
  if (value === ofOther) {
    const what = type === "TXT" ? "the same text" : value;
    return `is a second ${type} of ${what} at ${at} beside ${path}, want one`;
  }
  return isLabelled(record) && isLabelled(other) && record.label === other.label
    ? `is a second ${type} at ${at}, want a \`label\` that tells it from ${path}`
    : undefined;
}

type Labelled = Extract<DnsRecordSpec, { readonly label?: string | undefined }>;

/** What may stand several times at one name, told apart by nothing but its label. */
const isLabelled = (spec: DnsRecordSpec): spec is Labelled => ["A", "AAAA", "TXT"].includes(spec.type);

/** What two records of one name and type may not have in common. */
function valueOf(spec: DnsRecordSpec): string {
  switch (spec.type) {
    case "A":
      return spec.content ?? "the load balancer";
    case "CAA":
      return `${spec.tag} ${spec.value}`;
    case "SRV":
      return `${spec.target}:${spec.port}`;
    default:
      return spec.content;
  }
}

/** Addresses that would lead visitors of a routed host past the load balancer. */
function routedFaults(source: ZoneSource, records: readonly DnsRecordSpec[]): Fault[] {
  const faults = new Map<string, Fault>();
  for (const { host, dns, said } of routedHosts(source)) {
    if (dns !== "pulumi" || said === undefined) continue;
    for (const [index, spec] of records.entries()) {
      const path = `dns.records.${index}`;
      if (spec.name !== said.name || faults.has(path)) continue;
      if ((spec.type !== "A" && spec.type !== "AAAA") || spec.content === undefined) continue;
      const problem = `got ${spec.type} ${spec.content} where ${host} is routed, want an A without content: routes lead to the load balancer`;
      faults.set(path, { path, problem });
    }
  }
  return [...faults.values()];
}
