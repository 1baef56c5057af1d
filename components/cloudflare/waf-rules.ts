import type * as cloudflare from "@pulumi/cloudflare";

/** The zone's Cloudflare plan, which limits its features. */
export type Plan = (typeof plans)[number];

/** All plans, lowest first. */
export const plans = ["free", "pro", "business", "enterprise"] as const;

interface RuleCommon {
  /** The rule's lasting identifier, unique in its list. Cloudflare keeps the rule's ID and statistics by it. */
  readonly ref: string;
  /** A filter in the Rules language: https://developers.cloudflare.com/ruleset-engine/rules-language/ */
  readonly expression: string;
  readonly description?: string | undefined;
  /** Default: true. */
  readonly enabled?: boolean | undefined;
}

/** The products that a skip rule can skip. `customRules`: the custom rules after it. */
export const skippable = ["customRules", "rateLimits", "managed", "superBotFightMode"] as const;

export type Skippable = (typeof skippable)[number];

export interface CustomRule extends RuleCommon {
  readonly action: "block" | "challenge" | "js_challenge" | "managed_challenge" | "log" | "skip";
  /** The products to skip. Default: all that the plan has (Free has no Super Bot Fight Mode). */
  readonly skip?: readonly Skippable[] | undefined;
}

/** Blocks a client address that exceeds a request rate. */
export interface RateLimitRule extends RuleCommon {
  readonly requests: number;
  readonly periodSeconds: number;
  /** How long the client is blocked. */
  readonly mitigationSeconds: number;
}

export interface CacheRule extends RuleCommon {
  /** Whether responses are eligible for the cache. */
  readonly cache: boolean;
  /** Default: as in the origin's headers. */
  readonly edgeTtlSeconds?: number | undefined;
  /** Default: as in the origin's headers. */
  readonly browserTtlSeconds?: number | undefined;
}

export interface ResponseHeaderRule extends RuleCommon {
  readonly set: Readonly<Record<string, string>>;
  readonly remove: readonly string[];
}

/** Redirects a host to another host, with the same path and query. */
export interface Redirect {
  readonly from: string;
  readonly to: string;
  readonly status: 301 | 302 | 307 | 308;
}

export interface WafRules {
  /** Whether Cloudflare's managed rulesets run: the Free Managed Ruleset on Free, from Pro on the full one and OWASP's. */
  readonly managed: boolean;
  /** Paranoia level 1 to 4 and blocking score of OWASP's ruleset, from Pro on. */
  readonly owasp?: { readonly paranoia: 1 | 2 | 3 | 4; readonly threshold: 25 | 40 | 60 } | undefined;
  readonly customRules: readonly CustomRule[];
  readonly rateLimits: readonly RateLimitRule[];
  readonly cacheRules: readonly CacheRule[];
  readonly responseHeaders: readonly ResponseHeaderRule[];
  readonly redirects: readonly Redirect[];
}

/** IDs of Cloudflare's managed rulesets, the same in every account. */
const managedRulesets = {
  free: "77454fe2d30c4220b5701f6fdfb893ba",
  cloudflare: "efb7b8c949ac4650a09736fc376e9aee",
  owasp: "4814384a9e5d4991b9815dcfc25d2f1f",
} as const;

/** The rule of OWASP's ruleset that blocks by the score. */
const owaspScoreRule = "6179ae15870a4bb7b2d480d4843b323c";

type Rule = cloudflare.types.input.RulesetRule;

/**
 * The rules of each phase, phases in the order in which they run. Phases without rules are omitted.
 *
 * @see https://developers.cloudflare.com/ruleset-engine/reference/phases-list/
 */
export function rulesByPhase(waf: WafRules, plan: Plan): Readonly<Record<string, readonly Rule[]>> {
  const phases = {
    http_request_dynamic_redirect: waf.redirects.map(redirectRule),
    http_request_firewall_custom: waf.customRules.map((rule) => customRule(rule, plan)),
    http_ratelimit: waf.rateLimits.map(rateLimitRule),
    http_request_firewall_managed: waf.managed ? managedRules(plan, waf.owasp) : [],
    http_request_cache_settings: waf.cacheRules.map(cacheRule),
    http_response_headers_transform: waf.responseHeaders.map(responseHeaderRule),
  };
  return Object.fromEntries(Object.entries(phases).filter(([, rules]) => rules.length > 0));
}

