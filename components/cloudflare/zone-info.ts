import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";

import { unprefixedError } from "../pulumi/unprefixed-error";
import { addPermissionHint, zonePermissions } from "./token-permissions";
import { plans, type Plan } from "./waf-rules";

/** Dashboard names of the permissions that Cloudflare returns with a zone. */
const permissionNames = {
  "#dns_records:edit": zonePermissions.dns,
  "#zone_settings:edit": zonePermissions.settings,
  "#waf:edit": zonePermissions.waf,
  "#ssl:edit": zonePermissions.ssl,
} as const;

export type ZonePermission = keyof typeof permissionNames;

/** The permissions that the token needs for a stack's zone-wide parts. */
export function requiredPermissions(parts: {
  readonly edge?: unknown;
  readonly waf?: unknown;
  readonly originLock?: { readonly ca?: string | undefined } | undefined;
}): readonly ZonePermission[] {
  const { edge, waf, originLock } = parts;
  return [
    "#dns_records:edit",
    ...(edge === undefined ? [] : ["#zone_settings:edit" as const]),
    ...(waf === undefined ? [] : ["#waf:edit" as const]),
    ...(originLock === undefined || originLock.ca !== undefined ? [] : ["#ssl:edit" as const]),
  ];
}

export interface ZoneRequirements {
  /** The zone's name, such as `example.com`. */
  readonly zone: string;
  /** Cloudflare's id of the zone, 32 hex digits. */
  readonly zoneId: string;
  /** The lowest plan that the zone must have. */
  readonly plan: Plan;
  /** The permissions that the token must have. */
  readonly permissions: readonly ZonePermission[];
}

/** The fields of Cloudflare's zone that are checked. */
export interface ZoneInfo {
  readonly name: string;
  readonly plan?: { readonly legacyId?: string };
  /** Empty or undefined if Cloudflare does not return them. */
  readonly permissions?: readonly string[];
}

/**
 * Checks, in preview too, that the zone has the expected name and at least the required plan, and resolves to its ID.
 * Permissions that the token seems to lack are logged as a warning.
 *
 * @throws {pulumi.RunError} All errors found; no resource that depends on the ID is created then.
 */
export function verifyZone(
  requirements: ZoneRequirements,
  opts: pulumi.InvokeOptions,
): pulumi.Output<string> {
  const { zone, zoneId } = requirements;
  const found = cloudflare.getZone({ zoneId }, opts).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw unprefixedError(
      `Cannot read the zone ${zoneId} (${zone}) with the token in cloudflare:apiToken. Want dns.zoneId as shown on the ` +
        `zone's overview page, and a token with Zone: Read on the zone. Cloudflare answered: ${why}`,
    );
  });
  return pulumi.output(found).apply((info) => {
    const errors = validateZone(requirements, info);
    if (errors.length > 0) throw unprefixedError(errors.join("\n"));
    const warning = permissionsWarning(requirements, info);
    if (warning !== undefined) void pulumi.log.warn(warning);
    return zoneId;
  });
}

/** Compares the zone's name and plan with the requirements; returns the errors. */
export function validateZone({ zone, zoneId, plan }: ZoneRequirements, info: ZoneInfo): string[] {
  if (info.name !== zone)
    return [
      `dns.zoneId: got ${zoneId}, the ID of ${info.name}, want the ID of ${zone} from its overview page`,
    ];
  const actual = plans.find((each) => each === info.plan?.legacyId);
  if (actual === undefined || plans.indexOf(actual) >= plans.indexOf(plan)) return [];
  return [
    `dns.plan: got ${plan}, but ${zone} has the plan ${actual}. Want dns.plan: ${actual}, or upgrade the zone first`,
  ];
}

/**
 * A warning that lists the permissions the token seems to lack; undefined if none. Cloudflare's list is a legacy field
 * and may be incomplete, so it is no error: `explainMissingPermissions` explains a call that is really refused.
 *
 * @see https://developers.cloudflare.com/api/resources/zones/methods/get/ (permissions)
 */
export function permissionsWarning(
  { zone, permissions }: ZoneRequirements,
  info: ZoneInfo,
): string | undefined {
  const granted = info.permissions ?? [];
  const missing = permissions.filter((each) => !granted.includes(each)).map((each) => permissionNames[each]);
  if (!granted.includes("#zone:read") || missing.length === 0) return undefined;
  return (
    `cloudflare:apiToken: the token seems to lack ${missing.join(", ")} on ${zone}. ${addPermissionHint} If it has them, ` +
    "ignore this: Cloudflare no longer maintains the list (`permissions` of the zone)."
  );
}
