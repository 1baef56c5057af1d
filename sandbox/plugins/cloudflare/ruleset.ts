import type { ResourceType, ReadResult, Props } from "../fake-provider";
import { isImport, undefinedIfGone } from "./resource-address";
import type { Client, Json } from "./client";
import {
  fromApi,
  isObject,
  keyed,
  object,
  toApi,
  validateInputs,
  validateShape,
  withoutEmptyDifferences,
  zoneIdCheck,
} from "./shape";

const ttl = object("default! mode!");

/** A rule of a ruleset as the SDK has it, with the action parameters that the program uses. */
const ruleShape = object("action! description enabled expression! ref!", {
  actionParameters: object("cache id phases ruleset", {
    browserTtl: ttl,
    edgeTtl: ttl,
    fromValue: object("preserveQueryString statusCode", { targetUrl: object("expression!") }),
    headers: keyed(object("operation! value")),
    overrides: object("", {
      categories: object("category! enabled"),
      rules: object("action id! scoreThreshold"),
    }),
  }),
  logging: object("enabled"),
  ratelimit: object("characteristics! mitigationTimeout period! requestsPerPeriod requestsToOrigin"),
});

/**
 * `cloudflare:index/ruleset:Ruleset` of a zone. Its import id is `zones/<zone_id>/<ruleset_id>`, its id the last part.
 * Every change sends the whole list of rules; the API identifies them by their `ref`.
 */
export function ruleset(client: () => Client): ResourceType {
  return {
    inputs: {
      description: "optional",
      kind: "required",
      name: "required",
      phase: "required",
      rules: "optional",
      zoneId: "required",
    },
    computed: ["lastUpdated", "version"],
    replaceOn: ["kind", "name", "phase", "zoneId"],
    withDefaults: ({ rules, ...inputs }) => ({
      description: "",
      ...inputs,
      ...(rules !== undefined && { rules: withRuleDefaults(rules) }),
    }),
    validate: (inputs) => [
      ...validateInputs(inputs, [zoneIdCheck]),
      ...validateShape(inputs.rules, ruleShape, "rules"),
    ],
    async create(inputs) {
      const path = rulesetsPath(inputs.zoneId);
      const created = (await client().call("POST", path, { body: toBody(inputs) })) as Json;
      return { id: String(created.id), outputs: toComputed(created, inputs) };
    },
    async read(id, last) {
      const { zoneId, path, own } = parseRulesetId(id, last);
      const found = (await undefinedIfGone(client().call("GET", path))) as Json | undefined;
      if (found === undefined) return undefined;
      const { kind, name, phase, description } = found;
      const known = isImport(last) ? undefined : ((last.inputs.rules ?? []) as readonly Props[]);
      const live = { zoneId, kind, name, phase, description, rules: toRules(found.rules, known) };
      const inputs = withoutEmptyDifferences(last.inputs, live) as Props;
      return { id: own, inputs, outputs: toComputed(found, inputs) };
    },
    async update(id, inputs, last) {
      const { path } = parseRulesetId(id, last);
      return toComputed((await client().call("PUT", path, { body: toBody(inputs) })) as Json, inputs);
    },
    async delete(id, last) {
      await client().call("DELETE", parseRulesetId(id, last).path);
    },
  };
}

const rulesetsPath = (zone: unknown): string => `zones/${String(zone)}/rulesets`;

function parseRulesetId(id: string, last: ReadResult) {
  const [level, zoneId, own, ...more] = id.includes("/")
    ? id.split("/")
    : ["zones", last.outputs.zoneId ?? last.inputs.zoneId, id].map(String);
  if (level !== "zones" || own === undefined || more.length > 0)
    throw new Error(
      `invalid ID: expected urlencoded segments "zones/<zone_id>/<ruleset_id>", but got "${id}"`,
    );
  return { zoneId, own, path: `${rulesetsPath(zoneId)}/${own}` };
}

/** Adds the real provider's defaults to rules; each of them, or all, may be unknown. */
function withRuleDefaults(rules: unknown): unknown {
  if (!Array.isArray(rules)) return rules;
  return rules.map((rule: unknown) => {
    if (!isObject(rule)) return rule;
    const { ratelimit, ...rest } = rule;
    return {
      ...{ description: "", enabled: true, ...rest },
      ...(ratelimit !== undefined && {
        ratelimit: isObject(ratelimit) ? { requestsToOrigin: false, ...ratelimit } : ratelimit,
      }),
    };
  });
}

/** The body of a POST and of a PUT. The real provider sends `{}` for absent action parameters. */
function toBody({ kind, name, phase, description, rules = [] }: Props): Json {
  const bodies = (rules as readonly Props[]).map((rule) => ({
    action_parameters: {},
    ...(toApi(rule, ruleShape) as Json),
  }));
  return { kind, name, phase, description, rules: bodies };
}

/** The computed outputs, and the rules with the ids that the API assigned. */
function toComputed(found: Json, inputs: Props): Props {
  const { last_updated, version } = found;
  const live = found.rules as readonly Json[];
  const rules = (inputs.rules as readonly Props[] | undefined)?.map((rule, index) => ({
    ...rule,
    id: live[index]?.id,
  }));
  return { lastUpdated: last_updated, version, ...(rules && { rules }) };
}

/**
 * The live rules. Logging belongs to the API unless the program has it, so it is no drift.
 *
 * @param last undefined in an import.
 */
function toRules(found: unknown, last: readonly Props[] | undefined): readonly Props[] {
  return (found as readonly Json[]).map((rule) => {
    const known = last?.find(({ ref }) => ref === rule.ref);
    const { logging, ...rest } = fromApi(rule, ruleShape) as Props;
    const isKnown = last === undefined || known?.logging !== undefined;
    const live = { ...rest, ...(isKnown && logging !== undefined && { logging }) };
    return withoutEmptyDifferences(known, live) as Props;
  });
}
