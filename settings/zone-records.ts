import {
  toFqdn,
  findRecord,
  type DnsRecordSpec,
  type ProxiableRecord,
} from "../components/cloudflare/dns-record";
import type { Config } from "./schema";

/** What decides which records there are. */
export interface ZoneSource {
  readonly dns: Config["dns"];
  readonly ownsZone?: boolean | undefined;
  readonly apps: Readonly<
    Record<
      string,
      { readonly routes: readonly { readonly host: string; readonly dns: "pulumi" | "external-dns" }[] }
    >
  >;
}

/** A host of an app, and where it is written. */
export interface RoutedHost {
  /** `apps.api.routes.0` */
  readonly path: string;
  readonly host: string;
  readonly dns: "pulumi" | "external-dns";
  readonly proxied: boolean;
  /** The record of the config that answers for it. Absence means one of its own, or external-dns'. */
  readonly said?: ProxiableRecord | undefined;
}

/** The CA of cert-manager's issuers. */
export const letsEncrypt = "letsencrypt.org";

/** The records of the config, in its order. */
export const saidRecords = ({ records, proxied: byDefault }: Config["dns"]): DnsRecordSpec[] =>
  records.map(({ proxied = byDefault, ...record }): DnsRecordSpec => {
    switch (record.type) {
      case "A":
      case "AAAA":
      case "CNAME":
        return { ...record, proxied };
      default:
        return record;
    }
  });

/** Every host that an app answers for, once for each route. */
export function routedHosts({ dns, apps }: ZoneSource): RoutedHost[] {
  const records = saidRecords(dns);
  const hosts = Object.values(apps).flatMap(({ routes }) => routes.map(({ host }) => host));
  return Object.entries(apps).flatMap(([app, { routes }]) =>
    routes.map((route, index): RoutedHost => {
      const common = { path: `apps.${app}.routes.${index}`, host: route.host, dns: route.dns };
      if (route.dns === "external-dns") return { ...common, proxied: dns.proxied };
      const said = answering(route.host, records, hosts, dns);
      return { ...common, said, proxied: said?.proxied ?? dns.proxied };
    }),
  );
}

/** The record that answers for a host, when all routed hosts have their records. */
function answering(
  host: string,
  records: readonly DnsRecordSpec[],
  hosts: readonly string[],
  { zone, domain = zone }: Config["dns"],
) {
  // All other hosts are below the domain, and a wildcard is silent where a name has others below it.
  const hasBelow = host === domain || hosts.some((other) => other.endsWith(`.${host}`));
  const heard = hasBelow ? records.filter(({ name }) => !name.startsWith("*")) : records;
  return findRecord(host, heard, zone);
}

/**
 * Every record that this stack makes: those of the config, one for each routed host that none of them answers for, and
 * the owner's CAA records.
 */
export function zoneRecords(source: ZoneSource): DnsRecordSpec[] {
  const { dns } = source;
  const said = saidRecords(dns);
  const alone = routedHosts(source).filter((each) => each.dns === "pulumi" && each.said === undefined);
  const hosts = [...new Set(alone.map(({ host }) => host))];
  return [
    ...said,
    ...hosts.map((host): DnsRecordSpec => ({
      type: "A",
      name: relative(host, dns.zone),
      proxied: dns.proxied,
    })),
    ...(source.ownsZone === true ? issuersOf(dns, said) : []),
  ];
}

/** Which CAs may issue, as records at the zone's own name; those that the config has already are not repeated. */
function issuersOf({ caa, zone }: Config["dns"], said: readonly DnsRecordSpec[]): DnsRecordSpec[] {
  const atApex = said.filter((record) => toFqdn(record.name, zone) === zone);
  // Resolvers follow an alias for CAA as well, and nothing may stand beside it.
  if (atApex.some(({ type }) => type === "CNAME")) return [];
  return (caa ?? [letsEncrypt])
    .flatMap((value) => (["issue", "issuewild"] as const).map((tag) => ({ tag, value })))
    .filter(
      ({ tag, value }) => !atApex.some((one) => one.type === "CAA" && one.tag === tag && one.value === value),
    )
    .map((issuer): DnsRecordSpec => ({ type: "CAA", name: "@", flags: 0, ...issuer }));
}

/** How many records Cloudflare will hold: the load balancer's addresses are two. */
export const countOf = (records: readonly DnsRecordSpec[]): number =>
  records.reduce((sum, spec) => sum + (spec.type === "A" && spec.content === undefined ? 2 : 1), 0);

/**
 * Whether Cloudflare's own certificate covers a name: the zone and one level of names below it.
 *
 * @see https://developers.cloudflare.com/ssl/edge-certificates/universal-ssl/limitations/
 */
export const isCovered = (name: string, zone: string): boolean =>
  name === zone || (name.endsWith(`.${zone}`) && !name.slice(0, -zone.length - 1).includes("."));

/** Whether a name is the domain or one below it. */
export const isWithin = (name: string, domain: string): boolean =>
  name === domain || name.endsWith(`.${domain}`);

/** A host as a record's name: `@` and `www` for `example.com` and `www.example.com`. */
export const relative = (host: string, zone: string): string =>
  host === zone ? "@" : host.slice(0, -zone.length - 1);

/** The proxied name, of a record or of a routed host, at which the edge answers for `host`. */
export function isProxied(host: string, source: ZoneSource): boolean {
  const byRoute = routedHosts(source).some((each) => each.host === host && each.proxied);
  return byRoute || findRecord(host, zoneRecords(source), source.dns.zone)?.proxied === true;
}
