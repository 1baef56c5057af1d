import { needsHttpRoutes } from "../components/app/mesh-traffic";
import { findScraper } from "../components/network-policy/call-graph";
import { resolveCharts, gatewayApiUrl, type Charts } from "../components/charts";
import { platformNamespaces } from "../components/namespaces";
import { toFqdn, type DnsRecordSpec } from "../components/cloudflare/dns-record";
import type { ExternalDnsSource } from "../components/external-dns/external-dns";
import type { Plan, WafRules } from "../components/cloudflare/waf-rules";
import { appsOf, routedElsewhere, type AppSettings } from "./app-settings";
import { loadBalancerOf, type PulumiLoadBalancer, type ServiceLoadBalancer } from "./load-balancer";
import { originLockOf, type OriginLockSettings } from "./origin-lock";
import { planLimits } from "./plan-limits";
import type { Config } from "./schema";
import { edgeDefaults } from "./schema/edge";
import { owaspDefaults, wafDefaults } from "./schema/waf";
import { isWithin, routedHosts, zoneRecords, type RoutedHost } from "./zone-records";

export type { AppSettings } from "./app-settings";

/** What external-dns may do, all of it decided. */
export interface ExternalDnsSettings extends Omit<NonNullable<Config["externalDns"]>, "ownerId" | "sources"> {
  readonly ownerId: string;
  /** Where hosts are, HTTPRoutes among it where those are the rules of the apps. */
  readonly sources: readonly ExternalDnsSource[];
  /** What Pulumi has within `domains`, as FQDN in alphabetical order: external-dns leaves these and all below alone. */
  readonly exclude: readonly string[];
  /** Whether its records are proxied. */
  readonly proxied: boolean;
}

type Replaced = "apps" | "charts" | "dns" | "edge" | "externalDns" | "loadBalancer" | "originLock" | "waf";

/** The config with all that follows from it. */
export interface Derived extends Omit<Config, Replaced> {
  readonly loadBalancer: PulumiLoadBalancer | ServiceLoadBalancer;
  readonly dns: {
    readonly zone: string;
    readonly zoneId: string;
    readonly domain: string;
    readonly plan: Plan;
    /** Whether the zone is signed; false where another stack owns it. */
    readonly dnssec: boolean;
    /** Every record that this stack makes: of the config, of routed hosts, and the owner's CAA records. */
    readonly records: readonly DnsRecordSpec[];
  };
  /** How the zone's edge speaks with browsers and with the origin. For the owner of the zone only. */
  readonly edge?: Config["edge"];
  /** The rules of the zone's edge. For the owner of the zone only. */
  readonly waf?: WafRules | undefined;
  /** Absence leaves the origin open to everybody. */
  readonly originLock?: OriginLockSettings | undefined;
  readonly externalDns?: ExternalDnsSettings | undefined;
  readonly apps: readonly AppSettings[];
  /** The namespaces of routes beside that of the apps, in alphabetical order. */
  readonly otherNamespaces: readonly string[];
  readonly charts: Charts;
  /** Where the definitions of Gateway API come from. Absence means that they are not needed, or not ours. */
  readonly gatewayApi?: string | undefined;
  /** Whether the ingress controller reads the HTTPRoutes of Gateways. */
  readonly readsGateways: boolean;
  /** Whether HTTPRoutes shape the traffic of any app in the mesh. */
  readonly meshReadsRoutes: boolean;
  /** One's own Prometheus, where `mesh.prometheus` names the Service of an existing app. */
  readonly scraper: AppSettings | undefined;
  /** Whether whoever scrapes the proxies must be let in, since nobody is who is not named. */
  readonly meshScrapes: boolean;
  /** The hosts at which viz's dashboard answers, in alphabetical order. */
  readonly dashboardHosts: readonly string[];
}

