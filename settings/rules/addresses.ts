import { prefixPaths, type ConfigError } from "../config-error";
import { countPoolNodes } from "../cilium/rules";
import { overlap, parseIpv4Range } from "../formats/ip-ranges";
import { appRule, rule, type Facts, type NamedApp, type Rule } from "../rule";

/** Rules about IP ranges: those of pods must not overlap others, and egress must lead out of the cluster. */
export const addressRules: readonly Rule[] = [
  rule(["cilium", "cluster"], ({ cilium, cluster }) =>
    prefixPaths("cilium.pool", findPoolErrors(cilium, cluster)),
  ),
  appRule(["cluster", "cilium"], findEgressErrors),
  appRule([], ({ service }) => {
    if (service?.type !== "ExternalName" || !service.externalName.endsWith(".cluster.local")) return [];
    const message =
      `got ${service.externalName}, which is in the cluster, where FQDN policies do not match; ` +
      "want a name outside of it, or existing: true for an existing Service";
    return [{ path: "service.externalName", message }];
  }),
];

function findPoolErrors({ ipam, pool = [] }: Facts["cilium"], cluster: Facts["cluster"]): ConfigError[] {
  if (ipam !== "cluster-pool" || pool.length === 0) return [];
  const overlaps = pool.flatMap((range, at) =>
    (["nodeCidr", "serviceCidr"] as const)
      .filter((key) => overlap(range, cluster[key]))
      .map((key) => ({
        path: String(at),
        message: `${range} overlaps cluster.${key} ${cluster[key]}, want ranges without common addresses`,
      })),
  );
  const room = countPoolNodes(pool);
  // A range too small for any node is an error of its own.
  if (overlaps.length > 0 || room === 0 || room >= cluster.nodes) return overlaps;
  const message = `has room for ${room} nodes, a /24 each, want room for the ${cluster.nodes} of cluster.nodes`;
  return [{ path: "", message }];
}

/** Cilium does not apply CIDR policies to pods and Services: such a rule would allow nothing. */
function findEgressErrors(
  { egress }: NamedApp,
  { cluster, cilium }: Pick<Facts, "cilium" | "cluster">,
): ConfigError[] {
  const pods = (cilium.pool ?? [cluster.podCidr]).map((range) => ({ what: "pods", range }));
  const inside = [...pods, { what: "Services", range: cluster.serviceCidr }];
  return egress.flatMap((target, index) => {
    // 0.0.0.0/0 means everything outside of the cluster, to Cilium as well.
    if (!("cidr" in target) || parseIpv4Range(target.cidr) === undefined || target.cidr === "0.0.0.0/0")
      return [];
    const { cidr } = target;
    const own = inside.find(({ range }) => overlap(cidr, range));
    if (own === undefined) return [];
    const message =
      `got ${cidr}, which contains the cluster's own ${own.what}, ${own.range}; ` +
      "want calls for an app, and here a range outside of the cluster";
    return [{ path: `egress.${index}.cidr`, message }];
  });
}
