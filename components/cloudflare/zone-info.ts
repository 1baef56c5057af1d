import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";

import { addPermissionHint, zonePermissions } from "./token-permissions";
import { unprefixedError } from "../pulumi/unprefixed-error";
import { plans, type Plan } from "./waf-rules";

/** What a token may do to a zone, by the name that Cloudflare answers with the zone. */
const permissionNames = {
  "#dns_records:edit": zonePermissions.dns,
  "#zone_settings:edit": zonePermissions.settings,
  "#waf:edit": zonePermissions.waf,
  "#ssl:edit": zonePermissions.ssl,
} as const;

export type ZonePermission = keyof typeof permissionNames;

/** What the token needs for the zone-wide parts that a stack has. */
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
  /** The least plan that the zone must be on. */
  readonly plan: Plan;
  /** What the token must be allowed to do. */
  readonly permissions: readonly ZonePermission[];
}

/** The part of Cloudflare's answer that is looked at. */
export interface ZoneInfo {
  readonly name: string;
  readonly plan?: { readonly legacyId?: string };
  /** Empty or absent where Cloudflare does not tell. */
  readonly permissions?: readonly string[];
}

/**
 * The zone's id, once Cloudflare has confirmed, in preview too, that it is the zone that is meant and that its plan can do
 * what is asked. Permissions that the token seems to lack are a warning.
 *
 * @throws {pulumi.RunError} All that does not agree; nothing that waits for the id is made then.
 */
export function verifyZone(wanted: ZoneRequirements, opts: pulumi.InvokeOptions): pulumi.Output<string> {
  const { zoneId } = wanted;
  const found = cloudflare.getZone({ zoneId }, opts).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw unprefixedError(
      `Cloudflare does not show the zone ${zoneId} (${wanted.zone}) to the token in cloudflare:apiToken. ` +
        `Want dns.zoneId as on the zone's overview page, and a token with Zone: Read on it. It answered: ${why}`,
    );
  });
  return pulumi.output(found).apply((zone) => {
    const faults = validateZone(wanted, zone);
    if (faults.length > 0) throw unprefixedError(faults.join("\n"));
    const warning = permissionsWarning(wanted, zone);
    if (warning !== undefined) void pulumi.log.warn(warning);
    return zoneId;
  });
}

/** What of a zone is not as the settings say. */
export function validateZone({ zone, zoneId, plan }: ZoneRequirements, found: ZoneInfo): string[] {
  if (found.name !== zone)
    return [
      `dns.zoneId: ${zoneId} is the zone ${found.name}, want the id of ${zone} from its overview page.`,
    ];
  const faults: string[] = [];
  const rank = plans.findIndex((each) => each === found.plan?.legacyId);
  if (rank >= 0 && rank < plans.indexOf(plan))
    faults.push(
      `dns.plan: got ${plan}, but ${zone} is on the plan ${plans[rank] ?? ""}. Want dns.plan: ${plans[rank] ?? ""}, ` +
        "or the zone moved to the higher plan first.",
    );
  return faults;
}

/**
 * A warning with the permissions that the token seems to lack; undefined where none does. Cloudflare calls the list a
 * legacy field, so it proves nothing: a call that is really refused is explained by `explainingRights`.
 *
 * @see https://developers.cloudflare.com/api/resources/zones/methods/get/ (permissions)
 */
export function permissionsWarning(
  { zone, permissions: needs }: ZoneRequirements,
  found: ZoneInfo,
): string | undefined {
  const permissions = found.permissions ?? [];
  const missing = needs.filter((each) => !permissions.includes(each)).map((each) => permissionNames[each]);
  if (!permissions.includes("#zone:read") || missing.length === 0) return undefined;
  return (
    `cloudflare:apiToken: the token seems to lack ${missing.join(", ")} on ${zone}. ${addPermissionHint} If it has them, ignore ` +
    "this: Cloudflare no longer maintains the list (`permissions` of the zone)."
  );
}
