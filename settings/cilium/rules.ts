import { resolveCharts } from "../../components/charts";
import { parseMinor, minimumSupportedMinor } from "../../components/cilium/cilium-versions";
import { errorIf, prefixPaths, type ConfigError } from "../config-error";
import { overlap } from "../formats/ip-ranges";
import { rule, type Rule } from "../rule";
import type { Config } from "../schema";

/** Rules about `cilium` alone. */
export const ciliumRules: readonly Rule[] = [
  rule(["cilium"], ({ cilium }) =>
    prefixPaths("cilium", [...findVersionErrors(cilium), ...findPoolErrors(cilium)]),
  ),
];

/** The newest minor version whose values this program knows: that of the default chart. */
export const newestMinor = parseMinor(resolveCharts().cilium.version);

function findVersionErrors({ version, upgradeCompatibility }: Config["cilium"]): ConfigError[] {
  const minor = parseMinor(version);
  if (minor < minimumSupportedMinor || minor > newestMinor) {
    const message = `got ${version}, want 1.${minimumSupportedMinor} to 1.${newestMinor}, the versions whose values this program knows`;
    return [{ path: "version", message }];
  }
  if (upgradeCompatibility === undefined || parseMinor(upgradeCompatibility) <= minor) return [];
  const message = `got ${upgradeCompatibility}, want the version that the cluster was installed with, at most that of cilium.version ${version}`;
  return [{ path: "upgradeCompatibility", message }];
}

/** Prefix length of the range that a node gets from the pool. */
const nodePrefixLength = 24;

const prefixLength = (range: string): number => Number(range.split("/")[1]);

/** The number of nodes that have room in the pool. */
export const countPoolNodes = (pool: readonly string[]): number =>
  pool.reduce((sum, range) => sum + Math.floor(2 ** (nodePrefixLength - prefixLength(range))), 0);

function findPoolErrors({ ipam, pool }: Config["cilium"]): ConfigError[] {
  if (pool === undefined) {
    const message = "is missing with ipam: cluster-pool, want ranges for the pods, such as [10.42.0.0/16]";
    return errorIf(ipam !== "kubernetes", "pool", message);
  }
  if (ipam === "kubernetes")
    return [
      {
        path: "pool",
        message: "cannot be combined with ipam: kubernetes, by which k3s assigns the nodes' ranges",
      },
    ];
  return pool.flatMap((range, at) => {
    const path = `pool.${at}`;
    const others = pool
      .slice(0, at)
      .flatMap((other, index) => (overlap(range, other) ? [{ other, index }] : []));
    return [
      ...errorIf(
        prefixLength(range) > nodePrefixLength,
        path,
        `got ${range}, want a /24 or larger: a node gets a /24`,
      ),
      ...others.map(({ other, index }) => ({
        path,
        message: `${range} overlaps cilium.pool.${index} ${other}, want ranges without common addresses`,
      })),
    ];
  });
}