const common = ({ ref, expression, description, enabled }: RuleCommon) => ({
  ref,
  expression,
  description: description ?? "",
  enabled: enabled ?? true,
});

function managedRules(plan: Plan, owasp: WafRules["owasp"]): Rule[] {
  const execute = (ref: string, id: string, overrides?: object): Rule => ({
    ...common({ ref, expression: "true" }),
    action: "execute",
    actionParameters: { id, ...(overrides && { overrides }) },
  });
  if (plan === "free") return [execute("cloudflare-free", managedRulesets.free)];
  const { paranoia, threshold } = owasp ?? { paranoia: 1, threshold: 40 };
  const above = [2, 3, 4].filter((level) => level > paranoia);
  return [
    execute("cloudflare-managed", managedRulesets.cloudflare),
    execute("owasp", managedRulesets.owasp, {
      // Each paranoia level is a category, enabled unless overridden.
      categories: above.map((level) => ({ category: `paranoia-level-${level}`, enabled: false })),
      rules: [{ id: owaspScoreRule, action: "block", scoreThreshold: threshold }],
    }),
  ];
}

/** The phases after custom rules, in the order of Cloudflare's documentation. */
const skippedPhases = {
  rateLimits: "http_ratelimit",
  superBotFightMode: "http_request_sbfm",
  managed: "http_request_firewall_managed",
} as const;

/** @see https://developers.cloudflare.com/waf/custom-rules/skip/options/ */
function customRule(rule: CustomRule, plan: Plan): Rule {
  const shared = { ...common(rule), action: rule.action };
  if (rule.action !== "skip") return shared;
  const all = skippable.filter((name) => plan !== "free" || name !== "superBotFightMode");
  const skips = rule.skip ?? all;
  const phases = Object.entries(skippedPhases).flatMap(([name, phase]) =>
    skips.some((each) => each === name) ? [phase] : [],
  );
  return {
    ...shared,
    actionParameters: {
      ...(skips.includes("customRules") && { ruleset: "current" }),
      ...(phases.length > 0 && { phases }),
    },
    logging: { enabled: true },
  };
}

function rateLimitRule(rule: RateLimitRule): Rule {
  return {
    ...common(rule),
    action: "block",
    ratelimit: {
      // Required by Cloudflare: counters are per data center.
      characteristics: ["cf.colo.id", "ip.src"],
      period: rule.periodSeconds,
      requestsPerPeriod: rule.requests,
      mitigationTimeout: rule.mitigationSeconds,
    },
  };
}

function cacheRule({ cache, edgeTtlSeconds, browserTtlSeconds, ...rule }: CacheRule): Rule {
  const ttl = (seconds: number) => ({ mode: "override_origin", default: seconds });
  return {
    ...common(rule),
    action: "set_cache_settings",
    actionParameters: {
      cache,
      ...(edgeTtlSeconds !== undefined && { edgeTtl: ttl(edgeTtlSeconds) }),
      ...(browserTtlSeconds !== undefined && { browserTtl: ttl(browserTtlSeconds) }),
    },
  };
}

function responseHeaderRule({ set, remove, ...rule }: ResponseHeaderRule): Rule {
  const headers: Record<string, { readonly operation: string; readonly value?: string }> = {};
  for (const [name, value] of Object.entries(set)) headers[name] = { operation: "set", value };
  for (const name of remove) headers[name] = { operation: "remove" };
  return {
    ...common(rule),
    action: "rewrite",
    actionParameters: { headers },
  };
}

function redirectRule({ from, to, status }: Redirect): Rule {
  return {
    ...common({ ref: `redirect-${from}`, expression: `(http.host eq "${from}")` }),
    action: "redirect",
    actionParameters: {
      fromValue: {
        statusCode: status,
        targetUrl: { expression: `concat("https://${to}", http.request.uri.path)` },
        preserveQueryString: true,
      },
    },
  };
}
