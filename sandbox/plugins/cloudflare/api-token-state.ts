import { isDeepStrictEqual } from "node:util";

import type { Props } from "../fake-provider";
import { toCamel } from "./case";
import type { Json } from "./client";
import { fromApi, withoutEmptyDifferences, object, toApi } from "./shape";

/** Where a token holds, as the SDK has it. */
export const conditionShape = object("", { requestIp: object("ins notIns") });

/** The policies of a token in the SDK. */
export const policyShape = object("effect! permissionGroups! resources!", {
  permissionGroups: object("id!"),
});

const tokenShape = object("expiresOn name notBefore status", {
  condition: conditionShape,
  policies: policyShape,
});

/** The body of a POST: `resources` is JSON text in the program, and an object here. */
export function toBody(inputs: Props): Json {
  const given = Object.fromEntries(Object.entries(inputs).filter(([, value]) => value !== undefined));
  const body = toApi(given, tokenShape) as Json;
  const policies = (body.policies ?? []) as readonly Json[];
  return {
    ...body,
    policies: policies.map((policy) => ({
      ...policy,
      resources: JSON.parse(String(policy.resources)) as Json,
    })),
  };
}

/** The computed outputs but `value`, which only one response has. */
export function toComputed(found: Json, inputs: Props): Props {
  const all = toCamel(found) as Json;
  const keys = "creatorEmailAtCreation issuedOn lastUsedOn modifiedOn provisionerId provisionerType".split(
    " ",
  );
  return {
    ...Object.fromEntries(keys.map((key) => [key, all[key] ?? undefined] as const)),
    status: inputs.status ?? found.status,
  };
}

/** The inputs that describe what was found. A status that the program leaves to the API is no drift. */
export function toInputs(found: Json, last: Props): Props {
  const { condition, expiresOn, notBefore, status, name } = fromApi(found, tokenShape) as Props;
  const policies = (found.policies ?? []) as readonly Json[];
  return withoutEmptyDifferences(last, {
    name,
    policies: toPolicies(policies, (last.policies ?? []) as readonly Props[]),
    ...(condition !== undefined && { condition }),
    ...(expiresOn !== undefined && { expiresOn: sameTime(last.expiresOn, expiresOn) }),
    ...(notBefore !== undefined && { notBefore: sameTime(last.notBefore, notBefore) }),
    ...(last.status !== undefined && { status }),
  }) as Props;
}

/** Policies and their permission groups in the program's order; the API has another. */
function toPolicies(found: readonly Json[], declared: readonly Props[]): readonly Props[] {
  const rest = found.map(toPolicy);
  const known = declared.flatMap((policy) => {
    const index = rest.findIndex((one) => isDeepStrictEqual(toComparable(one), toComparable(policy)));
    if (index < 0) return [];
    rest.splice(index, 1);
    return [policy];
  });
  return [...known, ...rest];
}

function toPolicy(found: Json): Props {
  const { effect, permission_groups, resources } = found;
  const groups = (permission_groups ?? []) as readonly Json[];
  return {
    effect,
    permissionGroups: groups.map(({ id }) => ({ id })),
    resources: JSON.stringify(resources),
  };
}

const toComparable = ({ effect, permissionGroups, resources }: Props) => ({
  effect,
  groups: (permissionGroups as readonly Props[]).map(({ id }) => String(id)).sort(),
  resources: JSON.parse(String(resources)) as unknown,
});

/** The same moment may be written in several ways. */
const sameTime = (said: unknown, found: unknown) =>
  Date.parse(String(said)) === Date.parse(String(found)) ? said : found;
