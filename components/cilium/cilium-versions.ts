/** The oldest supported minor version: 1.15. */
export const minimumSupportedMinor = 15;

/** Minor version number, e.g. 20 for `1.20.2`. NaN if the major version is not 1. */
export const parseMinor = (version: string): number => Number(/^1\.(\d+)(\.|$)/.exec(version)?.[1] ?? NaN);

/** The first minor version that supports a feature. */
export const minimumMinor = {
  /** Patterns of names with two stars, for any number of labels. */
  nameSuffixes: 19,
  /** Events of pods whose packets were dropped. https://github.com/cilium/cilium/pull/29565 */
  dropEvents: 16,
  /** The addresses at which node ports answer. https://github.com/cilium/cilium/pull/31672 */
  nodePortAddresses: 16,
  /** Policies that allow traffic without default deny: `enableDefaultDeny`. */
  nonDefaultDenyPolicies: 16,
  /** Secrets of policies, which the operator copies. https://github.com/cilium/cilium/pull/35513 */
  secretSync: 17,
  /** The smallest MTU of the node's interfaces, instead of the MTU of the interface with the default route. */
  smallestMtu: 17,
  /** Strict mode for ingress: no unencrypted packet of the tunnel is accepted. */
  strictIngress: 20,
} as const;

/** A kernel version. */
export type KernelVersion = readonly [major: number, minor: number];

/**
 * The oldest kernel that a version supports. Until 1.17 Cilium itself needs only 4.19 or 5.4, but
 * `socketLB.hostNamespaceOnly` needs 5.7, and WireGuard 5.6.
 *
 * @see https://docs.cilium.io/en/stable/operations/system_requirements/#required-kernel-versions-for-advanced-features
 */
export const minimumKernel = (version: string): KernelVersion =>
  parseMinor(version) >= 18 ? [5, 10] : [5, 7];
