import { platformNamespaces } from "../components/namespaces";
import { minimumMinor, parseMinor } from "../components/cilium/cilium-versions";
import { findController, listControllers } from "../components/ingress/controllers";
import type { Facts } from "./rule";
import { resolveOriginLock, type OriginLockFacts } from "./origin-lock/resolve";
import { findProxyWarnings } from "./rules/cloudflare-proxy";

/** Valid settings that work less well than they read, one sentence each. */
export const findWarnings = (facts: Facts): string[] => [
  ...findProxyWarnings(facts).map(({ path, message }) => `${path}: ${message}`),
  ...findRateLimitWarnings(facts),
  ...findEgressWarnings(facts),
  ...findMetadataWarnings(facts),
  ...findServedNamespaceWarnings(facts),
  ...findOriginWarnings(facts),
];

function findRateLimitWarnings({ ingress, routes }: Pick<Facts, "ingress" | "routes">): string[] {
  const limited = routes.filter(({ route }) => route.rateLimit !== undefined);
  const { installation, routes: support } = findController(ingress.controller);
  if (support.rateLimitIpv6Prefix !== 128 || limited.length === 0) return [];
  const others = listControllers((each) => each.routes.rateLimitIpv6Prefix === 64);
  const names = limited.map(({ app, route }) => `${route.host} (${app})`).join(", ");
  return [
    `rateLimit of ${names}: ${installation.identity.name} counts each IPv6 address as a client of its own, and one ` +
      `client has 2^64 of them; with ingress.controller ${others} a /64 is one client.`,
  ];
}

function findEgressWarnings({ apps, cilium: { version } }: Pick<Facts, "apps" | "cilium">): string[] {
  const names = Object.entries(apps).flatMap(([name, { egress }]) =>
    egress.some((target) => "host" in target) ? [name] : [],
  );
  if (names.length === 0 || !/^1\.18\.[0-3]$/.test(version)) return [];
  return [
    `cilium.version: ${version} drops connections to names that egress allows (1.18.0 to 1.18.3 do), here of ` +
      `${names.join(", ")}; want a later patch of 1.18 (https://github.com/cilium/cilium/issues/42594).`,
  ];
}

function findMetadataWarnings({ cilium: { version, clusterDefaultDeny } }: Pick<Facts, "cilium">): string[] {
  if (clusterDefaultDeny || parseMinor(version) >= minimumMinor.nonDefaultDenyPolicies) return [];
  return [
    `cilium.version: ${version} cannot deny the metadata service of the servers, 169.254.169.254, and nothing else, so ` +
      `pods of other teams' namespaces and of kube-system can read the servers' user data; want 1.${minimumMinor.nonDefaultDenyPolicies} ` +
      "or newer, or cilium.clusterDefaultDeny.",
  ];
}

function findServedNamespaceWarnings({
  apps,
  externalDns,
  ingress: { controller, namespaces },
}: Pick<Facts, "apps" | "externalDns" | "ingress">): string[] {
  const { linkerdViz, ...withKeys } = platformNamespaces;
  const keys: readonly string[] = Object.values(withKeys);
  const { identity, reads } = findController(controller).installation;
  if (reads === "cluster") return [];
  return [
    ...Object.entries(apps).flatMap(([app, { namespace = linkerdViz, routes }]) =>
      keys.includes(namespace) && routes.length > 0
        ? [
            `apps.${app}.routes: ${identity.name} can read every Secret of ${namespace}, since it serves a route there.`,
          ]
        : [],
    ),
    ...(externalDns?.sources.includes("ingress") === true && namespaces.length === 0
      ? [
          `externalDns.sources: ${identity.name} serves no Ingress of other namespaces, so none gets a record; want the namespaces ` +
            "in ingress.namespaces, or other sources.",
        ]
      : []),
  ];
}

/** Connections between Cloudflare and the origin that are less protected than they can be. */
function findOriginWarnings({ edge, ...facts }: Pick<Facts, "edge"> & OriginLockFacts): string[] {
  return [
    ...(resolveOriginLock(facts)?.clientCertificate === false
      ? [
          "originLock.clientCertificate: got false, so that the origin lock is Cloudflare's addresses alone, from which every " +
            "customer of Cloudflare can connect, past the rules of this zone; want true, in a stack that does not own the " +
            "zone with originLock.ca.",
        ]
      : []),
    ...(facts.ownsZone && edge?.ssl === "full"
      ? [
          "edge.ssl: got full, by which Cloudflare accepts any certificate, so that whoever is between it and the origin can " +
            "read and change all requests; want strict as soon as the certificate is of a public CA.",
        ]
      : []),
  ];
}
