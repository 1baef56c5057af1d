import { toFqdn } from "../components/cloudflare/dns-record";
import type { Readable } from "./cross-faults";
import type { Fault } from "./faults";
import { planLimits } from "./plan-limits";
import { nameFaults } from "./record-name-faults";
import type { Config } from "./schema";
import { countOf, isCovered, isWithin, relative, zoneRecords } from "./zone-records";

/** Faults of the zone's names and records. */
export function dnsFaults(config: Readable): Fault[] {
  const { dns } = config;
  if (!dns) return [];
  const domain: Fault[] =
    dns.domain === undefined || isWithin(dns.domain, dns.zone)
      ? []
      : [{ path: "dns.domain", problem: `got ${dns.domain}, want ${dns.zone} or a name in it` }];
  const records = dns.records.flatMap((record, index) => recordFaults(record, `dns.records.${index}`, dns));
  return [
    ...domain,
    ...records,
    ...nameFaults({ ...config, dns }),
    ...caaFaults(dns),
    ...countFaults({ ...config, dns }),
  ];
}

type RecordConfig = Config["dns"]["records"][number];

function recordFaults(record: RecordConfig, path: string, dns: Config["dns"]): Fault[] {
  const { name, type, ttl, comment } = record;
  const { zone } = dns;
  const { title, ...limits } = planLimits[dns.plan];
  const faults: Fault[] = [];
  const add = (at: string, problem: string) => faults.push({ path: at, problem });

  if (isWithin(name, zone))
    add(`${path}.name`, `got ${name}, want it relative to the zone: ${relative(name, zone)}`);
  const isPointer = type === "A" || type === "AAAA" || type === "CNAME";
  const proxied = record.proxied ?? (isPointer && dns.proxied);
  if (proxied && !isPointer)
    add(`${path}.proxied`, `got true, but ${type} cannot be proxied: only A, AAAA and CNAME can`);
  else if (proxied && ttl !== undefined)
    add(path, `got ttl ${ttl} on a proxied record, want no ttl (Cloudflare decides) or proxied: false`);
  else if (ttl !== undefined && ttl < limits.ttl)
    add(`${path}.ttl`, `got ${ttl}, but the ${title} plan has ${limits.ttl} at least`);
  if (comment !== undefined && comment.length > limits.comment)
    add(`${path}.comment`, `got ${comment.length} characters, but the ${title} plan has ${limits.comment}`);
  if (type === "CNAME" && record.content === toFqdn(name, zone))
    add(`${path}.content`, `got ${record.content}, want a name other than its own`);
  if (proxied && isPointer && !isWithin(name, zone) && !isCovered(toFqdn(name, zone), zone))
    add(path, notCovered(toFqdn(name, zone), zone));
  return faults;
}

/** Why a browser would refuse what the edge shows at this name. */
export const notCovered = (name: string, zone: string): string =>
  `got ${name} proxied, but Cloudflare's Universal SSL covers ${zone} and *.${zone} only; ` +
  `want proxied: false, or a name directly below ${zone}`;

function caaFaults({ caa = [], zone, records }: Config["dns"]): Fault[] {
  const alias = records.findIndex(({ type, name }) => type === "CNAME" && name === "@");
  if (caa.length === 0 || alias < 0) return [];
  const problem = `a CNAME at ${zone} cannot have CAA records beside it (dns.records.${alias}), want caa: []`;
  return [{ path: "dns.caa", problem }];
}

function countFaults(config: Readable & { readonly dns: Config["dns"] }): Fault[] {
  const { title, records } = planLimits[config.dns.plan];
  const count = countOf(zoneRecords(config));
  if (count <= records) return [];
  const problem = `got ${count} records (an A without content is two), but the ${title} plan has ${records}`;
  return [{ path: "dns.records", problem }];
}
