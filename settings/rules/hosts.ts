import { errorIf, type ConfigError } from "../config-error";
import { describeNotCovered } from "../dns/rules";
import { isWildcard, matchesHost } from "../../components/ingress/route";
import { findRepeated } from "../repeated";
import { routeRule, rule, type Facts, type Rule } from "../rule";
import { isCovered, isWithin, type RoutedHost } from "../zone";

/** Rules about the hosts and paths of routes. */
export const hostRules: readonly Rule[] = [
  rule(["dns", "zone"], ({ dns, zone }) => {
    const { domain = dns.zone } = dns;
    // An invalid domain is an error of its own.
    if (!isWithin(domain, dns.zone)) return [];
    return zone.hosts.flatMap((host) => findHostErrors(host, dns));
  }),
  rule(["dns", "zone"], findAddressErrors),
  rule(["routes"], ({ routes }) => {
    const hosts = routes.map(({ app, route }) => ({ app, host: route.host }));
    return routes.flatMap(({ app, path, route: { host } }, index) =>
      errorIf(
        hosts.slice(0, index).some((other) => other.app === app && other.host === host),
        `${path}.host`,
        `got ${host} a second time, want one route with all its paths`,
      ),
    );
  }),
  rule(["routes"], findPathErrors),
  routeRule([], (route) =>
    errorIf(
      isWildcard(route) && route.dns === "external-dns",
      "dns",
      "got external-dns for a wildcard, whose owner it records at a name with a star inside, such as a-*.apps; want pulumi",
    ),
  ),
  rule(["routes"], ({ routes }) =>
    routes.flatMap(({ path, route: { host } }) =>
      errorIf(
        /^[a-z0-9]\./.test(host) &&
          routes.some(({ route }) => isWildcard(route) && matchesHost(route.host, host)),
        `${path}.host`,
        `got ${host} beside a wildcard of the same length, by which Traefik orders hosts; want a first label of two characters or more`,
      ),
    ),
  ),
  routeRule([], ({ basicAuth }) => findRepeated(basicAuth?.users ?? [], () => "basicAuth.users")),
];

/** A host that is outside of the domain, or without a certificate. */
function findHostErrors(
  { path, host, proxied, record, route }: RoutedHost,
  dns: Facts["dns"],
): ConfigError[] {
  const { zone, domain = zone } = dns;
  const error = (message: string) => [{ path: `${path}.host`, message }];
  if (!isWithin(host, domain)) return error(`got ${host}, want ${domain} or a name in it`);
  if (route.certificate !== "own" && host.split(".").length > domain.split(".").length + 1)
    return error(
      `got ${host}, want at most one name before ${domain}, or certificate: own: the wildcard is for *.${domain}`,
    );
  // For a configured record, this is an error of the record.
  return proxied && record === undefined && !isCovered(host, dns)
    ? error(describeNotCovered(host, zone))
    : [];
}

/** Configured addresses that would lead visitors of a routed host past the load balancer. */
function findAddressErrors({ zone: { hosts, configured } }: Pick<Facts, "zone">): ConfigError[] {
  return configured.flatMap((spec, index): ConfigError[] => {
    if ((spec.type !== "A" && spec.type !== "AAAA") || spec.content === undefined) return [];
    const routed = hosts.find(({ record }) => record?.name === spec.name);
    if (routed === undefined) return [];
    const message = `got ${spec.type} ${spec.content} where ${routed.host} is routed, want an A without content: routes lead to the load balancer`;
    return [{ path: `dns.records.${index}`, message }];
  });
}

/** Paths of one host that two routes have. */
function findPathErrors({ routes }: Pick<Facts, "routes">): ConfigError[] {
  const owners = new Map<string, string>();
  return routes.flatMap(({ app, path: at, route: { host, paths } }) =>
    paths.flatMap(({ path, pathType }): ConfigError[] => {
      // A prefix matches whole elements, so a trailing slash changes nothing.
      const key = `${host} ${pathType} ${pathType === "Prefix" ? path.replace(/\/+$/, "") : path}`;
      const owner = owners.get(key);
      owners.set(key, app);
      if (owner === undefined) return [];
      const message = `got ${path} of ${host}, which is routed to ${owner} already; want one app per path`;
      return [{ path: `${at}.paths`, message }];
    }),
  );
}
