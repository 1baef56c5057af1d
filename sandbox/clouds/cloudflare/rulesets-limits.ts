import { z } from "zod";

import { plans, type Plan } from "./accounts";
import { ErrorResponse } from "./api";
import type { Phase } from "./route-permissions";

/** A rule as a request gives it, as far as the program uses it. The dashboard gives no `ref`: then it is the rule's id. */
export const ruleBody = z.strictObject({
  ref: z.string().min(1).optional(),
  action: z.string(),
  action_parameters: z.record(z.string(), z.unknown()).optional(),
  expression: z.string(),
  description: z.string().default(""),
  enabled: z.boolean().default(true),
  logging: z.strictObject({ enabled: z.boolean() }).optional(),
  ratelimit: z
    .strictObject({
      characteristics: z.tuple([z.literal("cf.colo.id"), z.literal("ip.src")]),
      period: z.int(),
      requests_per_period: z.int().positive(),
      mitigation_timeout: z.int().nonnegative(),
      requests_to_origin: z.literal(false).default(false),
    })
    .optional(),
});
export type RuleBody = z.infer<typeof ruleBody>;

/** Cloudflare's rendering of the OWASP core rules: requests score points, and one of its rules acts on their sum. */
export const owasp = {
  id: "4814384a9e5d4991b9815dcfc25d2f1f",
  scoreRule: "6179ae15870a4bb7b2d480d4843b323c",
  scores: [25, 40, 60],
  categories: ["paranoia-level-1", "paranoia-level-2", "paranoia-level-3", "paranoia-level-4"],
} as const;

/** Cloudflare's managed rulesets, with the cheapest plan that may deploy them. */
const managedRulesets: readonly { readonly id: string; readonly name: string; readonly from: Plan }[] = [
  { id: "77454fe2d30c4220b5701f6fdfb893ba", name: "Cloudflare Managed Free Ruleset", from: "free" },
  { id: "efb7b8c949ac4650a09736fc376e9aee", name: "Cloudflare Managed Ruleset", from: "pro" },
  { id: owasp.id, name: "Cloudflare OWASP Core Ruleset", from: "pro" },
];

const isAtLeast = (plan: Plan, least: Plan): boolean => plans.indexOf(plan) >= plans.indexOf(least);

/**
 * The managed rulesets that zones of a plan may deploy.
 *
 * @see https://developers.cloudflare.com/waf/managed-rules/#available-managed-rulesets
 */
export const managedRulesetsFor = (plan: Plan) => managedRulesets.filter(({ from }) => isAtLeast(plan, from));

const paths = ["http.request.uri.path", "cf.client.bot", "cf.bot_management.verified_bot"];
const places = ["http.host", "http.request.uri", "http.request.uri.query", "http.request.full_uri"];
const clients = ["http.request.method", "ip.src", "http.user_agent"];

/** The limits of a plan. Durations in seconds. */
interface Limits {
  readonly custom: number;
  readonly rateLimits: number;
  /** Rules of each other phase. */
  readonly others: number;
  readonly longestPeriod: number;
  readonly longestMitigation: number;
  /** Fields that a rate limit may use. Default: any. */
  readonly fields?: readonly string[];
  readonly leastEdgeTtl: number;
}

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
    ...{ custom: 5, rateLimits: 1, others: 10, leastEdgeTtl: 7200 },
    ...{ longestPeriod: 10, longestMitigation: 10, fields: paths },
  },
  pro: {
    ...{ custom: 20, rateLimits: 2, others: 25, leastEdgeTtl: 3600 },
    ...{ longestPeriod: 60, longestMitigation: 3600, fields: [...paths, ...places] },
  },
  business: {
    ...{ custom: 100, rateLimits: 5, others: 50, leastEdgeTtl: 1 },
    ...{ longestPeriod: 600, longestMitigation: 86_400, fields: [...paths, ...places, ...clients] },
  },
  enterprise: {
    ...{ custom: 1000, rateLimits: 100, others: 300, leastEdgeTtl: 1 },
    ...{ longestPeriod: 3600, longestMitigation: 86_400 },
  },
};

