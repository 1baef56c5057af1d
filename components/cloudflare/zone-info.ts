import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";

import { howToAdd, zoneRights } from "./token-permissions";
import { plans, type Plan } from "./waf-rules";

/** What a token may do to a zone, by the name that Cloudflare answers with the zone. */
const rights = {
  "#dns_records:edit": zoneRights.dns,
  "#zone_settings:edit": zoneRights.settings,
  "#waf:edit": zoneRights.waf,
  "#ssl:edit": zoneRights.ssl,
} as const;

export type ZoneRight = keyof typeof rights;

/** What the token needs for the zone-wide parts that a stack has. */
export function rightsFor(parts: {
  readonly edge?: unknown;
  readonly waf?: unknown;
  readonly originLock?: { readonly ca?: string | undefined } | undefined;
}): readonly ZoneRight[] {
  const { edge, waf, originLock } = parts;
  return [
    "#dns_records:edit",
    ...(edge === undefined ? [] : ["#zone_settings:edit" as const]),
    ...(waf === undefined ? [] : ["#waf:edit" as const]),
    ...(originLock === undefined || originLock.ca !== undefined ? [] : ["#ssl:edit" as const]),
  ];
}

export interface ZoneExpectation {
  /** The zone's name, such as `example.com`. */
  readonly zone: string;
  /** Cloudflare's id of the zone, 32 hex digits. */
  readonly zoneId: string;
  /** The least plan that the zone must be on. */
  readonly plan: Plan;
  /** What the token must be allowed to do. */
  readonly needs: readonly ZoneRight[];
}

/** The part of Cloudflare's answer that is looked at. */
export interface FoundZone {
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
export function verifiedZone(wanted: ZoneExpectation, opts: pulumi.InvokeOptions): pulumi.Output<string> {
  const { zoneId } = wanted;
  const found = cloudflare.getZone({ zoneId }, opts).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw refusal(
      `Cloudflare does not show the zone ${zoneId} (${wanted.zone}) to the token in cloudflare:apiToken. ` +
        `Want dns.zoneId as on the zone's overview page, and a token with Zone: Read on it. It answered: ${why}`,
    );
  });
  return pulumi.output(found).apply((zone) => {
    const faults = zoneFaults(wanted, zone);
    if (faults.length > 0) throw refusal(faults.join("\n"));
    const warning = rightsWarning(wanted, zone);
    if (warning !== undefined) void pulumi.log.warn(warning);
    return zoneId;
  });
}

/**
 * An error that says one thing. Each resource that waits for it would put "error serializing property ..." before its
 * message, and forty of them would bury it.
 */
export function refusal(message: string): pulumi.RunError {
  return Object.defineProperty(new pulumi.RunError(message), "message", {
    get: () => message,
    set: () => undefined,
  });
}

/** What of a zone is not as the settings say. */
export function zoneFaults({ zone, zoneId, plan }: ZoneExpectation, found: FoundZone): string[] {
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
export function rightsWarning({ zone, needs }: ZoneExpectation, found: FoundZone): string | undefined {
  const permissions = found.permissions ?? [];
  const missing = needs.filter((each) => !permissions.includes(each)).map((each) => rights[each]);
  if (!permissions.includes("#zone:read") || missing.length === 0) return undefined;
  return (
    `cloudflare:apiToken: the token seems to lack ${missing.join(", ")} on ${zone}. ${howToAdd} If it has them, ignore ` +
    "this: Cloudflare no longer maintains the list (`permissions` of the zone)."
  );
}
