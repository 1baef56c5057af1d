import type { Props } from "../fake-provider";
import type { Json } from "./client";
import { ruleShape } from "./rule-shape";
import { fromApi, withoutEmptyDifferences, toApi } from "./shape";

/** Adds the real provider's defaults to rules; each of them, or all, may be unknown. */
export function withRuleDefaults(rules: unknown): unknown {
  if (!Array.isArray(rules)) return rules;
  return rules.map((rule: unknown) => (isObject(rule) ? withDefaults(rule) : rule));
}

function withDefaults(rule: Props): Props {
  const { ratelimit, ...rest } = rule;
  return {
    description: "",
    enabled: true,
    ...rest,
    ...(ratelimit !== undefined && {
      ratelimit: isObject(ratelimit) ? { requestsToOrigin: false, ...ratelimit } : ratelimit,
    }),
  };
}

/** The path of the rulesets of a zone, or of an account. */
export const rulesetsPath = ({ zoneId, accountId }: Props): string =>
  typeof accountId === "string" ? `accounts/${accountId}/rulesets` : `zones/${String(zoneId)}/rulesets`;

/** The body of a POST and of a PUT. Without the ids of rules, which the API assigns. */
export function toBody({ kind, name, phase, description, rules }: Props): Json {
  const said = (rules ?? []) as readonly Props[];
  return {
    kind,
    name,
    phase,
    description,
    rules: said.map((rule) => ({
      action_parameters: {},
      ...(toApi({ ...rule, id: undefined }, ruleShape) as Json),
    })),
  };
}

/** The computed outputs, and the rules with the ids and refs that the API assigned. */
export function toComputed(found: Json, inputs: Props): Props {
  const { last_updated, version } = found;
  const made = (found.rules ?? []) as readonly Json[];
  const rules = (inputs.rules as readonly Props[] | undefined)?.map((rule, index) => ({
    ...rule,
    id: made[index]?.id,
    ref: made[index]?.ref,
  }));
  return { lastUpdated: last_updated, version, ...(rules && { rules }) };
}

/**
 * The rules that describe what was found. Id, ref and logging of a rule belong to the API unless the program says
 * them, so they are no drift; an answer may leave the logging out.
 *
 * @param said undefined in an import.
 */
export function toRules(found: unknown, said: unknown): readonly Props[] {
  const words = (said ?? []) as readonly Props[];
  return (found as readonly Json[]).map((rule, index) => {
    const known = words.find(({ ref }) => ref !== undefined && ref === rule.ref) ?? unnamed(words[index]);
    const { id, ref, logging, ...rest } = fromApi(rule, ruleShape) as Props;
    const isOwnRef = known === undefined && ref !== id;
    const isOff = isObject(logging) && logging.enabled === false;
    const all = {
      description: "",
      ...rest,
      ...(known?.id !== undefined && { id }),
      ...((known?.ref !== undefined || isOwnRef) && { ref }),
      ...((known?.logging !== undefined || isOff) && { logging: logging ?? known?.logging }),
    };
    return withoutEmptyDifferences(known, originCounted(all)) as Props;
  });
}

/** A rule without a ref is known by its place. */
const unnamed = (rule: Props | undefined) => (rule?.ref === undefined ? rule : undefined);

function originCounted({ ratelimit, ...rule }: Props): Props {
  return isObject(ratelimit) ? { ...rule, ratelimit: { requestsToOrigin: false, ...ratelimit } } : rule;
}

const isObject = (value: unknown): value is Props =>
  typeof value === "object" && value !== null && !Array.isArray(value);
