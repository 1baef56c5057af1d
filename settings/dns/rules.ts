import { recordKeySuffix, toFqdn, type DnsRecordSpec } from "../../components/cloudflare/dns-record";
import type { ConfigError } from "../config-error";
import { rule, type Rule } from "../rule";
import type { Config } from "../schema";
import { isCovered, isWithin, toRecordName } from "../zone";

type Dns = Config["dns"];

/** Rules about `dns` alone. Those about what the zone's plan can do are in ../rules/plan-limits.ts. */
export const dnsRules: readonly Rule[] = [
  rule(["dns"], ({ dns }) => findDomainErrors(dns)),
  rule(["dns"], ({ dns }) => dns.records.flatMap((record, index) => findRecordErrors(record, index, dns))),
  rule(["dns", "zone"], ({ dns, zone }) => findConflicts(zone.configured, dns.zone)),
  rule(["dns"], ({ dns }) => findCaaErrors(dns)),
];

function findDomainErrors({ domain, zone }: Dns): ConfigError[] {
  if (domain === undefined || isWithin(domain, zone)) return [];
  return [{ path: "dns.domain", message: `got ${domain}, want ${zone} or a name in it` }];
}

function findRecordErrors(record: Dns["records"][number], index: number, dns: Dns): ConfigError[] {
  const { name, type, ttl } = record;
  const { zone } = dns;
  const path = `dns.records.${index}`;
  const errors: ConfigError[] = [];
  const add = (at: string, message: string) => errors.push({ path: at, message });

  if (isWithin(name, zone))
    add(`${path}.name`, `got ${name}, want it relative to the zone: ${toRecordName(name, zone)}`);
  const isProxiable = type === "A" || type === "AAAA" || type === "CNAME";
  const proxied = record.proxied ?? (isProxiable && dns.proxied);
  if (proxied && !isProxiable)
    add(`${path}.proxied`, `got true, but ${type} cannot be proxied: only A, AAAA and CNAME can`);
  else if (proxied && ttl !== undefined)
    add(path, `got ttl ${ttl} on a proxied record, want no ttl (Cloudflare decides) or proxied: false`);
  if (type === "NS" && name === "@")
    add(`${path}.name`, `got @, want a name below ${zone}: the zone's own name servers are Cloudflare's`);
  if (type === "MX" && record.content === "." && record.priority !== 0)
    add(`${path}.priority`, `got ${record.priority} with content ., want 0 (RFC 7505)`);
  if (type === "CNAME" && record.content === toFqdn(name, zone))
    add(`${path}.content`, `got ${record.content}, want a name other than its own`);
  if (proxied && isProxiable && !isWithin(name, zone) && !isCovered(toFqdn(name, zone), dns))
    add(path, describeNotCovered(toFqdn(name, zone), zone));
  return errors;
}

/** Why browsers would reject the certificate of a proxied name. */
export const describeNotCovered = (name: string, zone: string): string =>
  `got ${name} proxied, but Cloudflare's Universal SSL covers ${zone} and *.${zone} only; ` +
  `want proxied: false, a name directly below ${zone}, or one of dns.edgeCertificates`;

function findCaaErrors({ caa = [], zone, records }: Dns): ConfigError[] {
  const alias = records.findIndex(({ type, name }) => type === "CNAME" && name === "@");
  if (caa.length === 0 || alias < 0) return [];
  const message = `a CNAME at ${zone} (dns.records.${alias}) cannot be combined with CAA records, want caa: []`;
  return [{ path: "dns.caa", message }];
}

/** Records that cannot be at one name together. */
const findConflicts = (records: readonly DnsRecordSpec[], zone: string): ConfigError[] =>
  records.flatMap((record, index) =>
    records.slice(0, index).flatMap((other, at): ConfigError[] => {
      const message = other.name === record.name ? describeConflict(record, other, at, zone) : undefined;
      return message === undefined ? [] : [{ path: `dns.records.${index}`, message }];
    }),
  );

/** Why a record conflicts with an earlier one of its name; undefined if it does not. */
function describeConflict(
  record: DnsRecordSpec,
  other: DnsRecordSpec,
  index: number,
  zone: string,
): string | undefined {
  const { type } = record;
  const name = toFqdn(record.name, zone);
  const path = `dns.records.${index}`;
  if ((type === "CNAME") !== (other.type === "CNAME"))
    return `a CNAME at ${name} cannot be combined with ${path}, want one of the two`;
  if ([record, other].some(isLoadBalancer) && [type, other.type].includes("AAAA"))
    return `an A without content at ${name} stands for the load balancer's AAAA too, want no AAAA beside it (${path})`;
  if (record.name !== "@" && (type === "NS") !== (other.type === "NS"))
    return `a delegation (NS) of ${name} cannot be combined with ${path}, want one of the two: the name servers answer for ${name}`;
  if (type !== other.type) return undefined;
  if (type === "MX" && [record, other].some((each) => each.type === "MX" && each.content === "."))
    return `an MX without mail (.) at ${name} cannot be combined with ${path}, want one of the two`;
  if (type === "CNAME") return `is a second CNAME at ${name} beside ${path}, want one`;
  const value = describeValue(record);
  if (value === describeValue(other)) {
    const what = type === "TXT" ? "the same text" : value;
    return `is a second ${type} of ${what} at ${name} beside ${path}, want one`;
  }
  return recordKeySuffix(record) === recordKeySuffix(other)
    ? `is a second ${type} at ${name}, want a \`label\` that distinguishes it from ${path}`
    : undefined;
}

const isLoadBalancer = (spec: DnsRecordSpec): boolean => spec.type === "A" && spec.content === undefined;

/** The value that two records of one name and type must not share. */
function describeValue(spec: DnsRecordSpec): string {
  switch (spec.type) {
    case "A":
      return spec.content ?? "the load balancer";
    case "CAA":
      return `${spec.tag} ${spec.value}`;
    case "SRV":
      return `${spec.target}:${spec.port}`;
    case "AAAA":
    case "CNAME":
    case "TXT":
    case "MX":
    case "NS":
      return spec.content;
    case "HTTPS":
      return `${spec.priority} ${spec.target}`;
  }
}
