import { z } from "zod";

import { owasp } from "./rulesets-limits";
import type { Phase } from "./route-permissions";

const hexId = z.string().regex(/^[0-9a-f]{32}$/, "an id has 32 hexadecimal digits");

const execute = z.strictObject({
  id: hexId,
  overrides: z
    .strictObject({
      categories: z.array(z.strictObject({ category: z.enum(owasp.categories), enabled: z.boolean() })),
      rules: z.array(
        z.strictObject({
          id: z.literal(owasp.scoreRule),
          action: z.literal("block"),
          score_threshold: z.literal(owasp.scores),
        }),
      ),
    })
    .optional(),
});

const skip = z
  .strictObject({
    ruleset: z.literal("current").optional(),
    // Those after the custom rules.
    phases: z
      .array(z.enum(["http_ratelimit", "http_request_firewall_managed", "http_request_sbfm"]))
      .optional(),
  })
  .refine(({ ruleset, phases }) => ruleset ?? phases, "skip needs ruleset or phases");

const ttl = z.strictObject({ mode: z.literal("override_origin"), default: z.int().nonnegative() }).optional();
const setCache = z.strictObject({ cache: z.boolean(), edge_ttl: ttl, browser_ttl: ttl });

const redirect = z.strictObject({
  from_value: z.strictObject({
    status_code: z.literal([301, 302, 307, 308]),
    target_url: z.strictObject({ expression: z.string() }),
    preserve_query_string: z.boolean(),
  }),
});

/** Names of headers that belong to Cloudflare. */
const reservedHeaders = /^((x-)?cf-.*|eh-cache-tag|eh-cdn-cache-control|server)$/i;

const rewrite = z.strictObject({
  headers: z.record(
    z
      .string()
      .regex(/^[\w!#$%&'*+.^`|~-]+$/, "no name of a header")
      .refine((name) => !reservedHeaders.test(name), "a header that rules may not change"),
    z.discriminatedUnion("operation", [
      z.strictObject({ operation: z.literal("set"), value: z.string() }),
      z.strictObject({ operation: z.literal("remove") }),
    ]),
  ),
});

const none = z.strictObject({});
const terminating = { block: none, challenge: none, js_challenge: none, managed_challenge: none, log: none };

/** The phases' actions and their parameters, as far as the program uses them. */
const actionsByPhase: Readonly<Record<Phase, Readonly<Record<string, z.ZodType<object>>>>> = {
  http_request_firewall_managed: { execute },
  http_request_firewall_custom: { ...terminating, skip },
  http_ratelimit: { block: none },
  http_request_cache_settings: { set_cache_settings: setCache },
  http_response_headers_transform: { rewrite },
  http_request_dynamic_redirect: { redirect },
};

/** The schema of an action's parameters; undefined if the phase has no such action. */
export const findParameterSchema = (phase: Phase, action: string): z.ZodType<object> | undefined =>
  new Map(Object.entries(actionsByPhase[phase])).get(action);
