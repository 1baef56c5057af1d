import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";

import { serviceLabel, takenByService, type StandingLoadBalancer } from "./load-balancer-address";
import { refusal } from "../cloudflare/zone-info";

export interface CcmMove {
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
export async function unprotectedForCcm(
  { managedBy, name, allowReplacement }: CcmMove,
  opts: pulumi.InvokeOptions,
): Promise<void> {
  if (managedBy === "pulumi") return;
  const { loadBalancers } = await hcloud.getLoadBalancers({}, opts);
  const standing = loadBalancers.find((each) => each.name === name && !(serviceLabel in each.labels));
  if (standing?.deleteProtection === true) throw refusal(stillProtected(standing));
  if (standing !== undefined && !allowReplacement) throw refusal(takenByService("", standing));
}

/** What to do about a protected load balancer that `managedBy: ccm` is to follow. */
export const stillProtected = ({ id, name = "" }: StandingLoadBalancer): string =>
  `loadBalancer.managedBy: got ccm, but Hetzner protects the load balancer ${name} (${id}) that Pulumi made, so this ` +
  "update would move DNS and then fail to delete it. Nothing was changed. Steps: 1. set managedBy: pulumi and protect: " +
  "false, and run pulumi up; 2. to keep its addresses, take it out of the state with all that is on it (pulumi state " +
  "delete --target-dependents <its URN>), which deletes nothing at Hetzner; 3. set managedBy: ccm and " +
  `allowReplacement: ${name}, and run pulumi up; 4. set protect: true again.`;
