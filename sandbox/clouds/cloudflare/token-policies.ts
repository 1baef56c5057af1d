import { z } from "zod";

import type { Store } from "../store";
import { accountId, getAccounts, userId } from "./accounts";
import { ErrorResponse } from "./api";
import { permissionGroups, userScope, zoneScope, type Grant } from "./permissions";

type Resources = Readonly<Record<string, string | Readonly<Record<string, string>>>>;

/** One policy of a token, as the API shows it. */
export interface Policy {
  readonly id: string;
  readonly effect: "allow" | "deny";
  readonly permission_groups: readonly { readonly id: string; readonly name: string }[];
  /** Resource -> `*`, or an account -> resources inside it. */
  readonly resources: Resources;
}

const hexId = z.string().regex(/^[0-9a-f]{32}$/, "an id has 32 hexadecimal digits, in lower case");
const wildcard = z.literal("*");
const nonEmptyRecord = <T extends z.ZodType>(of: T) =>
  z.record(z.string(), of).refine((all) => Object.keys(all).length > 0, "want at least one resource");

/** One policy in a body. A group is known by its id alone. */
export const policyBody = z.strictObject({
  id: hexId.nullish(),
  effect: z.enum(["allow", "deny"]),
  permission_groups: z.array(z.looseObject({ id: hexId })).min(1),
  resources: nonEmptyRecord(z.union([wildcard, nonEmptyRecord(wildcard)])),
});

/**
 * The validated policy, with the names of its permission groups.
 *
 * @throws {ErrorResponse} 1001: a group or a resource that does not exist, or a group on a resource that it does not fit.
 */
export function validatePolicy(
  store: Store,
  { effect, permission_groups, resources }: z.infer<typeof policyBody>,
): Omit<Policy, "id"> {
  const scopes = findScopes(store, resources);
  const groups = permission_groups.map(({ id }) => {
    const group = permissionGroups.find((known) => known.id === id);
    if (group === undefined) throw invalid(`Permission group "${id}" does not exist.`);
    if (!scopes.every((scope) => group.scopes.includes(scope)))
      throw invalid(`Failed common permission check against resources. (Permission group: "${group.name}")`);
    return { id, name: group.name };
  });
  return { effect, permission_groups: groups, resources };
}

/** The grants of a token's policies. */
export function toGrants(policies: readonly Policy[]): readonly Grant[] {
  return policies.map(({ effect, permission_groups, resources }) => {
    const named = flattenResources(resources);
    const isEverywhere = named.some((name) => name === allZones || name.startsWith(`${userScope}.`));
    return {
      effect,
      permissions: permission_groups.map(({ name }) => name),
      ...(!isEverywhere && { zones: named.map((name) => name.slice(zoneScope.length + 1)) }),
    };
  });
}

const accountScope = "com.cloudflare.api.account";
const allZones = `${zoneScope}.*`;

/** The resources that a policy names in the end: those inside an account stand for themselves. */
function flattenResources(resources: Resources): readonly string[] {
  return Object.entries(resources).flatMap(([name, inside]) =>
    typeof inside === "string" ? [name] : Object.keys(inside),
  );
}

/** The scope of each resource. */
function findScopes(store: Store, resources: Resources): readonly string[] {
  const account = `${accountScope}.${accountId}`;
  const known = new Map([
    [allZones, zoneScope],
    ...getAccounts(store).zones.map(({ id }) => [`${zoneScope}.${id}`, zoneScope] as const),
    [account, accountScope],
    [`${userScope}.${userId}`, userScope],
  ]);
  for (const [name, inside] of Object.entries(resources))
    if (typeof inside !== "string" && name !== account) throw unknown(name);
  return flattenResources(resources).map((name) => {
    const scope = known.get(name);
    if (scope === undefined) throw unknown(name);
    return scope;
  });
}

const unknown = (name: string) => invalid(`Resource "${name}" does not exist.`);
const invalid = (message: string) => new ErrorResponse(400, [{ code: 1001, message }]);
