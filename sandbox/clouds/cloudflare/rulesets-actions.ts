import { z } from "zod";

import { owasp } from "./rulesets-managed";
import type { Phase } from "./rulesets-schema";

const none = z.strictObject({});

const isNotEmpty = (given: object): boolean => Object.keys(given).length > 0;

/** The response to a blocked request. Default: Cloudflare's own page. */
const block = z.strictObject({
  response: z
    .strictObject({
      status_code: z.int().min(400).max(499),
      content: z.string(),
      content_type: z.enum(["application/json", "text/html", "text/plain", "text/xml"]),
    })
    .optional(),
});

const hexId = z.string().regex(/^[0-9a-f]{32}$/, "an id has 32 hexadecimal digits");

const overrideFields = {
  action: z.enum(["block", "challenge", "js_challenge", "managed_challenge", "log"]).optional(),
  enabled: z.boolean().optional(),
};
const overrides = z.strictObject({
  ...overrideFields,
  categories: z.array(z.strictObject({ category: z.string(), ...overrideFields })).optional(),
  rules: z
    .array(
      z
        .strictObject({ id: hexId, ...overrideFields, score_threshold: z.literal(owasp.scores).optional() })
        .refine(
          ({ id, score_threshold: score }) => score === undefined || id === owasp.scoreRule,
          "score_threshold is only for the rule that acts on the score",
        ),
    )
    .optional(),
});
const execute = z
  .strictObject({ id: hexId, version: z.literal("latest").optional(), overrides: overrides.optional() })
  .refine(
    ({ id, overrides: given }) =>
      id !== owasp.id ||
      (given?.categories ?? []).every(({ category }) => owasp.categories.includes(category)),
    `categories of the OWASP ruleset are ${owasp.categories.join(", ")}`,
  );

const products = ["bic", "hot", "rateLimit", "securityLevel", "uaBlock", "waf", "zoneLockdown"] as const;
const skip = z
  .strictObject({
    ruleset: z.literal("current").optional(),
    phases: z.array(z.string()).optional(),
    products: z.array(z.enum(products)).optional(),
  })
  .refine(isNotEmpty, "skip needs ruleset, phases or products");
const skipManaged = z
  .strictObject({
    ruleset: z.literal("current").optional(),
    rulesets: z.array(hexId).optional(),
    rules: z.record(hexId, z.array(hexId)).optional(),
    phases: z.array(z.string()).optional(),
  })
  .refine(isNotEmpty, "skip needs ruleset, rulesets or rules");

const ttl = <const T extends readonly string[]>(...modes: T) =>
  z
    .strictObject({
      mode: z.enum(["respect_origin", "override_origin", "bypass_by_default", ...modes]),
      default: z.int().nonnegative().optional(),
    })
    .refine(
      (given) => (given.mode === "override_origin") === (given.default !== undefined),
      "default is for the mode override_origin, and needed there",
    )
    .optional();
const setCache = z
  .strictObject({
    cache: z.boolean().optional(),
    edge_ttl: ttl(),
    browser_ttl: ttl("bypass"),
    respect_strong_etags: z.boolean().optional(),
  })
  .refine(isNotEmpty, "set_cache_settings has to set something");

const either = { value: z.string().optional(), expression: z.string().optional() };
const isOne = (given: { readonly value?: unknown; readonly expression?: unknown }) =>
  (given.value === undefined) !== (given.expression === undefined);

const redirect = z.strictObject({
  from_value: z.strictObject({
    status_code: z.literal([301, 302, 303, 307, 308]).optional(),
    target_url: z
      .strictObject(either)
      .refine(isOne, "want either value or expression")
      .refine(
        ({ value }) => value === undefined || isRedirectTarget(value),
        "want an http or https URL, or a path",
      ),
    preserve_query_string: z.boolean().optional(),
  }),
});

const isRedirectTarget = (text: string): boolean =>
  text.startsWith("/") || (/^https?:\/\//.test(text) && URL.canParse(text));

/** Names of headers that belong to Cloudflare. */
const reservedHeaders = /^((x-)?cf-.*|eh-cache-tag|eh-cdn-cache-control|server)$/i;

const rewrite = z.strictObject({
  headers: z.record(
    z
      .string()
      .regex(/^[\w!#$%&'*+.^`|~-]+$/, "no name of a header")
      .refine((name) => !reservedHeaders.test(name), "a header that rules may not change"),
    z
      .strictObject({ operation: z.enum(["set", "add", "remove"]), ...either })
      .refine(
        (change) => (change.operation === "remove" ? Object.keys(change).length === 1 : isOne(change)),
        "set and add want either value or expression, remove neither",
      ),
  ),
});

const terminatingActions = { block, challenge: none, js_challenge: none, managed_challenge: none, log: none };

/** Phase -> action -> its parameters. */
const actionsByPhase: Readonly<Record<Phase, Readonly<Record<string, z.ZodType<Record<string, unknown>>>>>> =
  {
    http_request_firewall_managed: { execute, skip: skipManaged },
    http_request_firewall_custom: { ...terminatingActions, skip },
    http_ratelimit: terminatingActions,
    http_request_cache_settings: { set_cache_settings: setCache },
    http_response_headers_transform: { rewrite },
    http_request_dynamic_redirect: { redirect },
  };

/** The schema of an action's parameters; undefined if the phase has no such action. */
export const findParameterSchema = (
  phase: Phase,
  action: string,
): z.ZodType<Record<string, unknown>> | undefined =>
  new Map(Object.entries(actionsByPhase[phase])).get(action);

/** The expressions inside the parameters of an action: targets of redirects, values of headers. */
export function findExpressions(parameters: unknown): readonly string[] {
  if (typeof parameters !== "object" || parameters === null) return [];
  return Object.entries(parameters).flatMap(([key, value]: [string, unknown]) =>
    key === "expression" && typeof value === "string" ? [value] : findExpressions(value),
  );
}
