import {
  toFqdn,
  findRecord,
  type DnsRecordSpec,
  type ProxiableRecord,
} from "../components/cloudflare/dns-record";
import type { AppConfig, Config } from "./schema";

/** A route of an app. */
export interface AppRoute {
  /** The app's name. */
  readonly app: string;
  /** `apps.api.routes.0` */
  readonly path: string;
  readonly route: AppConfig["routes"][number];
}

/** A route's host in DNS. */
export interface RoutedHost extends AppRoute {
  readonly host: string;
  readonly proxied: boolean;
  /** The record of `dns.records` for the host. Absent if it gets one of its own, or one from external-dns. */
  readonly record?: ProxiableRecord | undefined;
}

/** The hosts and records of this stack. */
export interface Zone {
  /** The host of every route, in the order of the routes. */
  readonly hosts: readonly RoutedHost[];
  /** The records of `dns.records`, in their order. */
  readonly configured: readonly DnsRecordSpec[];
  /** All records that this stack creates: the configured ones, one for each other host, and the owner's CAA records. */
  readonly records: readonly DnsRecordSpec[];
}

/** The CA domain of Let's Encrypt. */
export const letsEncrypt = "letsencrypt.org";

export function buildZone(dns: Config["dns"], ownsZone: boolean, routes: readonly AppRoute[]): Zone {
  const configured = dns.records.map((record) => withProxied(record, dns.proxied));
  const names = routes.map(({ route }) => route.host);
  const hosts = routes.map((each): RoutedHost => {
    const { host } = each.route;
    const record = each.route.dns === "pulumi" ? findRecordForHost(host, configured, names, dns) : undefined;
    return { ...each, host, record, proxied: record?.proxied ?? dns.proxied };
  });
  const own = hosts.filter(({ route, record }) => route.dns === "pulumi" && record === undefined);
  return {
    hosts,
    configured,
    records: [
      ...configured,
      ...[...new Set(own.map(({ host }) => host))].map((host): DnsRecordSpec => ({
        type: "A",
        name: toRecordName(host, dns.zone),
        proxied: dns.proxied,
      })),
      ...(ownsZone ? defaultCaaRecords(dns, configured) : []),
    ],
  };
}

function withProxied(
  { proxied, ...record }: Config["dns"]["records"][number],
  byDefault: boolean,
): DnsRecordSpec {
  switch (record.type) {
    case "A":
    case "AAAA":
    case "CNAME":
      return { ...record, proxied: proxied ?? byDefault };
    default:
      return record;
  }
}

/** The configured record that resolves a host, given that all routed hosts have records. */
function findRecordForHost(
  host: string,
  records: readonly DnsRecordSpec[],
  hosts: readonly string[],
  { zone, domain = zone }: Config["dns"],
) {
  // All other hosts are below the domain, and a wildcard does not apply to a name with others below it (RFC 4592).
  const hasBelow = host === domain || hosts.some((other) => other.endsWith(`.${host}`));
  const applicable = hasBelow ? records.filter(({ name }) => !name.startsWith("*")) : records;
  return findRecord(host, applicable, zone);
}

/** The CAs that may issue for the zone, as CAA records at its apex; without those that are configured already. */
function defaultCaaRecords(
  { caa, zone }: Config["dns"],
  configured: readonly DnsRecordSpec[],
): DnsRecordSpec[] {
  const atApex = configured.filter((record) => toFqdn(record.name, zone) === zone);
  // A CNAME cannot coexist with CAA; resolvers follow it for CAA as well.
  if (atApex.some(({ type }) => type === "CNAME")) return [];
  return (caa ?? [letsEncrypt])
    .flatMap((value) => (["issue", "issuewild"] as const).map((tag) => ({ tag, value })))
    .filter(
      ({ tag, value }) => !atApex.some((one) => one.type === "CAA" && one.tag === tag && one.value === value),
    )
    .map((issuer): DnsRecordSpec => ({ type: "CAA", name: "@", flags: 0, ...issuer }));
}

/** The number of records at Cloudflare: an A without content is one for each of the load balancer's two addresses. */
export const countRecords = (records: readonly DnsRecordSpec[]): number =>
  records.reduce((sum, spec) => sum + (spec.type === "A" && spec.content === undefined ? 2 : 1), 0);

/**
 * Whether a certificate at Cloudflare's edge covers a name: Universal SSL, for the zone and one level of names below it, or
 * one of `edgeCertificates`.
 *
 * @see https://developers.cloudflare.com/ssl/edge-certificates/universal-ssl/limitations/
 */
export const isCovered = (name: string, { zone, edgeCertificates }: Config["dns"]): boolean =>
  ["@", "*", ...edgeCertificates]
    .map((each) => toFqdn(each, zone))
    .some((covered) => name === covered || name.replace(/^[^.]+/, "*") === covered);

/** Whether a name is the domain or one below it. */
export const isWithin = (name: string, domain: string): boolean =>
  name === domain || name.endsWith(`.${domain}`);

/** A host as a record's name: `@` and `www` for `example.com` and `www.example.com`. */
export const toRecordName = (host: string, zone: string): string =>
  host === zone ? "@" : host.slice(0, -zone.length - 1);

/** Whether a host is served through Cloudflare's proxy. */
export const isProxied = (host: string, { hosts, records }: Zone, zone: string): boolean =>
  hosts.some((each) => each.host === host && each.proxied) ||
  findRecord(host, records, zone)?.proxied === true;
