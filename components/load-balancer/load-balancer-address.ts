import * as hcloud from "@pulumi/hcloud";
import type * as pulumi from "@pulumi/pulumi";

import { importCommand, reportExisting } from "../pulumi/import-existing";
import { hook } from "../pulumi/hooks";
import { hasStackLabel } from "../pulumi/stack-mark";

/** Where a load balancer stands: a location such as `fsn1`, or a network zone such as `eu-central`. */
export type LoadBalancerLocation = { readonly location: string } | { readonly networkZone: string };

/** A load balancer as Hetzner has it. */
export interface ExistingLoadBalancer {
  readonly id: number;
  readonly name?: string;
  readonly ipv4: string;
  readonly ipv6: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly location: string;
  readonly networkZone: string;
  readonly deleteProtection: boolean;
}

/** The place that a load balancer is about to be made in. */
type DesiredLocation = Partial<Record<"location" | "networkZone", string>>;

/** By which the cloud controller manager knows the load balancer of a Service. */
export const ccmServiceLabel = "hcloud-ccm/service-uid";

/**
 * Looks, in preview too, whether Hetzner has a load balancer of this name before one is made, and refuses with what
 * `obstacle` says. What the engine is about to replace is still there then.
 */
export const nameConflictHook = (
  name: string,
  balancer: string,
  parent: pulumi.Resource,
  obstacle: (resource: string, standing: ExistingLoadBalancer, wanted: DesiredLocation) => string,
): pulumi.ResourceHook =>
  hook(
    `${name}-free-name`,
    async ({ name: resource, newInputs = {} }) => {
      const { loadBalancers } = await hcloud.getLoadBalancers({}, { parent });
      const standing = loadBalancers.find((each) => each.name === balancer);
      if (standing !== undefined)
        reportExisting({
          resource,
          importId: isFromInterruptedRun(standing, newInputs) ? String(standing.id) : undefined,
          message: obstacle(resource, standing, newInputs),
        });
    },
    { onDryRun: true },
  );

const describe = ({ id, name = "", ipv4, ipv6 }: ExistingLoadBalancer): string =>
  `Hetzner has a load balancer ${name} already, ${id}, with the addresses ${ipv4} and ${ipv6}.`;

const allowReplacementCommand = ({ name = "" }: ExistingLoadBalancer): string =>
  `pulumi config set --path 'platform-networking:loadBalancer.allowReplacement' ${name}`;

/** Whether an interrupted run of this stack made it: where only its place differs, it is about to be replaced. */
const isFromInterruptedRun = (
  { labels, location, networkZone }: ExistingLoadBalancer,
  wanted: DesiredLocation,
): boolean => hasStackLabel(labels) && (wanted.location === location || wanted.networkZone === networkZone);

/** What to do about a load balancer that stands where Pulumi is about to make one. */
export function nameConflict(
  resource: string,
  standing: ExistingLoadBalancer,
  wanted: DesiredLocation,
): string {
  const { id, labels } = standing;
  const adopt = importCommand(resource, String(id));
  const loss = `would replace it and lose its addresses: take the change back, or accept the loss: ${allowReplacementCommand(standing)}.`;
  if (hasStackLabel(labels))
    return isFromInterruptedRun(standing, wanted)
      ? `${describe(standing)} An interrupted run of this stack made it. Take it over: ${adopt}`
      : `${describe(standing)} This stack made it, and a change of its location or network zone ${loss}`;
  const withService =
    ccmServiceLabel in labels
      ? " It belongs to a Service in a cluster, which takes it along when it goes: set protect: true in the same update. " +
        "If this stack made that Service with protect: true, first set protect: false and run pulumi up with managedBy: " +
        "ccm: else this update moves DNS and fails when it comes to delete the Service."
      : "";
  return (
    `${describe(standing)} It does not have this stack's label. If a version before the label made it, a change of its ` +
    `location or network zone ${loss} If another made it, take it over: ${adopt}.${withService}`
  );
}

/** What to do about a load balancer that stands where the cloud controller manager is about to make one. */
export function ccmNameConflict(_resource: string, standing: ExistingLoadBalancer): string {
  const { labels } = standing;
  if (ccmServiceLabel in labels)
    return (
      `${describe(standing)} It belongs to a Service, and goes with it: a Service in another namespace or place gets ` +
      `another load balancer. Take the change back, or accept the loss of the addresses: ${allowReplacementCommand(standing)}.`
    );
  return (
    `${describe(standing)} The cloud controller manager would take it over by its name. If this stack made it, with ` +
    "managedBy: pulumi, this update would then delete it: set managedBy: pulumi and protect: false, run pulumi up, and " +
    "take it out of the state with all that is on it (pulumi state delete --target-dependents <its URN>), which deletes nothing at Hetzner. Then let it be taken over: " +
    `${allowReplacementCommand(standing)}.`
  );
}
