import { checkK3s, checkSecretsEncryption } from "./k3s-components";
import type { ClusterInfo } from "./cluster-info";
import { sumRequests, type RequestSum } from "../resource-requests";
import { parseMinor, minimumKernel, type KernelVersion } from "./cilium-versions";

/** The settings of Cilium that the cluster must be able to support. */
export interface DesiredCilium {
  readonly version: string;
  readonly nodes: number;
  /** Whether Pulumi waits until the pods are ready. Default: true. */
  readonly awaitReady?: boolean | undefined;
  readonly encryption: boolean;
  readonly ipam: "kubernetes" | "cluster-pool";
  readonly pool?: readonly string[] | undefined;
  readonly clusterMesh?: { readonly id: number; readonly name: string } | undefined;
  readonly upgradeCompatibility?: string | undefined;
  /** The requests of all pods of the stack. Default: they are not checked. */
  readonly requests?: RequestSum | undefined;
}

/** A failed check. */
export interface CheckResult {
  /** The problem and its remedy. */
  readonly message: string;
  /** Whether Cilium must not be installed or changed until it is solved. */
  readonly isBlocking: boolean;
}

/**
 * Checks the cluster against Cilium's requirements. On an upgrade, pre-existing problems are warnings.
 *
 * @param isNew Whether Cilium is about to be installed, not upgraded.
 * @returns The failed checks.
 */
export const runPreflightChecks = (
  desired: DesiredCilium,
  cluster: ClusterInfo,
  isNew: boolean,
): CheckResult[] => [
  ...checkKernels(desired, cluster),
  ...checkNodes(desired, cluster, isNew),
  ...checkCapacity(desired, cluster),
  ...checkK3s(cluster).map((message) => ({ message, isBlocking: isNew })),
  ...checkSecretsEncryption(cluster).map((message) => ({ message, isBlocking: false })),
  ...checkInstalledCilium(desired, cluster, isNew),
];

function checkKernels(desired: DesiredCilium, { nodes }: ClusterInfo): CheckResult[] {
  const minimum = minimumKernel(desired.version);
  const old = nodes.filter(({ kernel }) => !isRecent(kernel, minimum, desired));
  if (old.length === 0) return [];
  const kernels = old.map(({ name, kernel }) => `${name} has kernel ${kernel}`).join(", ");
  return [
    {
      message: `${kernels}, but Cilium ${desired.version} needs ${minimum.join(".")} or newer: upgrade the nodes' OS.`,
      isBlocking: true,
    },
  ];
}

/**
 * Whether a kernel is recent enough. One with an unknown version is. RHEL 8 calls its kernel 4.18, but it has all that
 * Cilium needs except WireGuard.
 */
function isRecent(
  kernel: string,
  [major, minor]: KernelVersion,
  { version, encryption }: DesiredCilium,
): boolean {
  const rhel8Minor = Number(/^4\.18\..*\.el8_(\d+)/.exec(kernel)?.[1] ?? NaN);
  if (!encryption && rhel8Minor >= (parseMinor(version) >= 18 ? 10 : 6)) return true;
  const [, itsMajor = NaN, itsMinor = NaN] = (/^(\d+)\.(\d+)/.exec(kernel) ?? []).map(Number);
  return !(itsMajor < major || (itsMajor === major && itsMinor < minor));
}

function checkNodes(
  { nodes, ipam, awaitReady = true }: DesiredCilium,
  cluster: ClusterInfo,
  isNew: boolean,
): CheckResult[] {
  const results: CheckResult[] = [];
  const count = cluster.nodes.length;
  const names = cluster.nodes.map(({ name }) => name).join(", ") || "none";
  const mismatch = `cluster.nodes: got ${nodes}, but the cluster has ${count} ${count === 1 ? "node" : "nodes"} (${names})`;
  if (count < nodes)
    results.push({
      message: `${mismatch}: replicas that need a node each would stay pending. Join the missing nodes, or set cluster.nodes: ${Math.max(1, count)}.`,
      isBlocking: isNew && awaitReady,
    });
  if (count > nodes)
    results.push({
      message: `${mismatch}: with cluster.nodes: ${count} controllers run as many replicas as fit.`,
      isBlocking: false,
    });
  const withoutPodCidr = cluster.nodes.filter(({ podCidr }) => podCidr === undefined);
  if (ipam === "kubernetes" && withoutPodCidr.length > 0)
    results.push({
      message:
        `${withoutPodCidr.map(({ name }) => name).join(", ")}: no podCIDR yet. Wait until k3s assigns one, or let Cilium ` +
        "allocate addresses: cilium.ipam: cluster-pool.",
      isBlocking: isNew && awaitReady,
    });
  return results;
}

