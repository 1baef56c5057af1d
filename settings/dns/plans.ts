import { plans, type Plan } from "../../components/cloudflare/waf-rules";

/** The limits of one plan. */
export interface PlanLimits {
  /** Cloudflare's name of the plan. */
  readonly title: string;
  /** DNS records of a zone; a zone made before September 2024 may have more on Free. */
  readonly records: number;
  /** Characters of a DNS record's comment. */
  readonly comment: number;
  /** The least TTL of a DNS record, in seconds. */
  readonly ttl: number;
  readonly customRules: number;
  readonly rateLimits: number;
  /** The number of cache rules, of response header rules and of redirects, each. */
  readonly rules: number;
  /** Whether expressions may use `matches` or `~`. */
  readonly regex: boolean;
  /** Whether custom rules may have the action `log`. */
  readonly log: boolean;
  /** Whether the plan has OWASP's ruleset. */
  readonly owasp: boolean;
  /** Whether the plan has Super Bot Fight Mode, which a rule can skip. */
  readonly superBotFightMode: boolean;
  /** The longest period of a rate limit, in seconds. */
  readonly periodSeconds: number;
  /** The longest time for which a rate limit blocks, in seconds. */
  readonly mitigationSeconds: number;
  /** The fields that the expression of a rate limit may read. Default: any. */
  readonly rateLimitFields?: readonly string[];
  /** The least edge TTL of a cache rule, in seconds. */
  readonly edgeTtlSeconds: number;
  /** The largest request body for a proxied host, in MB of 1024 KB; Cloudflare answers 413 to a larger one. */
  readonly bodyMegabytes: number;
}

/** The dashboard's "URI Path" and "Verified Bot". */
const freeFields = ["http.request.uri.path", "cf.client.bot", "cf.bot_management.verified_bot"];
/** Its "Host", "URI", "Full URI" and "Query" beside them. */
const proFields = [
  ...freeFields,
  "http.host",
  "http.request.uri",
  "http.request.full_uri",
  "http.request.uri.query",
];
/** Its "Method", "Source IP" and "User Agent" beside them. */
const businessFields = [...proFields, "http.request.method", "ip.src", "http.user_agent"];

/**
 * The limits of Cloudflare's plans. Higher ones can be agreed on with Cloudflare on Enterprise only.
 *
 * @see https://developers.cloudflare.com/dns/reference/limits/ (records, comment, ttl)
 * @see https://developers.cloudflare.com/waf/custom-rules/#availability
 * @see https://developers.cloudflare.com/waf/rate-limiting-rules/#availability
 * @see https://developers.cloudflare.com/rules/#availability (rules)
 * @see https://developers.cloudflare.com/cache/how-to/edge-browser-cache-ttl/ (edgeTtlSeconds)
 * @see https://developers.cloudflare.com/workers/platform/limits/#request-limits (bodyMegabytes)
 */
export const planLimits: Readonly<Record<Plan, PlanLimits>> = {
  free: {
    title: "Free",
    records: 200,
    comment: 100,
    ttl: 60,
    customRules: 5,
    rateLimits: 1,
    rules: 10,
    regex: false,
    log: false,
    owasp: false,
    superBotFightMode: false,
    periodSeconds: 10,
    mitigationSeconds: 10,
    rateLimitFields: freeFields,
    edgeTtlSeconds: 7200,
    bodyMegabytes: 100,
  },
  pro: {
    title: "Pro",
    records: 3500,
    comment: 500,
    ttl: 60,
    customRules: 20,
    rateLimits: 2,
    rules: 25,
    regex: false,
    log: false,
    owasp: true,
    superBotFightMode: true,
    periodSeconds: 60,
    mitigationSeconds: 3600,
    rateLimitFields: proFields,
    edgeTtlSeconds: 3600,
    bodyMegabytes: 100,
  },
  business: {
    title: "Business",
    records: 3500,
    comment: 500,
    ttl: 60,
    customRules: 100,
    rateLimits: 5,
    rules: 50,
    regex: true,
    log: false,
    owasp: true,
    superBotFightMode: true,
    periodSeconds: 600,
    mitigationSeconds: 86_400,
    rateLimitFields: businessFields,
    edgeTtlSeconds: 1,
    bodyMegabytes: 200,
  },
  enterprise: {
    title: "Enterprise",
    records: 3500,
    comment: 500,
    ttl: 30,
    customRules: 1000,
    rateLimits: 100,
    rules: 300,
    regex: true,
    log: true,
    owasp: true,
    superBotFightMode: true,
    periodSeconds: 3600,
    mitigationSeconds: 86_400,
    edgeTtlSeconds: 1,
    bodyMegabytes: 500,
  },
};

/** Cloudflare's name of the least plan with a feature. */
export const firstPlanWith = (can: (limits: PlanLimits) => boolean): string =>
  planLimits[plans.find((plan) => can(planLimits[plan])) ?? "enterprise"].title;
