import { UNKNOWN, type InputError, type ResourceType, type ReadResult, type Props } from "../fake-provider";
import { isImport, undefinedIfGone } from "./resource-address";
import type { Client, Json } from "./client";
import { toBody, toComputed, rulesetsPath, toRules, withRuleDefaults } from "./ruleset-state";
import { ruleShape } from "./rule-shape";
import { withoutEmptyDifferences, validateShape } from "./shape";

const kinds = ["managed", "custom", "root", "zone"];

const phases = (
  "ddos_l4 ddos_l7 http_config_settings http_custom_errors http_log_custom_fields http_ratelimit " +
  "http_request_cache_settings http_request_dynamic_redirect http_request_firewall_custom " +
  "http_request_firewall_managed http_request_late_transform http_request_origin http_request_redirect " +
  "http_request_sanitize http_request_sbfm http_request_transform http_response_cache_settings " +
  "http_response_compression http_response_firewall_managed http_response_headers_transform magic_transit " +
  "magic_transit_ids_managed magic_transit_managed magic_transit_ratelimit"
).split(" ");

/**
 * `cloudflare:index/ruleset:Ruleset`. Its import id is `zones/<zone_id>/<ruleset_id>` or
 * `accounts/<account_id>/<ruleset_id>`, its id the last part. Every change sends the whole list of rules; the API
 * knows them again by their `ref`.
 */
export function ruleset(client: () => Client): ResourceType {
  return {
    inputs: {
      accountId: "optional",
      description: "optional",
      kind: "required",
      name: "required",
      phase: "required",
      rules: "optional",
      zoneId: "optional",
    },
    computed: ["lastUpdated", "version"],
    replaceOn: ["accountId", "kind", "name", "phase", "zoneId"],
    withDefaults: ({ rules, ...inputs }) => ({
      description: "",
      ...inputs,
      ...(rules !== undefined && { rules: withRuleDefaults(rules) }),
    }),
    validate: validateRuleset,
    async create(inputs) {
      const made = (await client().call("POST", rulesetsPath(inputs), { body: toBody(inputs) })) as Json;
      return { id: String(made.id), outputs: toComputed(made, inputs) };
    },
    async read(id, last) {
      const { place, owner, own } = parseRulesetId(id, last);
      const found = await undefinedIfGone(client().call("GET", `${place}/${own}`));
      if (found === undefined) return undefined;
      const { kind, name, phase, description, rules } = found as Json;
      const said = isImport(last) ? undefined : (last.inputs.rules ?? []);
      const all = { ...owner, kind, name, phase, rules: toRules(rules ?? [], said) };
      // A description that is missing in the answer is a change in every run, unlike an empty one.
      const described = { ...all, ...(typeof description === "string" && { description }) };
      const inputs = withoutEmptyDifferences(last.inputs, described) as Props;
      return { id: own, inputs, outputs: toComputed(found as Json, inputs) };
    },
    async update(id, inputs, last) {
      const { place, own } = parseRulesetId(id, last);
      const made = (await client().call("PUT", `${place}/${own}`, { body: toBody(inputs) })) as Json;
      return toComputed(made, inputs);
    },
    async delete(id, last) {
      const { place, own } = parseRulesetId(id, last);
      await client().call("DELETE", `${place}/${own}`);
    },
  };
}

function parseRulesetId(id: string, last: ReadResult): { place: string; owner: Props; own: string } {
  const [level = "", owner = "", own = ""] = id.includes("/")
    ? id.split("/")
    : last.inputs.accountId === undefined
      ? ["zones", last.outputs.zoneId ?? last.inputs.zoneId, id].map(text)
      : ["accounts", last.inputs.accountId, id].map(text);
  if (owner === "" || own === "" || !["accounts", "zones"].includes(level))
    throw new Error(
      'invalid ID: expected urlencoded segments "<{accounts|zones}/{account_id|zone_id}>/<ruleset_id>", ' +
        `but got "${id}"`,
    );
  const said = level === "zones" ? { zoneId: owner } : { accountId: owner };
  return { place: rulesetsPath(said), owner: said, own };
}

const text = (value: unknown) => (typeof value === "string" ? value : "");

/** The real provider's own validation; the API validates the rules. */
function validateRuleset(inputs: Props): readonly InputError[] {
  const { zoneId, accountId, rules } = inputs;
  const checks: readonly (readonly [property: string, isRight: (value: string) => boolean, want: string])[] =
    [
      ["zoneId", (value) => /^[0-9a-f]{32}$/.test(value), "32 hexadecimal digits"],
      ["accountId", (value) => /^[0-9a-f]{32}$/.test(value), "32 hexadecimal digits"],
      ["kind", (value) => kinds.includes(value), `one of ${kinds.join(", ")}`],
      ["phase", (value) => phases.includes(value), `one of ${phases.join(", ")}`],
    ];
  const wrong = checks
    .filter(([property]) => inputs[property] !== undefined && inputs[property] !== UNKNOWN)
    .filter(([property, isRight]) => !isRight(String(inputs[property])))
    .map(([property, , want]) => ({
      property,
      reason: `${JSON.stringify(inputs[property])} given, want ${want}`,
    }));
  const owners = [zoneId, accountId].filter((owner) => owner !== undefined).length;
  return [
    ...(owners === 1
      ? []
      : [
          {
            property: "zoneId",
            reason: "Exactly one of these attributes must be configured: [account_id,zone_id]",
          },
        ]),
    ...wrong,
    ...validateShape(rules, ruleShape, "rules"),
  ];
}
