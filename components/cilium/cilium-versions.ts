/** The first minor version whose values are known here: 1.15. */
export const minimumSupportedMinor = 15;

/** 20 of `1.20.2` and of `1.20`. Not a number where it is no version 1. */
export const parseMinor = (version: string): number => Number(/^1\.(\d+)(\.|$)/.exec(version)?.[1] ?? NaN);

/** What not every version can do, by the first minor version that can. */
export const minimumMinor = {
  /** Events at the pods whose packets were dropped. https://github.com/cilium/cilium/pull/29565 */
  dropEvents: 16,
  /** Policies that open something and close nothing: `enableDefaultDeny`. */
  nonDefaultDenyPolicies: 16,
  /** The smallest MTU of the node's interfaces, instead of that of the one with the default route. */
  smallestMtu: 17,
} as const;

/** A kernel's version, as far as it says what it can do. */
export type KernelVersion = readonly [major: number, minor: number];

/**
 * The oldest kernel that a version runs on. Until 1.17 it asks for no more than 4.19 or 5.4, but to leave ClusterIPs to
 * the mesh's proxies takes 5.7, and WireGuard 5.6.
 *
 * @see https://docs.cilium.io/en/stable/operations/system_requirements/#required-kernel-versions-for-advanced-features
 */
export const minimumKernel = (version: string): KernelVersion =>
  parseMinor(version) >= 18 ? [5, 10] : [5, 7];
