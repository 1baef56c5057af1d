import { UNKNOWN, type Fault, type Kind, type Props } from "../stand-in";
import { unlessGone } from "./address";
import { bodyOf, computedOf, conditionShape, inputsOf, policyShape } from "./api-token-state";
import type { Client, Json } from "./client";
import { shapeFaults } from "./shape";

/**
 * `cloudflare:index/apiToken:ApiToken`: a token of the user. Its import id is its id. The API gives the token itself,
 * `value`, when it is made and never again, so an import has none; a change keeps it.
 */
export function apiToken(client: () => Client): Kind {
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
    faults: (inputs) => [
      ...shapeFaults(inputs.condition, conditionShape, "condition"),
      ...shapeFaults(inputs.policies, policyShape, "policies"),
      ...resourceFaults(inputs),
    ],
    async create(inputs) {
      const made = (await client().call("POST", "user/tokens", { body: bodyOf(inputs) })) as Json;
      return { id: String(made.id), outputs: { ...computedOf(made, inputs), value: made.value } };
    },
    async read(id, last) {
      const found = (await unlessGone(client().call("GET", `user/tokens/${id}`))) as Json | undefined;
      // One that has expired lets nobody in: the next run makes another.
      if (found === undefined || found.status === "expired") return undefined;
      const inputs = inputsOf(found, last.inputs);
      return { id, inputs, outputs: { ...computedOf(found, inputs), value: last.outputs.value } };
    },
    async update(id, inputs, last) {
      const cleared = Object.keys(bodyOf(last.inputs)).map((key) => [key, null] as const);
      const status = inputs.status ?? last.outputs.status;
      const body = { ...Object.fromEntries(cleared), ...bodyOf({ ...inputs, status }) };
      return computedOf((await client().call("PUT", `user/tokens/${id}`, { body })) as Json, inputs);
    },
    async delete(id) {
      await client().call("DELETE", `user/tokens/${id}`);
    },
  };
}

/** The real provider takes `resources` as JSON text, since its values may be text or objects. */
function resourceFaults({ policies }: Props): readonly Fault[] {
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
