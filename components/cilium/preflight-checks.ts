import { checkK3s } from "./k3s-components";
import type { ClusterInfo } from "./cluster-info";
import { parseMinor, minimumKernel, type KernelVersion } from "./cilium-versions";

/** What Cilium is to be, as far as the cluster has a say in it. */
export interface DesiredCilium {
  readonly version: string;
  readonly nodes: number;
  /** Whether anybody waits until the pods run. Default true. */
  readonly awaitReady?: boolean | undefined;
  readonly encryption: boolean;
  readonly ipam: "kubernetes" | "cluster-pool";
  readonly pool?: readonly string[] | undefined;
  readonly clusterMesh?: { readonly id: number; readonly name: string } | undefined;
  readonly upgradeCompatibility?: string | undefined;
}

/** What was seen, what is wanted instead, and what to do about it. */
export interface CheckResult {
  readonly message: string;
  /** Whether Cilium must not be installed, or changed, as long as it is so. */
  readonly isBlocking: boolean;
}

/**
 * What of a cluster is not as Cilium needs it. What has been so all along is told, and no reason to refuse a change.
 *
 * @param isNew Whether Cilium is about to be installed, not changed.
 */
export const runPreflightChecks = (
  wanted: DesiredCilium,
  seen: ClusterInfo,
  isNew: boolean,
): CheckResult[] => [
  ...checkKernels(wanted, seen),
  ...checkNodes(wanted, seen, isNew),
  ...checkK3s(seen).map((message) => ({ message, isBlocking: isNew })),
  ...checkInstalledCilium(wanted, seen, isNew),
];

function checkKernels({ version, encryption }: DesiredCilium, { nodes }: ClusterInfo): CheckResult[] {
  const [major, minor] = minimumKernel(version);
  const old = nodes.filter(({ kernel }) => !isRecent(kernel, [major, minor], { version, encryption }));
  return old.length === 0
    ? []
    : [
        {
          message:
            `${joinNames(old.map(({ name, kernel }) => `${name} has the kernel ${kernel}`))}, and Cilium ${version} wants ` +
            `${major}.${minor} or newer: upgrade the nodes' system.`,
          isBlocking: true,
        },
      ];
}

/** A kernel that does not tell its version is not held back. RHEL 8 calls its own 4.18, and has what Cilium needs but WireGuard. */
function isRecent(
  kernel: string,
  [major, minor]: KernelVersion,
  { version, encryption }: Pick<DesiredCilium, "version" | "encryption">,
): boolean {
  const redHat = Number(/^4\.18\..*\.el8_(\d+)/.exec(kernel)?.[1] ?? NaN);
  if (!encryption && redHat >= (parseMinor(version) >= 18 ? 10 : 6)) return true;
  const [, its = NaN, itsMinor = NaN] = (/^(\d+)\.(\d+)/.exec(kernel) ?? []).map(Number);
  return !(its < major || (its === major && itsMinor < minor));
}

function checkNodes(
  { nodes, ipam, awaitReady = true }: DesiredCilium,
  seen: ClusterInfo,
  isNew: boolean,
): CheckResult[] {
  const all: CheckResult[] = [];
  const count = seen.nodes.length;
  const has = `The cluster has ${count} ${count === 1 ? "node" : "nodes"} (${joinNames(seen.nodes.map(({ name }) => name)) || "none"})`;
  if (count < nodes)
    all.push({
      message: `${has} where cluster.nodes says ${nodes}: what wants a node of its own would wait for it. Join the rest, or set cluster.nodes: ${Math.max(1, count)}.`,
      isBlocking: isNew && awaitReady,
    });
  if (count > nodes)
    all.push({
      message: `${has} where cluster.nodes says ${nodes}: with cluster.nodes: ${count} the controllers run in as many copies as fit.`,
      isBlocking: false,
    });
  const without = seen.nodes.filter(({ podCidr }) => podCidr === undefined);
  if (ipam === "kubernetes" && without.length > 0)
    all.push({
      message:
        `${joinNames(without.map(({ name }) => name))}: no range of pod addresses yet. Wait until k3s has given it one, or let ` +
        "Cilium do so: cilium.ipam: cluster-pool.",
      isBlocking: isNew && awaitReady,
    });
  return all;
}

/** Of the Cilium that is there already. */
function checkInstalledCilium(wanted: DesiredCilium, seen: ClusterInfo, isNew: boolean): CheckResult[] {
  const image = seen.daemonSets.find(({ name }) => name === "cilium")?.image;
  if (image === undefined) return [];
  const standing = /:v?(\d+\.\d+\.\d+)/.exec(image)?.[1];
  if (isNew)
    return [
      {
        message:
          `Cilium ${standing ?? `(${image})`} is there already, and is not of this stack, so Helm would refuse its name. Remove ` +
          "it (helm uninstall cilium -n kube-system): pods have no network then until this one runs. See docs/cilium.md.",
        isBlocking: true,
      },
    ];
  return [...checkVersionStep(wanted, standing), ...checkConfig(wanted, seen.ciliumConfig)];
}

function checkVersionStep(
  { version, upgradeCompatibility }: DesiredCilium,
  standing: string | undefined,
): CheckResult[] {
  if (standing === undefined) return [];
  const [from, to] = [parseMinor(standing), parseMinor(version)];
  if (Math.abs(to - from) > 1) {
    const next = `1.${from + Math.sign(to - from)}`;
    return [
      {
        message:
          `Cilium ${standing} runs, and cilium.version wants ${version}: it goes one minor version at a time, up or down. ` +
          `First set cilium.version to the newest ${next}, and run the up.`,
        isBlocking: true,
      },
    ];
  }
  if (from < to && upgradeCompatibility === undefined)
    return [
      {
        message:
          `Cilium goes from ${standing} to ${version}: set cilium.upgradeCompatibility to the minor version this cluster began ` +
          `with ("1.${from}", if it was this one), and connections are disturbed least.`,
        isBlocking: false,
      },
    ];
  return [];
}

function checkConfig(
  { ipam, pool, clusterMesh }: DesiredCilium,
  config: Readonly<Record<string, string>>,
): CheckResult[] {
  const all: CheckResult[] = [];
  const was = config.ipam ?? ipam;
  if (was !== ipam)
    all.push({
      message: `cilium.ipam: got ${ipam}, but the pods have their addresses by ${was}, and the two do not mix: set it back. Another way of addresses takes another cluster.`,
      isBlocking: true,
    });
  const before = (config["cluster-pool-ipv4-cidr"] ?? "").split(/[\s,]+/).filter((range) => range !== "");
  if (was === ipam && ipam === "cluster-pool" && before.some((range, at) => pool?.[at] !== range))
    all.push({
      message: `cilium.pool: got ${joinNames(pool ?? [])}, but pods have addresses of ${joinNames(before)}: want these first, in this order, and others behind them.`,
      isBlocking: true,
    });
  const { id, name } = clusterMesh ?? { id: 0, name: "default" };
  const [wasId = String(id), wasName = name] = [config["cluster-id"], config["cluster-name"]];
  if (wasId !== String(id) || wasName !== name)
    all.push({
      message: `The cluster is known to Cilium as ${wasName} (${wasId}) and becomes ${name} (${id}): restart all pods afterwards, whose identities hold the id.`,
      isBlocking: false,
    });
  return all;
}

const joinNames = (parts: readonly string[]): string => parts.join(", ");
