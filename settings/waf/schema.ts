import { z } from "zod";

import { skippable, type WafRules } from "../../components/cloudflare/waf-rules";
import { hostName, label } from "../formats/names";
import { optionalSection } from "../formats/optional-section";
import { parseExpression } from "./rules-language";

/** An expression in Cloudflare's Rules language, with balanced brackets and quotes. */
const expression = z
  .string()
  .max(4096)
  .superRefine((text, context) => {
    const { want } = parseExpression(text);
    if (want !== undefined) context.addIssue({ code: "custom", message: want });
  });

const common = {
  /** Its name, by which Cloudflare recognizes the rule. It must never change. */
  ref: label.refine((ref) => !ref.startsWith("redirect-"), {
    error: "a ref that does not begin with redirect-, which is reserved for waf.redirects",
  }),
  /** The condition, in Cloudflare's Rules language. */
  expression,
  /** A description, shown in the dashboard. */
  description: z.string().optional(),
  /** Whether the rule is active. Default: true. */
  enabled: z.boolean().optional(),
};

const customRule = z.strictObject({
  ...common,
  /** The action for matching requests. */
  action: z.enum(["block", "challenge", "js_challenge", "managed_challenge", "log", "skip"]),
  /** The products and phases that `action: skip` skips. Default: all of the plan. */
  skip: z
    .array(z.enum(skippable))
    .min(1)
    .refine((names) => new Set(names).size === names.length, { error: "each name once" })
    .optional(),
});

/** The periods and block durations that Cloudflare supports, in seconds. */
const periods = [10, 60, 120, 300, 600, 3600] as const;

const rateLimit = z.strictObject({
  ...common,
  /** The maximum number of requests of one client address in the period and in one data centre. */
  requests: z.int().min(1),
  /** The period in which requests are counted. */
  periodSeconds: z.literal([...periods]),
  /** The time for which a client beyond the limit is blocked. */
  mitigationSeconds: z.literal([...periods, 86_400]),
});

const cacheRule = z.strictObject({
  ...common,
  /** Whether matching responses are cached. */
  cache: z.boolean(),
  /** The time for which Cloudflare caches them. Default: by the response's headers. */
  edgeTtlSeconds: z.int().min(1).optional(),
  /** The time for which browsers cache them. Default: by the response's headers. */
  browserTtlSeconds: z.int().min(1).optional(),
});

const headerName = z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/, { error: "the name of a header" });

const responseHeader = z.strictObject({
  ...common,
  /** Headers to set, replacing existing ones. */
  set: z
    .record(
      headerName,
      z.string().regex(/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/, {
        error: "printable ASCII characters, without spaces around them",
      }),
    )
    .default({}),
  /** Headers to remove. */
  remove: z.array(headerName).default([]),
});

const redirect = z.strictObject({
  /** The host that is redirected. */
  from: hostName,
  /** The target host. */
  to: hostName,
  /** The status code. */
  status: z.literal([301, 302, 307, 308]).default(301),
});

/** The rules of the whole zone at the edge. A given list replaces its default. */
const wafSettings = z.strictObject({
  /** Whether Cloudflare's managed rulesets are active: the free one, from Pro on the full one and OWASP's. */
  managed: z.boolean().default(true),
  /** The sensitivity of OWASP's ruleset. */
  owasp: z
    .strictObject({
      /** The paranoia level; higher ones have more rules. */
      paranoia: z.literal([1, 2, 3, 4]).default(1),
      /** The score from which a request is blocked: 25 (high), 40 (medium) or 60 (low sensitivity). */
      threshold: z.literal([25, 40, 60]).default(40),
    })
    .optional(),
  /** Custom firewall rules. */
  customRules: z.array(customRule).default([
    {
      ref: "no-dotfiles",
      description: "Files that no site serves",
      expression:
        '(starts_with(http.request.uri.path, "/.") and not starts_with(http.request.uri.path, "/.well-known/"))',
      action: "block",
    },
  ]),
  /** Rate limits, by client address. */
  rateLimits: z.array(rateLimit).default([
    {
      ref: "flood",
      description: "One client, far more than a person asks for",
      expression: 'starts_with(http.request.uri.path, "/")',
      requests: 500,
      periodSeconds: 10,
      mitigationSeconds: 10,
    },
  ]),
  /** Cache rules. */
  cacheRules: z.array(cacheRule).default([]),
  /** Changes of response headers at the edge. */
  responseHeaders: z.array(responseHeader).default([
    {
      ref: "security-headers",
      expression: "true",
      set: { "X-Content-Type-Options": "nosniff", "Referrer-Policy": "strict-origin-when-cross-origin" },
      remove: ["X-Powered-By"],
    },
  ]),
  /** Redirects from host to host at the edge, such as `www` to the zone. */
  redirects: z.array(redirect).default([]),
}) satisfies z.ZodType<WafRules>;

/** The defaults for the owner of the zone. */
export const wafDefaults = () => wafSettings.parse({});

/** The default sensitivity of OWASP's ruleset. */
export const owaspDefaults = { paranoia: 1, threshold: 40 } as const;

export const waf = optionalSection(wafSettings);
