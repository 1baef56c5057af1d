import { platformNamespaces } from "../components/namespaces";
import type { Readable } from "./cross-faults";
import type { Fault } from "./faults";
import { loadBalancerFaults } from "./load-balancer-faults";
import { overlap } from "./schema/cluster";

/** Faults of the cluster and of what leads into it. */
export const clusterFaults = (config: Readable): Fault[] => [
  ...rangeFaults(config),
  ...namespaceFaults(config),
  ...loadBalancerFaults(config),
];

function rangeFaults({ cluster }: Readable): Fault[] {
  if (!cluster) return [];
  const faults: Fault[] = [];
  const keys = ["nodeCidr", "podCidr", "serviceCidr"] as const;
  for (const [at, key] of keys.entries()) {
    for (const other of keys.slice(at + 1)) {
      if (overlap(cluster[key], cluster[other])) {
        const problem = `${cluster[other]} overlaps cluster.${key} ${cluster[key]}, want ranges of their own`;
        faults.push({ path: `cluster.${other}`, problem });
      }
    }
  }
  return faults;
}

/** Namespaces whose default deny would cut off the cluster, beside `kube-*`. */
const reservedNamespaces: readonly string[] = [...Object.values(platformNamespaces), "default"];

function namespaceFaults({ namespace }: Readable): Fault[] {
  if (namespace === undefined || !(reservedNamespaces.includes(namespace) || namespace.startsWith("kube-")))
    return [];
  return [{ path: "namespace", problem: `got ${namespace}, want a namespace that only the apps are in` }];
}