/** Checks that the pods of the stack fit on the nodes. Pods of others are not counted. */
function checkCapacity({ requests }: DesiredCilium, { nodes }: ClusterInfo): CheckResult[] {
  if (requests === undefined) return [];
  const allocatable = sumRequests(nodes.map((node) => [1, node.allocatable]));
  if (requests.millicores <= allocatable.millicores && requests.mebibytes <= allocatable.mebibytes) return [];
  return [
    {
      message:
        `the pods of this stack request ${describeRequests(requests)}, but the nodes have ${describeRequests(allocatable)} for ` +
        "pods: some would stay pending. Add a node, or lower resources and replicas (docs/getting-started.md, " +
        '"What the platform needs").',
      isBlocking: false,
    },
  ];
}

const describeRequests = ({ millicores, mebibytes }: RequestSum): string =>
  `${(millicores / 1000).toFixed(1)} CPUs and ${(mebibytes / 1024).toFixed(1)} GiB`;

/** Checks a Cilium that is already installed. */
function checkInstalledCilium(
  desired: DesiredCilium,
  { daemonSets, ciliumConfig }: ClusterInfo,
  isNew: boolean,
): CheckResult[] {
  const image = daemonSets.find(({ name }) => name === "cilium")?.image;
  if (image === undefined) return [];
  const installed = /:v?(\d+\.\d+\.\d+)/.exec(image)?.[1];
  if (isNew)
    return [
      {
        message:
          `Cilium ${installed ?? `(${image})`} is already installed, but not by this stack, so Helm would reject the ` +
          "release's name. Uninstall it (helm uninstall cilium -n kube-system): pods have no network until this stack's " +
          "Cilium runs. See docs/cilium.md.",
        isBlocking: true,
      },
    ];
  return [...checkUpgrade(desired, installed), ...checkConfig(desired, ciliumConfig)];
}

function checkUpgrade(
  { version, upgradeCompatibility }: DesiredCilium,
  installed: string | undefined,
): CheckResult[] {
  if (installed === undefined) return [];
  const [from, to] = [parseMinor(installed), parseMinor(version)];
  if (Math.abs(to - from) > 1)
    return [
      {
        message:
          `cilium.version: got ${version}, but Cilium ${installed} is running, and it supports only one minor version up ` +
          `or down at a time. First set cilium.version to the newest 1.${from + Math.sign(to - from)}, and run pulumi up.`,
        isBlocking: true,
      },
    ];
  if (from < to && upgradeCompatibility === undefined)
    return [
      {
        message:
          `Cilium is upgraded from ${installed} to ${version}: set cilium.upgradeCompatibility to the minor version first ` +
          `installed in this cluster ("1.${from}", if it was this one) to disrupt as few connections as possible.`,
        isBlocking: false,
      },
    ];
  return [];
}

function checkConfig(
  { ipam, pool = [], clusterMesh }: DesiredCilium,
  config: Readonly<Record<string, string>>,
): CheckResult[] {
  const results: CheckResult[] = [];
  const currentIpam = config.ipam ?? ipam;
  if (currentIpam !== ipam)
    results.push({
      message: `cilium.ipam: got ${ipam}, which cannot be changed on a running cluster (currently ${currentIpam}). Revert it, or create a new cluster.`,
      isBlocking: true,
    });
  const currentPool = (config["cluster-pool-ipv4-cidr"] ?? "").split(/[\s,]+/).filter((cidr) => cidr !== "");
  if (
    currentIpam === ipam &&
    ipam === "cluster-pool" &&
    currentPool.some((cidr, index) => pool[index] !== cidr)
  )
    results.push({
      message: `cilium.pool: got ${pool.join(", ")}, but pods have addresses of ${currentPool.join(", ")}, want these first, in this order, and new ranges after them.`,
      isBlocking: true,
    });
  const { id, name } = clusterMesh ?? { id: 0, name: "default" };
  const currentId = config["cluster-id"] ?? String(id);
  const currentName = config["cluster-name"] ?? name;
  if (currentId !== String(id) || currentName !== name)
    results.push({
      message: `Cilium's cluster changes from ${currentName} (${currentId}) to ${name} (${id}): restart all pods afterwards, since their identities contain the ID.`,
      isBlocking: false,
    });
  return results;
}