const durations = [10, 60, 120, 300, 600, 3600, 86_400];

/** "Not entitled": what the zone's plan does not have. */
function throwNotEntitled(message: string, code = 50002): never {
  throw new ErrorResponse(400, [{ code, message: code === 50002 ? `not entitled ${message}` : message }]);
}

/** @throws {ErrorResponse} 400 if the phase has no room for so many rules. */
export function validateRuleCount(plan: Plan, phase: Phase, count: number): void {
  const { custom, rateLimits, others } = limits[plan];
  const special = { http_request_firewall_custom: custom, http_ratelimit: rateLimits };
  const most = new Map(Object.entries(special)).get(phase) ?? others;
  if (count > most)
    throwNotEntitled(
      `exceeded the maximum number of rules in the phase ${phase}: ${count} out of ${most}`,
      50001,
    );
}

/** @throws {ErrorResponse} 400 if the rule needs more than the zone's plan has. */
export function validatePlan(
  plan: Plan,
  { action, action_parameters, expression, ratelimit }: RuleBody,
): void {
  const { longestPeriod, longestMitigation, fields: allowed, leastEdgeTtl } = limits[plan];
  const { text, fields } = parseExpression(expression);
  if (!isAtLeast(plan, "business")) {
    if (/\bmatches\b|~/.test(text)) throwNotEntitled("to the operator Matches: a Business plan is required");
    if (/\bregex_replace\(/.test(text))
      throwNotEntitled("to the function regex_replace: a Business plan is required");
  }
  if (action === "log" && plan !== "enterprise")
    throwNotEntitled("to the action log: an Enterprise plan is required");
  if (action === "execute") {
    const id = String(action_parameters?.id);
    if (!managedRulesets.some((managed) => managed.id === id))
      throwNotEntitled(`'${id}' is not a valid value for id because there is no such ruleset`, 20000);
    if (!managedRulesetsFor(plan).some((managed) => managed.id === id))
      throwNotEntitled(`to execute the ruleset ${id}`);
  }
  const edgeTtl = (action_parameters?.edge_ttl as { readonly default?: number } | undefined)?.default;
  if (edgeTtl !== undefined && edgeTtl < leastEdgeTtl)
    throwNotEntitled(`to use the edge TTL ${edgeTtl}, the least is ${leastEdgeTtl}`);
  if (ratelimit === undefined) return;
  const { period, mitigation_timeout: mitigation } = ratelimit;
  const foreign = fields.find((field) => allowed?.includes(field) === false);
  if (foreign !== undefined)
    throwNotEntitled(`to the field ${foreign}: a higher Advanced Rate Limiting plan is required`);
  for (const [what, given, longest] of [
    ["period", period, longestPeriod],
    ["mitigation timeout", mitigation, longestMitigation],
  ] as const) {
    const valid = durations.filter((seconds) => seconds <= longest);
    if (!valid.includes(given))
      throwNotEntitled(`to use the ${what} ${given}, can only use one among [${valid.join(" ")}]`);
  }
}

/**
 * The expression without its quoted texts, and its fields: names with a dot, and `ssl`. The grammar of the rules language
 * is left to Cloudflare; quotes and brackets must balance.
 *
 * @throws {ErrorResponse} 400 with 20127.
 */
export function parseExpression(source: string): {
  readonly text: string;
  readonly fields: readonly string[];
} {
  const text = source.replaceAll(/"(?:[^"\\]|\\.)*"|\br(#*)".*?"\1/gs, " ");
  let brackets = text.replaceAll(/[^()[\]{}]/g, "");
  for (let last = ""; last !== brackets;)
    [last, brackets] = [brackets, brackets.replaceAll(/\(\)|\[\]|\{\}/g, "")];
  if (brackets !== "" || /"|\br#/.test(text) || source.trim() === "" || source.length > 4096) {
    const message = `'${source.slice(0, 200)}' is not a valid value for expression because the expression is invalid`;
    throw new ErrorResponse(400, [{ code: 20127, message }]);
  }
  return { text, fields: text.match(/\b[a-z]\w*(\.[a-z]\w*)+|\bssl\b/g) ?? [] };
}
