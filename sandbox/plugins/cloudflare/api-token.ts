import { UNKNOWN, type InputError, type ResourceType, type Props } from "../fake-provider";
import { undefinedIfGone } from "./resource-address";
import { toBody, toComputed, conditionShape, toInputs, policyShape } from "./api-token-state";
import type { Client, Json } from "./client";
import { validateShape } from "./shape";

/**
 * `cloudflare:index/apiToken:ApiToken`: a token of the user. Its import id is its id. The API gives the token itself,
 * `value`, when it is made and never again, so an import has none; a change keeps it.
 */
export function apiToken(client: () => Client): ResourceType {
  return {
    inputs: {
      condition: "optional",
      expiresOn: "optional",
      name: "required",
      notBefore: "optional",
      policies: "required",
      status: "optional",
    },
    computed: [
      "creatorEmailAtCreation",
      "issuedOn",
      "lastUsedOn",
      "modifiedOn",
      "provisionerId",
      "provisionerType",
      "status",
      "value",
    ],
    replaceOn: [],
    validate: (inputs) => [
      ...validateShape(inputs.condition, conditionShape, "condition"),
      ...validateShape(inputs.policies, policyShape, "policies"),
      ...validateResources(inputs),
    ],
    async create(inputs) {
      const made = (await client().call("POST", "user/tokens", { body: toBody(inputs) })) as Json;
      return { id: String(made.id), outputs: { ...toComputed(made, inputs), value: made.value } };
    },
    async read(id, last) {
      const found = (await undefinedIfGone(client().call("GET", `user/tokens/${id}`))) as Json | undefined;
      // An expired one is useless: the next run creates another.
      if (found === undefined || found.status === "expired") return undefined;
      const inputs = toInputs(found, last.inputs);
      return { id, inputs, outputs: { ...toComputed(found, inputs), value: last.outputs.value } };
    },
    async update(id, inputs, last) {
      const cleared = Object.keys(toBody(last.inputs)).map((key) => [key, null] as const);
      const status = inputs.status ?? last.outputs.status;
      const body = { ...Object.fromEntries(cleared), ...toBody({ ...inputs, status }) };
      return toComputed((await client().call("PUT", `user/tokens/${id}`, { body })) as Json, inputs);
    },
    async delete(id) {
      await client().call("DELETE", `user/tokens/${id}`);
    },
  };
}

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
