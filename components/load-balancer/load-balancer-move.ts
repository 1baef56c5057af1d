import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";

import { ccmServiceLabel, ccmNameConflict, type ExistingLoadBalancer } from "./load-balancer-address";
import { unprefixedError } from "../pulumi/unprefixed-error";

export interface MoveToCcm {
  readonly managedBy: "pulumi" | "ccm";
  /** The load balancer's name at Hetzner. */
  readonly name: string;
  /** Whether the load balancer may be taken from Pulumi, or its addresses may be lost. */
  readonly allowReplacement: boolean;
}

/**
 * Resolves, with `managedBy: ccm`, once Hetzner has confirmed, in preview too, that no load balancer of this name that
 * Pulumi made is in the way: the engine would refuse to delete it, or the hook to take it over, only after DNS and the
 * ingress controller have moved away from it. With `managedBy: pulumi` nothing is asked: the load balancer is made
 * before anything that depends on its address changes.
 *
 * @throws {pulumi.RunError} One is; with the steps that move it.
 */
export async function checkMoveToCcm(
  { managedBy, name, allowReplacement }: MoveToCcm,
  opts: pulumi.InvokeOptions,
): Promise<void> {
  if (managedBy === "pulumi") return;
  const { loadBalancers } = await hcloud.getLoadBalancers({}, opts);
  const standing = loadBalancers.find((each) => each.name === name && !(ccmServiceLabel in each.labels));
  if (standing?.deleteProtection === true) throw unprefixedError(describeProtected(standing));
  if (standing !== undefined && !allowReplacement) throw unprefixedError(ccmNameConflict("", standing));
}

/** What to do about a protected load balancer that `managedBy: ccm` is to follow. */
export const describeProtected = ({ id, name = "" }: ExistingLoadBalancer): string =>
  `loadBalancer.managedBy: got ccm, but Hetzner protects the load balancer ${name} (${id}) that Pulumi made, so this ` +
  "update would move DNS and then fail to delete it. Nothing was changed. Steps: 1. set managedBy: pulumi and protect: " +
  "false, and run pulumi up; 2. to keep its addresses, take it out of the state with all that is on it (pulumi state " +
  "delete --target-dependents <its URN>), which deletes nothing at Hetzner; 3. set managedBy: ccm and " +
  `allowReplacement: ${name}, and run pulumi up; 4. set protect: true again.`;
