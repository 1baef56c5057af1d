import { isDeepStrictEqual } from "node:util";

import { UNKNOWN, type InputError, type ResourceType, type Props } from "../fake-provider";
import { undefinedIfGone } from "./resource-address";
import type { Client, Json } from "./client";
import { object, toCamel, validateShape } from "./shape";

const policyShape = object("effect! permissionGroups! resources!", { permissionGroups: object("id!") });

/**
 * `cloudflare:index/apiToken:ApiToken`: a token of the user. Its import id is its id. The API returns the token itself,
 * `value`, only when it is created, so an import has none; an update keeps it.
 */
export function apiToken(client: () => Client): ResourceType {
  return {
    inputs: { name: "required", policies: "required" },
    computed: ["issuedOn", "modifiedOn", "status", "value"],
    replaceOn: [],
    validate: (inputs) => [
      ...validateShape(inputs.policies, policyShape, "policies"),
      ...validateResources(inputs),
    ],
    async create(inputs) {
      const created = (await client().call("POST", "user/tokens", { body: toBody(inputs) })) as Json;
      return { id: String(created.id), outputs: { ...toComputed(created), value: created.value } };
    },
    async read(id, last) {
      const found = (await undefinedIfGone(client().call("GET", `user/tokens/${id}`))) as Json | undefined;
      if (found === undefined) return undefined;
      const policies = toPolicies(found.policies as Json[], (last.inputs.policies ?? []) as Props[]);
      const outputs = { ...toComputed(found), value: last.outputs.value };
      return { id, inputs: { name: found.name, policies }, outputs };
    },
    async update(id, inputs) {
      const body = { ...toBody(inputs), status: "active" };
      return toComputed((await client().call("PUT", `user/tokens/${id}`, { body })) as Json);
    },
    async delete(id) {
      await client().call("DELETE", `user/tokens/${id}`);
    },
  };
}

/** The body of a request: `resources` is JSON text in the program, and an object in the API. */
const toBody = ({ name, policies }: Props): Json => ({
  name,
  policies: (policies as readonly Props[]).map(({ effect, permissionGroups, resources }) => ({
    effect,
    permission_groups: permissionGroups,
    resources: JSON.parse(String(resources)) as Json,
  })),
});

/** The computed outputs but `value`. */
function toComputed(found: Json): Props {
  const { issuedOn, modifiedOn, status } = toCamel(found) as Json;
  return { issuedOn, modifiedOn, status };
}

/** Policies and their permission groups in the program's order; the API has another. */
function toPolicies(found: readonly Json[], last: readonly Props[]): readonly Props[] {
  const rest = found.map(({ effect, permission_groups, resources }): Props => ({
    effect,
    permissionGroups: (permission_groups as readonly Json[]).map(({ id }) => ({ id })),
    resources: JSON.stringify(resources),
  }));
  const known = last.flatMap((policy) => {
    const index = rest.findIndex((one) => isDeepStrictEqual(toComparable(one), toComparable(policy)));
    if (index < 0) return [];
    rest.splice(index, 1);
    return [policy];
  });
  return [...known, ...rest];
}

const toComparable = ({ effect, permissionGroups, resources }: Props) => ({
  effect,
  groups: (permissionGroups as readonly Props[]).map(({ id }) => String(id)).sort(),
  resources: JSON.parse(String(resources)) as unknown,
});

/** The real provider takes `resources` as JSON text, since its values may be text or objects. */
function validateResources({ policies }: Props): readonly InputError[] {
  if (!Array.isArray(policies)) return [];
  return policies.flatMap((policy: unknown, index) => {
    const { resources } = (policy === UNKNOWN ? {} : policy) as Props;
    const property = `policies[${index}].resources`;
    return resources === undefined || resources === UNKNOWN || isJsonObject(resources)
      ? []
      : [{ property, reason: `${JSON.stringify(resources)} given, want the JSON text of an object` }];
  });
}

function isJsonObject(text: unknown): boolean {
  try {
    const value: unknown = JSON.parse(String(text));
    return typeof text === "string" && typeof value === "object" && value !== null;
  } catch {
    return false;
  }
}
