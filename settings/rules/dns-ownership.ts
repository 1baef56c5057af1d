import { toFqdn, isProxiable } from "../../components/cloudflare/dns-record";
import { errorIf, type ConfigError } from "../config-error";
import { rule, type Facts, type Rule } from "../rule";
import { isWithin } from "../zone";

/** Rules about who manages what of the zone: this stack, the stack that owns the zone, or external-dns. */
export const dnsOwnershipRules: readonly Rule[] = [
  rule(["ownsZone", "dns"], ({ ownsZone, dns }) =>
    ownsZone
      ? []
      : findZoneWide({
          "dns.caa": dns.caa !== undefined,
          "dns.dnssec": dns.dnssec,
          ...Object.fromEntries(
            // They hold for the names below too, unless those have CAA records of their own.
            dns.records.map(({ type, name }, index) => [
              `dns.records.${index}`,
              type === "CAA" && name === "@",
            ]),
          ),
        }),
  ),
  rule(["ownsZone", "edge"], ({ ownsZone, edge }) =>
    ownsZone ? [] : findZoneWide({ edge: edge !== undefined }),
  ),
  rule(["ownsZone", "waf"], ({ ownsZone, waf }) =>
    ownsZone ? [] : findZoneWide({ waf: waf !== undefined }),
  ),
  rule(["ownsZone", "originLock"], ({ ownsZone, originLock: { ca, generation, clientCertificate } = {} }) => {
    if (!ownsZone)
      return findZoneWide({
        "originLock.generation": generation !== undefined,
        "originLock.clientCertificate": clientCertificate === true && ca === undefined,
      });
    const message = "cannot be combined with ownsZone: true: the owner of the zone creates a CA of its own";
    return errorIf(ca !== undefined, "originLock.ca", message);
  }),
  rule(["externalDns", "dns", "zone"], findExternalDnsErrors),
];

/** Zone-wide settings of a stack that does not own the zone. */
const findZoneWide = (isSet: Readonly<Record<string, boolean>>): ConfigError[] =>
  Object.entries(isSet)
    .filter(([, is]) => is)
    .map(([path]) => ({
      path,
      message: "is zone-wide: set ownsZone: true here, or leave it to the stack that owns the zone",
    }));

function findExternalDnsErrors({
  externalDns,
  dns,
  zone,
}: Pick<Facts, "dns" | "externalDns" | "zone">): ConfigError[] {
  const routes = zone.hosts.filter(({ route }) => route.dns === "external-dns");
  const conflicts = routes.flatMap(({ path, host }): ConfigError[] => {
    const record = zone.configured.findIndex(
      (spec) => isProxiable(spec) && toFqdn(spec.name, dns.zone) === host,
    );
    const route = zone.hosts.find((other) => other.host === host && other.route.dns === "pulumi");
    const other = record >= 0 ? `dns.records.${record}` : route?.path;
    if (other === undefined) return [];
    // external-dns would never update Pulumi's record, and Pulumi would fail at external-dns' record.
    const message = `${host} belongs to external-dns here and to Pulumi in ${other}, want one owner`;
    return [{ path: `${path}.dns`, message }];
  });
  if (externalDns === undefined)
    return [
      ...routes.map(({ path }) => ({
        path: `${path}.dns`,
        message: "got external-dns, want externalDns to be set too, or dns: pulumi",
      })),
      ...conflicts,
    ];
  const { domains, sources } = externalDns;
  const [first] = routes;
  return [
    ...domains.flatMap((domain, index) =>
      errorIf(
        !isWithin(domain, dns.zone),
        `externalDns.domains.${index}`,
        `got ${domain}, want ${dns.zone} or a name in it`,
      ),
    ),
    ...(first === undefined || sources.includes("ingress")
      ? []
      : [
          {
            path: "externalDns.sources",
            message: `got ${sources.join(", ")}, want ingress among them, since ${first.path} has dns: external-dns`,
          },
        ]),
    ...routes
      .filter(({ host }) => !domains.some((domain) => isWithin(host, domain)))
      .map(({ path, host }) => ({
        path: `${path}.host`,
        message: `got ${host}, which is in no domain of externalDns (${domains.join(", ")}); want one that is, or dns: pulumi`,
      })),
    ...conflicts,
  ];
}
