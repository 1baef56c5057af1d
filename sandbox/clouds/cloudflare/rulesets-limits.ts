import type { Zone } from "./accounts";
import { ErrorResponse } from "./api";
import { isAtLeast, type Plan } from "./plans";
import type { ExpressionParts } from "./rulesets-expression";
import { managedRulesetsFor } from "./rulesets-managed";
import type { Phase, RuleBody } from "./rulesets-schema";

/** The limits that hang on the zone's plan. Lengths of time are seconds. */
interface Limits {
  readonly rules: Readonly<Partial<Record<Phase, number>>>;
  readonly periods: readonly number[];
  readonly mitigations: readonly number[];
  /** Fields and characteristics that a rate limit may use; undefined: any. */
  readonly fields: readonly string[] | undefined;
  readonly counters: readonly string[] | undefined;
  readonly leastEdgeTtl: number;
}

const each = (count: number) => ({
  http_request_cache_settings: count,
  http_response_headers_transform: count,
  http_request_dynamic_redirect: count,
});
const upTo = (most: number) => [10, 60, 120, 300, 600, 3600, 86_400].filter((seconds) => seconds <= most);

const paths = ["http.request.uri.path", "cf.client.bot", "cf.bot_management.verified_bot"];
const places = ["http.host", "http.request.uri", "http.request.uri.query", "http.request.full_uri"];
const clients = ["http.request.method", "ip.src", "http.user_agent"];

/**
 * @see https://developers.cloudflare.com/waf/custom-rules/#availability
 * @see https://developers.cloudflare.com/waf/rate-limiting-rules/#availability
 * @see https://developers.cloudflare.com/cache/how-to/cache-rules/#availability
 * @see https://developers.cloudflare.com/rules/transform/#availability
 * @see https://developers.cloudflare.com/rules/url-forwarding/#availability
 * @see https://developers.cloudflare.com/cache/how-to/edge-browser-cache-ttl/
 */
const limits: Readonly<Record<Plan, Limits>> = {
  free: {
    rules: { http_request_firewall_custom: 5, http_ratelimit: 1, ...each(10) },
    periods: upTo(10),
    mitigations: upTo(10),
    fields: paths,
    counters: ["ip.src"],
    leastEdgeTtl: 7200,
  },
  pro: {
    rules: { http_request_firewall_custom: 20, http_ratelimit: 2, ...each(25) },
    periods: upTo(60),
    mitigations: upTo(3600),
    fields: [...paths, ...places],
    counters: ["ip.src"],
    leastEdgeTtl: 3600,
  },
  business: {
    rules: { http_request_firewall_custom: 100, http_ratelimit: 5, ...each(50) },
    periods: upTo(600),
    mitigations: upTo(86_400),
    fields: [...paths, ...places, ...clients],
    counters: ["ip.src", "cf.unique_visitor_id"],
    leastEdgeTtl: 1,
  },
  enterprise: {
    rules: { http_request_firewall_custom: 1000, http_ratelimit: 100, ...each(300) },
    periods: upTo(3600),
    mitigations: upTo(86_400),
    fields: undefined,
    counters: undefined,
    leastEdgeTtl: 1,
  },
};

/** "Not entitled": what the zone's plan does not have. */
function throwNotEntitled(message: string, code = 50002): never {
  throw new ErrorResponse(400, [{ code, message }]);
}

/** @throws {ErrorResponse} 400 if the phase has no room for so many rules. */
export function validateRuleCount({ plan }: Zone, phase: Phase, count: number): void {
  const most = limits[plan].rules[phase] ?? Infinity;
  if (count > most)
    throwNotEntitled(
      `exceeded the maximum number of rules in the phase ${phase}: ${count} out of ${most}`,
      50001,
    );
}

/**
 * @param uses of every expression in the rule.
 * @throws {ErrorResponse} 400 if the rule needs more than the zone's plan has.
 */
