import { resolveCharts } from "../components/charts";
import { minimumMinor, parseMinor, minimumSupportedMinor } from "../components/cilium/cilium-versions";
import type { Readable } from "./cross-faults";
import type { Fault } from "./faults";
import { overlap } from "./schema/cluster";

/** Faults of Cilium's own settings. */
export const ciliumFaults = (config: Readable): Fault[] => [...versionFaults(config), ...poolFaults(config)];

const newest = parseMinor(resolveCharts().cilium.version);

/** What the version cannot do, and the versions of which the program does not know what they can. */
function versionFaults({ cilium, apps }: Readable): Fault[] {
  if (!cilium) return [];
  const { version, upgradeCompatibility, dropEvents } = cilium;
  const minor = parseMinor(version);
  if (minor < minimumSupportedMinor || minor > newest)
    return [
      {
        path: "cilium.version",
        problem: `got ${version}, want 1.${minimumSupportedMinor} to 1.${newest}, the versions whose values this program knows`,
      },
    ];

  const faults: Fault[] = [];
  const unknown = (path: string, what: string, since: number) => {
    if (minor < since)
      faults.push({
        path,
        problem: `Cilium ${version} knows no ${what}, want cilium.version 1.${since} to 1.${newest}, or this key taken away`,
      });
  };
  if (dropEvents) unknown("cilium.dropEvents", "events of dropped packets", minimumMinor.dropEvents);
  for (const [name, app] of Object.entries(apps))
    if (isExisting(app))
      unknown(
        `apps.${name}.existing`,
        "policies that open without closing, of which this app's is one",
        minimumMinor.nonDefaultDenyPolicies,
      );
  if (upgradeCompatibility !== undefined && parseMinor(upgradeCompatibility) > minor)
    faults.push({
      path: "cilium.upgradeCompatibility",
      problem: `got ${upgradeCompatibility}, want the version the cluster began with, at most that of cilium.version ${version}`,
    });
  return faults;
}

const isExisting = (app: object): boolean => "existing" in app && app.existing === true;

/** The prefix of what a node gets of the pool. */
const nodeBits = 24;

/** An address that is both a pod's and something else's is reached by nobody. */
function poolFaults({ cilium, cluster }: Readable): Fault[] {
  if (!cilium) return [];
  const { ipam, pool } = cilium;
  const path = "cilium.pool";
  if (pool === undefined)
    return ipam === "kubernetes"
      ? []
      : [
          {
            path,
            problem: "is missing, want ranges for the pods, such as [10.42.0.0/16], with cluster-pool",
          },
        ];
  if (ipam === "kubernetes")
    return [
      { path, problem: "is given where the nodes have their ranges from k3s, want ipam: cluster-pool" },
    ];

  const faults: Fault[] = [];
  const sizes = pool.map((range) => Number(range.split("/")[1]));
  for (const [at, range] of pool.entries()) {
    if ((sizes[at] ?? 0) > nodeBits)
      faults.push({
        path: `${path}.${at}`,
        problem: `got ${range}, want a /24 or larger: a node gets a /24`,
      });
    for (const key of ["nodeCidr", "serviceCidr"] as const)
      if (cluster && overlap(range, cluster[key]))
        faults.push({
          path: `${path}.${at}`,
          problem: `${range} overlaps cluster.${key} ${cluster[key]}, want ranges of their own`,
        });
    for (const [before, other] of pool.slice(0, at).entries())
      if (overlap(range, other))
        faults.push({
          path: `${path}.${at}`,
          problem: `${range} overlaps ${path}.${before} ${other}, want ranges of their own`,
        });
  }
  const room = sizes.reduce((sum, bits) => sum + Math.floor(2 ** (nodeBits - bits)), 0);
  if (faults.length === 0 && cluster && room < cluster.nodes)
    faults.push({
      path,
      problem: `has room for ${room} nodes, a /24 each, want room for the ${cluster.nodes} of cluster.nodes`,
    });
  return faults;
}
