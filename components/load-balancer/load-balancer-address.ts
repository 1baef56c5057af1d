import * as hcloud from "@pulumi/hcloud";
import type * as pulumi from "@pulumi/pulumi";

import { hook } from "../pulumi/hooks";
import { importCommand, reportExisting } from "../pulumi/import-existing";
import { hasStackLabel } from "../pulumi/stack-mark";

/** A location such as `fsn1`, or a network zone such as `eu-central`. */
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

/** The location inputs of a load balancer that is about to be created. */
type DesiredLocation = Partial<Record<"location" | "networkZone", string>>;

/** The label that Hetzner's cloud controller manager sets on the load balancer of a Service. */
export const ccmServiceLabel = "hcloud-ccm/service-uid";

/**
 * Checks that Hetzner has no load balancer of this name before one is created, in preview too. On a replacement the old
 * load balancer still exists then, so the hook refuses the replacement.
 */
export const nameConflictHook = (
  name: string,
  loadBalancerName: string,
  parent: pulumi.Resource,
  describeConflict: (existing: ExistingLoadBalancer, resource: string, desired: DesiredLocation) => string,
): pulumi.ResourceHook =>
  hook(
    `${name}-name-check`,
    async ({ name: resource, newInputs = {} }) => {
      const { loadBalancers } = await hcloud.getLoadBalancers({}, { parent });
      const existing = loadBalancers.find((each) => each.name === loadBalancerName);
      if (existing === undefined) return;
      reportExisting({
        resource,
        importId: isFromInterruptedRun(existing, newInputs) ? String(existing.id) : undefined,
        message: describeConflict(existing, resource, newInputs),
      });
    },
    { onDryRun: true },
  );

const describe = ({ id, name = "", ipv4, ipv6 }: ExistingLoadBalancer): string =>
  `Hetzner already has a load balancer ${name} (${id}) with the addresses ${ipv4} and ${ipv6}`;

const allowReplacementCommand = ({ name = "" }: ExistingLoadBalancer): string =>
  `pulumi config set --path 'platform-networking:loadBalancer.allowReplacement' ${name}`;

/** Whether an interrupted run of this stack created it. If its location differs, it is about to be replaced instead. */
const isFromInterruptedRun = (
  { labels, location, networkZone }: ExistingLoadBalancer,
  desired: DesiredLocation,
): boolean => hasStackLabel(labels) && (desired.location === location || desired.networkZone === networkZone);

/** The message for an existing load balancer of the name of one that Pulumi is about to create. */
export function nameConflict(
  existing: ExistingLoadBalancer,
  resource: string,
  desired: DesiredLocation,
): string {
  const { id, labels } = existing;
  const importIt = `Import it: ${importCommand(resource, String(id))}`;
  if (isFromInterruptedRun(existing, desired))
    return `${describe(existing)}, created by an interrupted run of this stack. ${importIt}`;
  if (hasStackLabel(labels))
    return (
      `${describe(existing)}, created by this stack. A change of its location or network zone replaces it and loses its ` +
      `addresses: undo the change, or allow the replacement: ${allowReplacementCommand(existing)}`
    );
  const withService =
    ccmServiceLabel in labels
      ? " It belongs to a Kubernetes Service and is deleted with it: set protect: true in the same update. If this stack " +
        "created the Service with protect: true, first set protect: false and run pulumi up with managedBy: ccm; " +
        "otherwise this update moves DNS and then fails to delete the Service."
      : "";
  return `${describe(existing)}, which this stack did not create (it lacks the stack's label).${withService} ${importIt}`;
}

/** The message for an existing load balancer of the name of one that the cloud controller manager is about to create. */
export function ccmNameConflict(existing: ExistingLoadBalancer): string {
  if (ccmServiceLabel in existing.labels)
    return (
      `${describe(existing)}. It belongs to a Service and is deleted with it: a Service in another namespace or location ` +
      `gets another load balancer. Undo the change, or accept the loss of the addresses: ${allowReplacementCommand(existing)}`
    );
  return (
    `${describe(existing)}. The cloud controller manager would take it over by its name, and if this stack created it with ` +
    "managedBy: pulumi, this update would then delete it. Steps: 1. set managedBy: pulumi and protect: false, and run " +
    "pulumi up; 2. remove it from the state with its dependents (pulumi state delete --target-dependents <its URN>), " +
    `which deletes nothing at Hetzner; 3. let the manager take it over: ${allowReplacementCommand(existing)}`
  );
}
