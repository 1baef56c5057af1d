import { parseBytes, redirectUrl } from "../components/ingress/controllers/traefik/traefik-middlewares";
import type { Readable } from "./cross-faults";
import type { Fault } from "./faults";
import { planLimits } from "./plan-limits";
import type { AppConfig, Config } from "./schema";
import { isProxied, routedHosts } from "./zone-records";

/**
 * The ports at which Cloudflare's proxy takes connections.
 *
 * @see https://developers.cloudflare.com/fundamentals/reference/network-ports/
 */
const proxiedPorts = {
  http: [80, 8080, 8880, 2052, 2082, 2086, 2095],
  https: [443, 2053, 2083, 2087, 2096, 8443],
} as const;

/**
 * Seconds until the origin must begin to answer. Only Enterprise zones can be given more.
 *
 * @see https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/error-524/
 */
const firstByteSeconds = 100;

/** What Cloudflare's proxy does not do for a proxied host, whatever the origin allows. */
export function proxiedFaults(config: Readable): Fault[] {
  const { dns, isWhole } = config;
  if (!dns) return [];
  const bodies = dns.plan === "enterprise" ? [] : bodyFaults({ ...config, dns });
  return [...bodies, ...(isWhole ? portFaults({ ...config, dns }) : [])];
}

/**
 * What works, though not all of what is asked for:
 *
 * - a time to answer beyond Cloudflare's: with Traefik a DNS-only host of the same app must have the same time, with nginx
 *   the same number bounds the gaps within an answer, and Cloudflare counts until the first byte alone;
 * - a body beyond 500 MB on Enterprise, where more can be agreed on;
 * - WebSockets that the zone turns off, since nothing says which apps use them.
 */
export function proxiedWarnings(config: Config): Fault[] {
  const { dns, edge } = config;
  const hosts = proxiedRoutes(config);
  const late = hosts.flatMap(({ path, host, route }): Fault[] => {
    const seconds = route.timeouts?.requestSeconds ?? 0;
    if (seconds <= firstByteSeconds) return [];
    const problem =
      `got ${seconds}, but ${host} is proxied, and Cloudflare answers 524 where the app has not begun to answer after ` +
      `${firstByteSeconds} s (more on Enterprise only); want an answer that begins sooner, or a record with proxied: false`;
    return [{ path: `${path}.timeouts.requestSeconds`, problem }];
  });
  const names = [...new Set(hosts.filter(({ route }) => !route.redirect).map(({ host }) => host))];
  const closed: Fault[] =
    edge?.websockets !== false || names.length === 0
      ? []
      : [
          {
            path: "edge.websockets",
            problem: `got false, so Cloudflare refuses WebSockets at every proxied host (${names.join(", ")})`,
          },
        ];
  return [...late, ...(dns.plan === "enterprise" ? bodyFaults(config) : []), ...closed];
}

interface Proxied {
  readonly dns: Config["dns"];
  readonly apps: Readable["apps"];
  readonly ownsZone?: boolean | undefined;
}

/** The routes of proxied hosts. */
function proxiedRoutes({ dns, apps }: Proxied) {
  const routes: AppConfig["routes"] = Object.values(apps).flatMap((app) => app.routes);
  return routedHosts({ dns, apps }).flatMap(({ path, host, proxied }, index) => {
    const route = routes[index];
    return proxied && route ? [{ path, host, route }] : [];
  });
}

function bodyFaults(config: Proxied): Fault[] {
  const { title, bodyMegabytes } = planLimits[config.dns.plan];
  return proxiedRoutes(config).flatMap(({ path, host, route: { maxBodySize } }): Fault[] => {
    if (maxBodySize === undefined || parseBytes(maxBodySize) <= bodyMegabytes * 1024 ** 2) return [];
    const problem =
      `got ${maxBodySize}, but ${host} is proxied, and on the ${title} plan Cloudflare answers 413 to a body of more ` +
      `than ${bodyMegabytes} MB; want ${bodyMegabytes}Mi or less, or a record with proxied: false`;
    return [{ path: `${path}.maxBodySize`, problem }];
  });
}

/** Ports of proxied hosts that visitors are sent to. */
function portFaults(source: Proxied): Fault[] {
  const { dns, apps } = source;
  const fault = (path: string, got: string, name: string, ports: readonly number[]): Fault => ({
    path,
    problem: `got ${got}, but ${name} is proxied, and Cloudflare's proxy takes connections at ${ports.join(", ")} only; want one of those, or a record with proxied: false`,
  });
  const redirects = Object.entries(apps).flatMap(([app, { routes }]) =>
    routes.flatMap(({ redirect }, index): Fault[] => {
      if (redirect === undefined) return [];
      const { protocol, hostname, port } = redirectUrl(redirect);
      const ports: readonly number[] = proxiedPorts[protocol === "http:" ? "http" : "https"];
      if (port === "" || ports.includes(Number(port)) || !isProxied(hostname, source)) return [];
      return [fault(`apps.${app}.routes.${index}.redirect.to`, redirect.to, hostname, ports)];
    }),
  );
  const services = dns.records.flatMap((record, index): Fault[] => {
    if (record.type !== "SRV") return [];
    const { port, target } = record;
    const ports: readonly number[] = [...proxiedPorts.http, ...proxiedPorts.https];
    if (ports.includes(port) || !isProxied(target, source)) return [];
    return [fault(`dns.records.${index}.port`, String(port), target, ports)];
  });
  return [...redirects, ...services];
}
