import type { ConfigError } from "../config-error";
import { effectiveCaa, parseIssuer } from "../dns/caa";
import { rule, type Facts, type Rule } from "../rule";
import { isWithin, letsEncrypt, type AppRoute } from "../zone";

/** Rules about the CA that issues this stack's certificates, and about who trusts it. */
export const certificateAuthorityRules: readonly Rule[] = [
  rule(["certificates", "dns", "ownsZone", "routes", "zone"], findCaaErrors),
  rule(["certificates", "ownsZone", "edge", "zone"], findTrustErrors),
];

/** Names for which the zone's own CAA records forbid the CA to issue. */
function findCaaErrors({
  certificates: { issuer, acme },
  dns,
  ownsZone,
  routes,
  zone,
}: Pick<Facts, "certificates" | "dns" | "ownsZone" | "routes" | "zone">): ConfigError[] {
  // A private CA ignores CAA. Of another public CA, only the domains that it does not have are known.
  if (issuer === "acme" && (acme === undefined || acme.ca !== undefined)) return [];
  const isAllowed = (ca: string) => (ca === letsEncrypt) !== (issuer === "acme");
  const wanted = issuer === "acme" ? "the domain of its CA" : letsEncrypt;

  const errors = new Map<string, ConfigError>();
  for (const { name, path, value, alternative } of findRequestedNames(issuer, dns, routes)) {
    const caa = effectiveCaa(name, zone.records, dns.zone);
    // CAA records at the apex of a zone that another stack owns are an error of their own.
    if (caa === undefined || (!ownsZone && caa.name === dns.zone)) continue;
    const issuers = caa.values.flatMap((each) => parseIssuer(each) ?? []);
    // One error for all names that the same records forbid.
    if (issuers.some(isAllowed) || errors.has(caa.name)) continue;
    const who = caa.values.every((each) => each.startsWith(";")) ? "no CA" : `only ${caa.values.join(", ")}`;
    const message =
      `got ${value}, but by the CAA records of ${caa.name} ${who} may issue for ${name}; ` +
      `want ${wanted} ${caa.name === dns.zone ? "in dns.caa" : "among them"}${alternative}`;
    errors.set(caa.name, { path, message });
  }
  return [...errors.values()];
}

/** A name that a certificate is requested for. */
interface RequestedName {
  /** A host, or with `*.` before it every name one level below. */
  readonly name: string;
  /** The setting by which it is requested, and its value. */
  readonly path: string;
  readonly value: string;
  /** Another remedy, for the end of the message. */
  readonly alternative: string;
}

/** The names of the wildcard certificate, and the hosts that have a certificate of their own. */
function findRequestedNames(
  issuer: string,
  { zone, domain = zone }: Facts["dns"],
  routes: readonly AppRoute[],
): RequestedName[] {
  const isInWildcard = (host: string) =>
    isWithin(host, domain) && host.split(".").length <= domain.split(".").length + 1;
  return [
    ...[domain, `*.${domain}`].map((name) => ({
      name,
      path: "certificates.issuer",
      value: issuer,
      alternative: "",
    })),
    ...routes
      .filter(({ route }) => route.certificate === "own")
      .map(({ path, route: { host } }) => ({
        name: host,
        path: `${path}.certificate`,
        value: `own with certificates.issuer ${issuer}`,
        alternative: isInWildcard(host) ? ", or certificate: wildcard" : "",
      })),
  ];
}

/** Certificates that Cloudflare, when it checks the origin's, does not trust. */
function findTrustErrors({
  certificates: { issuer, acme },
  ownsZone,
  edge,
  zone,
}: Pick<Facts, "certificates" | "edge" | "ownsZone" | "zone">): ConfigError[] {
  if (!ownsZone || edge?.ssl === "full" || !zone.hosts.some(({ proxied }) => proxied)) return [];
  const error = (message: string) => [{ path: "edge.ssl", message }];
  if (issuer === "letsencrypt-staging")
    return error(
      "got strict with certificates.issuer letsencrypt-staging, but Cloudflare does not trust staging certificates; " +
        "want letsencrypt-prod, or edge.ssl: full while you rehearse",
    );
  if (issuer === "acme" && acme?.ca !== undefined)
    return error(
      "got strict with certificates.acme.ca, but Cloudflare does not trust a private CA; " +
        "want edge.ssl: full, or an issuer that browsers trust",
    );
  return [];
}
