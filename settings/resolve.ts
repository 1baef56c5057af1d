import { needsHttpRoutes } from "../components/app/mesh-traffic";
import { resolveCharts, gatewayApiUrl, type Charts } from "../components/charts";
import { isProxiable, toFqdn, type DnsRecordSpec } from "../components/cloudflare/dns-record";
import type { Plan, WafRules } from "../components/cloudflare/waf-rules";
import type { ExternalDnsSource } from "../components/external-dns/external-dns";
import { findController } from "../components/ingress/controllers";
import { platformNamespaces } from "../components/namespaces";
import { findScraper } from "../components/network-policy/call-graph";
import { resolveApp, type AppSettings } from "./apps/resolve";
import { chartVersionsByName } from "./charts/schema";
import { planLimits } from "./dns/plans";
import { edgeDefaults } from "./edge/schema";
import { resolveLoadBalancer, type LoadBalancerSettings } from "./load-balancer/resolve";
import { resolveOriginLock, type OriginLockSettings } from "./origin-lock/resolve";
import type { Facts } from "./rule";
import type { Config } from "./schema";
import { owaspDefaults, wafDefaults } from "./waf/schema";
import { isWithin } from "./zone";

interface ExternalDnsSettings extends Omit<NonNullable<Config["externalDns"]>, "ownerId" | "sources"> {
  readonly ownerId: string;
  /** Where external-dns finds hosts; HTTPRoutes among them if the ingress controller reads those. */
  readonly sources: readonly ExternalDnsSource[];
  /** Names of Pulumi's within `domains`, FQDN, sorted: external-dns ignores these and all below. */
  readonly exclude: readonly string[];
  /** Whether its records are proxied. */
  readonly proxied: boolean;
}

type ResolvedKeys =
  "apps" | "charts" | "dns" | "edge" | "externalDns" | "loadBalancer" | "originLock" | "waf";

/** The configuration with everything that follows from it. */
export interface ResolvedSettings extends Omit<Config, ResolvedKeys> {
  readonly loadBalancer: LoadBalancerSettings;
  readonly dns: {
    readonly zone: string;
    readonly zoneId: string;
    readonly domain: string;
    readonly plan: Plan;
    /** Whether the zone is signed; false if another stack owns it. */
    readonly dnssec: boolean;
    /** All records that this stack creates: the configured ones, those of routed hosts, and the owner's CAA records. */
    readonly records: readonly DnsRecordSpec[];
  };
  /** Whether Cloudflare may be in front of a host. It does not depend on the apps, with which the controller would change. */
  readonly isBehindEdge: boolean;
  /** The zone's TLS and HTTP settings. For the owner of the zone only. */
  readonly edge?: Config["edge"];
  /** The zone's WAF rules. For the owner of the zone only. */
  readonly waf?: WafRules | undefined;
  /** Absent if the origin is open to all clients. */
  readonly originLock?: OriginLockSettings | undefined;
  readonly externalDns?: ExternalDnsSettings | undefined;
  readonly apps: readonly AppSettings[];
  /** The namespaces of routes other than that of the apps, sorted. */
  readonly extraRouteNamespaces: readonly string[];
  readonly charts: Charts;
  /** The source of the Gateway API CRDs. Absent if nothing needs them, or another program installs them. */
  readonly gatewayApi?: string | undefined;
  /** Whether the ingress controller reads Gateways and their HTTPRoutes. */
  readonly watchesGatewayApi: boolean;
  /** Whether any meshed app needs HTTPRoutes for its traffic. */
  readonly meshUsesHttpRoutes: boolean;
  /** The existing app whose Service `mesh.prometheus` names: a Prometheus in the cluster. */
  readonly scraper: AppSettings | undefined;
  /** Whether a Prometheus that this program knows scrapes the proxies, which needs an authorization. */
  readonly needsMetricsAccess: boolean;
  /** The hosts of viz's dashboard, sorted. */
  readonly dashboardHosts: readonly string[];
}