export function validatePlan(
  { plan }: Zone,
  phase: Phase,
  rule: RuleBody,
  uses: readonly ExpressionParts[],
): void {
  const isLimit = phase === "http_ratelimit";
  if (!isAtLeast(plan, "business")) {
    const needed = isLimit
      ? "an Advanced Rate Limiting plan is required"
      : "a Business plan or a WAF Advanced plan is required";
    if (uses.some(({ isRegex }) => isRegex))
      throwNotEntitled(`not entitled: the use of operator Matches is not allowed, ${needed}`);
    if (uses.some(({ functions }) => functions.has("regex_replace")))
      throwNotEntitled(`not entitled: the use of function regex_replace is not allowed, ${needed}`);
  }
  if (rule.action === "log" && plan !== "enterprise")
    throwNotEntitled("not entitled: the use of action log is not allowed, an Enterprise plan is required");
  if (rule.action === "execute") validateManagedRuleset(plan, rule.action_parameters?.id);
  if (phase === "http_request_cache_settings") validateEdgeTtl(plan, rule.action_parameters?.edge_ttl);
  if (isLimit) validateRateLimit(plan, rule, uses);
}

function validateManagedRuleset(plan: Plan, id: unknown): void {
  if (!managedRulesetsFor("enterprise").some((managed) => managed.id === id))
    throwNotEntitled(`'${String(id)}' is not a valid value for id because there is no such ruleset`, 20000);
  if (!managedRulesetsFor(plan).some((managed) => managed.id === id))
    throwNotEntitled(`not entitled to execute the ruleset ${String(id)}`);
}

function validateEdgeTtl(plan: Plan, given: unknown): void {
  const { leastEdgeTtl: least } = limits[plan];
  if (typeof given !== "object" || given === null || !("default" in given)) return;
  if (Number(given.default) < least)
    throwNotEntitled(`not entitled to use the edge TTL ${Number(given.default)}, the least is ${least}`);
}

function validateRateLimit(
  plan: Plan,
  { action, ratelimit }: RuleBody,
  uses: readonly ExpressionParts[],
): void {
  const { periods, mitigations, fields, counters } = limits[plan];
  const {
    characteristics,
    period,
    mitigation_timeout: mitigation = 0,
    ...rest
  } = ratelimit ?? throwMissingRateLimit();
  const foreign = uses.flatMap((each) => [...each.fields]).find((field) => fields?.includes(field) === false);
  if (foreign !== undefined)
    throwNotEntitled(
      `not entitled: the use of field ${foreign} is not allowed, an higher Advanced Rate Limiting plan is required`,
    );
  if (!characteristics.includes("cf.colo.id"))
    throwNotEntitled(
      "characteristics field is missing 'cf.colo.id', this is required as ratelimiting counting is processed at colocation level only",
      20155,
    );
  const counter = characteristics.filter((name) => name !== "cf.colo.id");
  const odd = counter.find((name) => counters?.includes(name) === false);
  if (odd !== undefined)
    throwNotEntitled(
      `not entitled to use the characteristic ${odd}, can only use ${counters?.join(", ") ?? ""}`,
    );
  if (counter.length === 0) throwNotEntitled("characteristics has to name more than 'cf.colo.id'", 20155);
  if (!periods.includes(period))
    throwNotEntitled(
      `not entitled to use the period ${period}, can only use a period among [${periods.join(" ")}]`,
    );
  const isUnmitigated = mitigation === 0 && action.includes("challenge");
  if (!isUnmitigated && !mitigations.includes(mitigation))
    throwNotEntitled(`not entitled to use a mitigation timeout different from ${mitigations.join(", ")}`);
  if (
    rest.counting_expression !== undefined &&
    rest.counting_expression !== "" &&
    !isAtLeast(plan, "business")
  )
    throwNotEntitled("not entitled to use a counting expression, an Advanced Rate Limiting plan is required");
}

const throwMissingRateLimit = () =>
  throwNotEntitled("a rule of the phase http_ratelimit needs ratelimit", 20000);
