import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";

import { unprefixedError } from "../pulumi/unprefixed-error";
import { ccmNameConflict, ccmServiceLabel, type ExistingLoadBalancer } from "./load-balancer-address";

export interface MoveToCcm {
  readonly managedBy: "pulumi" | "ccm";
  /** The load balancer's name at Hetzner. */
  readonly name: string;
  /** Whether the cloud controller manager may take over Pulumi's load balancer, or its addresses may be lost. */
  readonly allowReplacement: boolean;
}

/**
 * With `managedBy: ccm`, checks, in preview too, that Hetzner has no load balancer of this name created by Pulumi.
 * Otherwise the engine or the name check would fail only after DNS and the ingress controller have moved. With
 * `managedBy: pulumi` nothing is checked: the load balancer is created before its dependents change.
 *
 * @throws {pulumi.RunError} There is one. The message lists the steps of the move.
 */
export async function checkMoveToCcm(
  { managedBy, name, allowReplacement }: MoveToCcm,
  opts: pulumi.InvokeOptions,
): Promise<void> {
  if (managedBy === "pulumi") return;
  const { loadBalancers } = await hcloud.getLoadBalancers({}, opts);
  const existing = loadBalancers.find((each) => each.name === name && !(ccmServiceLabel in each.labels));
  if (existing?.deleteProtection === true) throw unprefixedError(protectedMessage(existing));
  if (existing !== undefined && !allowReplacement) throw unprefixedError(ccmNameConflict(existing));
}

/** The message for a load balancer with delete protection. */
export const protectedMessage = ({ id, name = "" }: ExistingLoadBalancer): string =>
  `loadBalancer.managedBy: got ccm, but Pulumi's load balancer ${name} (${id}) has delete protection at Hetzner, so this ` +
  "update would move DNS and then fail to delete it. Nothing was changed. Steps: 1. set managedBy: pulumi and protect: " +
  "false, and run pulumi up; 2. to keep its addresses, remove it from the state with its dependents (pulumi state " +
  "delete --target-dependents <its URN>), which deletes nothing at Hetzner; 3. set managedBy: ccm and " +
  `allowReplacement: ${name}, and run pulumi up; 4. set protect: true again.`;