/** What follows from a config without faults. */
export function derivedFrom(config: Config): Derived {
  const { loadBalancer, dns, charts, ownsZone, edge } = config;
  const records = zoneRecords(config);
  const hosts = routedHosts(config);
  const apps = appsOf(config, hosts);
  const originLock = originLockOf(config, hosts);
  const readsGateways = isReadingGateways(config, originLock);
  const meshReadsRoutes = Object.values(config.apps).some(needsHttpRoutes);
  const { viz, prometheus, defaultInboundPolicy } = config.mesh;
  const scraper = findScraper(apps, config.namespace, prometheus);
  return {
    ...config,
    loadBalancer: loadBalancerOf(loadBalancer),
    dns: {
      zone: dns.zone,
      zoneId: dns.zoneId,
      domain: dns.domain ?? dns.zone,
      plan: dns.plan,
      dnssec: dns.dnssec,
      records,
    },
    edge: ownsZone ? (edge ?? edgeDefaults()) : undefined,
    waf: wafOf(config),
    originLock,
    externalDns: externalDnsOf(config, records, hosts, readsGateways),
    apps,
    otherNamespaces: routedElsewhere(apps),
    charts: resolveCharts(charts === "" ? undefined : charts),
    gatewayApi: gatewayApiOf(config, readsGateways || meshReadsRoutes),
    readsGateways,
    meshReadsRoutes,
    scraper,
    meshScrapes:
      viz &&
      (prometheus === undefined || scraper !== undefined) &&
      (defaultInboundPolicy === "deny" ||
        (scraper?.meshed === false && defaultInboundPolicy.endsWith("-authenticated"))),
    dashboardHosts: apps
      .filter((app) => app.namespace === platformNamespaces.linkerdViz)
      .flatMap(({ routes }) => routes.map(({ host }) => host))
      .sort(),
  };
}

/**
 * Whether the ingress controller reads Gateways. On the way back from `gateway`, HTTPRoutes route until the Ingresses are
 * there; but they know no client certificate, so none may open a host beside an Ingress that asks for one.
 */
function isReadingGateways({ ingress }: Config, lock: OriginLockSettings | undefined): boolean {
  const { controller, gatewayApi } = ingress;
  const isAskedTo = controller === "traefik" && gatewayApi !== undefined;
  return controller === "gateway" || (isAskedTo && lock?.clientCertificate !== true);
}

/** Where the definitions of Gateway API come from; undefined where nothing reads them, or somebody else sees to them. */
function gatewayApiOf({ ingress, charts }: Config, isRead: boolean): string | undefined {
  const { gatewayApi = gatewayApiUrl(charts === "" ? undefined : charts) } = ingress;
  return isRead && gatewayApi !== "installed" ? gatewayApi : undefined;
}

/** The rules of the zone's edge; undefined for a stack that does not own the zone. */
function wafOf({ ownsZone, waf = wafDefaults(), dns }: Config): WafRules | undefined {
  if (!ownsZone) return undefined;
  const { owasp = owaspDefaults, ...rules } = waf;
  return { ...rules, ...(planLimits[dns.plan].owasp && { owasp }) };
}

/** What external-dns may do; undefined where there is none. */
function externalDnsOf(
  { externalDns, cluster, dns }: Config,
  records: readonly DnsRecordSpec[],
  hosts: readonly RoutedHost[],
  readsGateways: boolean,
): ExternalDnsSettings | undefined {
  if (externalDns === undefined) return undefined;
  const { domains, ownerId = cluster.identifier, sources: said } = externalDns;
  // Ingress objects stay among them, which stand beside HTTPRoutes until those have taken over.
  const sources: readonly ExternalDnsSource[] =
    readsGateways && said.includes("ingress") ? [...said, "gateway-httproute"] : said;
  // A name that is left out takes all below it along, so none may be above what external-dns is there for.
  const its = [...domains, ...hosts.flatMap((each) => (each.dns === "external-dns" ? [each.host] : []))];
  const names = new Set(records.map(({ name }) => toFqdn(name, dns.zone)));
  const exclude = [...names].filter(
    (name) => domains.some((domain) => isWithin(name, domain)) && !its.some((each) => isWithin(each, name)),
  );
  return { ...externalDns, ownerId, sources, exclude: exclude.sort(), proxied: dns.proxied };
}