/** Resolves a configuration without errors. */
export function resolveSettings(facts: Facts): ResolvedSettings {
  const { dns, ownsZone, edge, namespace, zone, mesh, ingress } = facts;
  const charts = facts.charts === "" ? undefined : facts.charts;
  const apps = Object.entries(facts.apps).map(([name, app]) =>
    resolveApp(name, app, namespace, zone.hosts, facts.apps),
  );
  const originLock = resolveOriginLock(facts);
  const watchesGatewayApi = isWatchingGatewayApi(facts, originLock);
  const meshUsesHttpRoutes = Object.values(facts.apps).some(needsHttpRoutes);
  const { viz, prometheus } = mesh;
  const scraper = findScraper(apps, namespace, prometheus);
  return {
    ...facts,
    loadBalancer: resolveLoadBalancer(facts.loadBalancer),
    dns: {
      zone: dns.zone,
      zoneId: dns.zoneId,
      domain: dns.domain ?? dns.zone,
      plan: dns.plan,
      dnssec: dns.dnssec,
      records: zone.records,
    },
    isBehindEdge: dns.proxied || zone.configured.some((record) => isProxiable(record) && record.proxied),
    edge: ownsZone ? (edge ?? edgeDefaults()) : undefined,
    waf: resolveWaf(facts),
    originLock,
    externalDns: resolveExternalDns(facts, watchesGatewayApi),
    apps,
    extraRouteNamespaces: [
      ...new Set(
        apps.flatMap((app) => (app.namespace !== undefined && app.routes.length > 0 ? [app.namespace] : [])),
      ),
    ].sort(),
    charts: resolveCharts(charts, chartVersionsByName(facts.chartVersions), facts.chartValues),
    gatewayApi: resolveGatewayApi(ingress, charts, watchesGatewayApi || meshUsesHttpRoutes),
    watchesGatewayApi,
    meshUsesHttpRoutes,
    scraper,
    needsMetricsAccess: viz && (prometheus === undefined || scraper !== undefined),
    dashboardHosts: apps
      .filter((app) => app.namespace === platformNamespaces.linkerdViz)
      .flatMap(({ routes }) => routes.map(({ host }) => host))
      .sort(),
  };
}

/**
 * Whether the ingress controller watches Gateway API. On a change back from `gateway`, HTTPRoutes route until the
 * Ingresses exist. They have the default TLS options, and so has a host with both. If those require a client certificate, no
 * DNS-only host may have an HTTPRoute.
 */
function isWatchingGatewayApi(
  { ingress: { controller, gatewayApi }, zone }: Pick<Facts, "ingress" | "zone">,
  originLock: OriginLockSettings | undefined,
): boolean {
  const { readsGatewayApi } = findController(controller).installation;
  const isConfigured = readsGatewayApi === "optional" && gatewayApi !== undefined;
  const isOpen = originLock?.clientCertificate !== true || zone.hosts.every(({ proxied }) => proxied);
  return readsGatewayApi === "always" || (isConfigured && isOpen);
}

/** The source of the Gateway API CRDs; undefined if nothing needs them, or another program installs them. */
function resolveGatewayApi(
  { gatewayApi }: Config["ingress"],
  charts: string | undefined,
  isNeeded: boolean,
): string | undefined {
  const source = gatewayApi ?? gatewayApiUrl(charts);
  return isNeeded && source !== "installed" ? source : undefined;
}

/** The zone's WAF rules; undefined for a stack that does not own the zone. */
function resolveWaf({
  ownsZone,
  waf = wafDefaults(),
  dns,
}: Pick<Config, "dns" | "ownsZone" | "waf">): WafRules | undefined {
  if (!ownsZone) return undefined;
  const { owasp = owaspDefaults, ...rules } = waf;
  return { ...rules, ...(planLimits[dns.plan].owasp && { owasp }) };
}

function resolveExternalDns(
  { externalDns, cluster, dns, zone }: Facts,
  watchesGatewayApi: boolean,
): ExternalDnsSettings | undefined {
  if (externalDns === undefined) return undefined;
  const { domains, ownerId = cluster.identifier } = externalDns;
  // Ingress objects stay among them: they coexist with HTTPRoutes until those route.
  const sources: readonly ExternalDnsSource[] =
    watchesGatewayApi && externalDns.sources.includes("ingress")
      ? [...externalDns.sources, "gateway-httproute"]
      : externalDns.sources;
  // An excluded name excludes all below it, so none above a name of external-dns' may be excluded.
  const hosts = zone.hosts.filter(({ route }) => route.dns === "external-dns").map(({ host }) => host);
  const own = [...domains, ...hosts];
  const names = new Set(zone.records.map(({ name }) => toFqdn(name, dns.zone)));
  const exclude = [...names].filter(
    (name) => domains.some((domain) => isWithin(name, domain)) && !own.some((each) => isWithin(each, name)),
  );
  return { ...externalDns, ownerId, sources, exclude: exclude.sort(), proxied: dns.proxied };
}
