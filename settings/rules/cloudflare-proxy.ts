import { redirectUrl } from "../../components/ingress/route";
import { errorIf, type ConfigError } from "../config-error";
import { routeRule, rule, type Facts, type Rule } from "../rule";
import { isProxied, isWithin } from "../zone";
import { findBodySizeErrors } from "./plan-limits";

/**
 * The ports at which Cloudflare's proxy accepts connections.
 *
 * @see https://developers.cloudflare.com/fundamentals/reference/network-ports/
 */
const proxiedPorts: Readonly<Record<"http" | "https", readonly number[]>> = {
  http: [80, 8080, 8880, 2052, 2082, 2086, 2095],
  https: [443, 2053, 2083, 2087, 2096, 8443],
};

/** Rules about what Cloudflare's proxy does with proxied hosts. */
export const cloudflareProxyRules: readonly Rule[] = [
  routeRule(["dns", "completeZone"], ({ redirect }, { dns, completeZone }) => {
    if (redirect === undefined) return [];
    const { protocol, hostname, port } = redirectUrl(redirect);
    const ports = proxiedPorts[protocol === "http:" ? "http" : "https"];
    if (port === "" || ports.includes(Number(port)) || !isProxied(hostname, completeZone, dns.zone))
      return [];
    return [{ path: "redirect.to", message: describePort(redirect.to, hostname, ports) }];
  }),
  rule(["dns", "completeZone"], ({ dns, completeZone }) =>
    dns.records.flatMap((record, index): ConfigError[] => {
      if (record.type !== "SRV") return [];
      const { port, target } = record;
      const ports = [...proxiedPorts.http, ...proxiedPorts.https];
      if (ports.includes(port) || !isProxied(target, completeZone, dns.zone)) return [];
      return [{ path: `dns.records.${index}.port`, message: describePort(String(port), target, ports) }];
    }),
  ),
  rule(["dns", "waf"], ({ dns: { zone }, waf }) =>
    (waf?.redirects ?? []).flatMap(({ from }, index) =>
      errorIf(!isWithin(from, zone), `waf.redirects.${index}.from`, `got ${from}, want a name in ${zone}`),
    ),
  ),
  rule(["dns", "waf", "completeZone"], ({ dns: { zone }, waf, completeZone }) =>
    (waf?.redirects ?? []).flatMap(({ from }, index) =>
      errorIf(
        !(!isWithin(from, zone) || isProxied(from, completeZone, zone)),
        `waf.redirects.${index}.from`,
        `got ${from}, which is not proxied, so its requests do not pass through Cloudflare; want a name with a proxied record`,
      ),
    ),
  ),
];

const describePort = (got: string, name: string, ports: readonly number[]): string =>
  `got ${got}, but ${name} is proxied, and Cloudflare's proxy accepts connections at ${ports.join(", ")} only; ` +
  "want one of those, or a record with proxied: false";

/**
 * Seconds until the origin must begin to answer. Only Enterprise zones can have more.
 *
 * @see https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/error-524/
 */
const firstByteSeconds = 100;

/**
 * Settings that work in part:
 *
 * - a time to answer beyond Cloudflare's: with Traefik a DNS-only host of the same app must have the same time, with nginx
 *   the same number bounds the gaps within an answer, and Cloudflare counts until the first byte alone;
 * - a body beyond 500 MB on Enterprise, where a larger limit can be agreed on;
 * - WebSockets that the zone turns off: no setting says which apps use them.
 */
export function findProxyWarnings({ dns, edge, zone }: Pick<Facts, "dns" | "edge" | "zone">): ConfigError[] {
  const proxied = zone.hosts.filter((each) => each.proxied);
  const late = proxied.flatMap(({ path, host, route }): ConfigError[] => {
    const seconds = route.timeouts?.requestSeconds ?? 0;
    if (seconds <= firstByteSeconds) return [];
    const message =
      `got ${seconds}, but ${host} is proxied, and Cloudflare answers 524 if the app has not begun to answer after ` +
      `${firstByteSeconds} s (more on Enterprise only); want an answer that begins sooner, or a record with proxied: false`;
    return [{ path: `${path}.timeouts.requestSeconds`, message }];
  });
  const hosts = [...new Set(proxied.filter(({ route }) => !route.redirect).map(({ host }) => host))];
  const closed: ConfigError[] = errorIf(
    !(edge?.websockets !== false || hosts.length === 0),
    "edge.websockets",
    `got false, so Cloudflare rejects WebSockets at every proxied host (${hosts.join(", ")})`,
  );
  return [...late, ...(dns.plan === "enterprise" ? findBodySizeErrors(dns.plan, zone.hosts) : []), ...closed];
}
