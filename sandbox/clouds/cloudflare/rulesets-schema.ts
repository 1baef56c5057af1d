import { z } from "zod";

/** The phases that are emulated. Cloudflare has more; one that is missing here is refused, never half done. */
export const phases = [
  "http_request_firewall_managed",
  "http_request_firewall_custom",
  "http_ratelimit",
  "http_request_cache_settings",
  "http_response_headers_transform",
  "http_request_dynamic_redirect",
] as const;
export type Phase = (typeof phases)[number];

/** How many requests are too many, and what then. */
const ratelimit = z.strictObject({
  characteristics: z.array(z.string()),
  period: z.int(),
  requests_per_period: z.int().positive(),
  mitigation_timeout: z.int().nonnegative().optional(),
  requests_to_origin: z.boolean().default(false),
  counting_expression: z.string().optional(),
});

const hexId = z.string().regex(/^[0-9a-f]{32}$/, "an id has 32 hexadecimal digits");

/** Read-only fields of a response, which a request may repeat. */
const readOnly = { version: z.string().optional(), last_updated: z.string().optional() };

const rule = z.strictObject({
  id: hexId.optional(),
  ref: z.string().min(1).optional(),
  action: z.string(),
  action_parameters: z.record(z.string(), z.unknown()).optional(),
  expression: z.string(),
  description: z.string().default(""),
  enabled: z.boolean().default(true),
  logging: z.strictObject({ enabled: z.boolean() }).optional(),
  ratelimit: ratelimit.optional(),
  ...readOnly,
});

/** A rule as a request gives it. */
export type RuleBody = z.infer<typeof rule>;

/** Null means absent everywhere: clients send it in a PUT to clear what was there. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => (inner === null ? [] : [[key, withoutNulls(inner)]])),
  );
}

const body = <T extends z.ZodRawShape>(shape: T) => z.preprocess(withoutNulls, z.strictObject(shape));

const described = { description: z.string().default(""), rules: z.array(rule).default([]) };

/** The body of a POST: a ruleset of its own for one phase. */
export const newRuleset = body({
  name: z.string(),
  kind: z.string(),
  phase: z.string(),
  ...described,
});

/** The body of a PUT of a ruleset: everything anew, but its kind and phase. */
export const wholeRuleset = body({
  id: hexId.optional(),
  name: z.string().optional(),
  kind: z.string().optional(),
  phase: z.string().optional(),
  ...described,
  ...readOnly,
});

/** The body of a PUT of a phase's entry point. Kind and phase follow from the path. */
export const entryPoint = body({ name: z.string().optional(), ...described });
