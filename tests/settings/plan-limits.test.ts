import { rejects, accepts } from "./configurations";

const path = 'http.request.uri.path eq "/"';
const custom = { ref: "a", expression: path, action: "block" };
const limit = { ref: "a", expression: path, requests: 1, periodSeconds: 10, mitigationSeconds: 10 };
const cache = { ref: "a", expression: path, cache: true };
const header = { ref: "a", expression: path, set: { "X-A": "b" } };
const rules = (count: number, rule: object) =>
  Array.from({ length: count }, (_, index) => ({ ...rule, ref: `a${index}` }));
const on = (plan: string, changes: object) => ({ "dns.plan": plan, ...changes });

describe("limits of the zone's plan", () => {
  const titles = { free: "Free", pro: "Pro", business: "Business", enterprise: "Enterprise" } as const;
  const most = {
    customRules: [custom, { free: 5, pro: 20, business: 100, enterprise: 1000 }],
    rateLimits: [limit, { free: 1, pro: 2, business: 5, enterprise: 100 }],
    cacheRules: [cache, { free: 10, pro: 25, business: 50, enterprise: 300 }],
    responseHeaders: [header, { free: 10, pro: 25, business: 50, enterprise: 300 }],
  } as const;
  const bounds = Object.entries(most).flatMap(([list, [rule, counts]]) =>
    (Object.keys(titles) as (keyof typeof titles)[]).map((plan) => {
      const many = (count: number) => on(plan, { [`waf.${list}`]: rules(count, rule) });
      const line = `waf.${list}: got ${counts[plan] + 1} rules, but the ${titles[plan]} plan has ${counts[plan]}`;
      return { refused: [many(counts[plan] + 1), line] as const, taken: many(counts[plan]) };
    }),
  );
  rejects(bounds.map(({ refused }) => refused));
  accepts(bounds.map(({ taken }) => taken));

  const redirects = (count: number) => ({
    "dns.records.3": { type: "A", name: "*" },
    "waf.redirects": Array.from({ length: count }, (_, index) => ({
      from: `x${index}.example.com`,
      to: "example.com",
    })),
  });
  const regex = (plan: string) =>
    `compares with a regular expression (matches or ~), but the ${plan} plan has none: they come with Business`;
  const custom1 = (rule: object) => ({ "waf.customRules": [{ ...custom, ...rule }] });
  const limit1 = (rule: object) => ({ "waf.rateLimits": [{ ...limit, ...rule }] });
  const cache1 = (rule: object) => ({ "waf.cacheRules": [{ ...cache, ...rule }] });
  const matches = { expression: 'http.request.uri.path matches "^/a"' };
  rejects([
    ...(["free", "pro", "business"] as const).map(
      (plan) =>
        [
          on(plan, custom1({ action: "log" })),
          `waf.customRules.0.action: got log, but the ${titles[plan]} plan has none: it comes with Enterprise`,
        ] as const,
    ),
  ]);
  rejects({
    "waf.redirects: got 11 rules, but the Free plan has 10": redirects(11),
    "waf.redirects: got 51 rules, but the Business plan has 50": on("business", redirects(51)),
    [`waf.customRules.0.expression: ${regex("Free")}`]: custom1(matches),
    [`waf.customRules.0.expression: ${regex("Pro")}`]: on(
      "pro",
      custom1({ expression: 'http.request.uri.path ~ "^/a"' }),
    ),
    [`waf.cacheRules.0.expression: ${regex("Free")}`]: cache1(matches),
    [`waf.rateLimits.0.expression: ${regex("Free")}`]: limit1(matches),
    [`waf.responseHeaders.0.expression: ${regex("Free")}`]: {
      "waf.responseHeaders": [{ ...header, ...matches }],
    },
    "waf.rateLimits.0.periodSeconds: got 60, but the Free plan has 10 or less": limit1({ periodSeconds: 60 }),
    "waf.rateLimits.0.periodSeconds: got 120, but the Pro plan has 60 or less": on(
      "pro",
      limit1({ periodSeconds: 120 }),
    ),
    "waf.rateLimits.0.periodSeconds: got 3600, but the Business plan has 600 or less": on(
      "business",
      limit1({ periodSeconds: 3600 }),
    ),
    "waf.rateLimits.0.mitigationSeconds: got 60, but the Free plan has 10 or less": limit1({
      mitigationSeconds: 60,
    }),
    "waf.rateLimits.0.mitigationSeconds: got 86400, but the Pro plan has 3600 or less": on(
      "pro",
      limit1({ mitigationSeconds: 86400 }),
    ),
    "waf.rateLimits.0.expression: reads http.host, but on the Free plan a rate limit reads only http.request.uri.path, cf.client.bot, cf.bot_management.verified_bot":
      limit1({ expression: 'http.host eq "example.com"' }),
    "waf.rateLimits.0.expression: reads ip.src, but on the Pro plan a rate limit reads only http.request.uri.path, cf.client.bot, cf.bot_management.verified_bot, http.host, http.request.uri, http.request.full_uri, http.request.uri.query":
      on("pro", limit1({ expression: `${path} and ip.src eq 192.0.2.1` })),
    "waf.rateLimits.0.expression: reads http.request.headers, but on the Business plan a rate limit reads only http.request.uri.path, cf.client.bot, cf.bot_management.verified_bot, http.host, http.request.uri, http.request.full_uri, http.request.uri.query, http.request.method, ip.src, http.user_agent":
      on("business", limit1({ expression: 'any(http.request.headers["a"][*] eq "b")' })),
    "waf.cacheRules.0.edgeTtlSeconds: got 7199, but the Free plan has 7200 or more": cache1({
      edgeTtlSeconds: 7199,
    }),
    "waf.cacheRules.0.edgeTtlSeconds: got 3599, but the Pro plan has 3600 or more": on(
      "pro",
      cache1({ edgeTtlSeconds: 3599 }),
    ),
    "waf.owasp: the Free plan has no OWASP ruleset: it comes with Pro": { "waf.owasp": {} },
  });
  accepts([
    redirects(10),
    on("business", redirects(50)),
    on("business", custom1(matches)),
    custom1({ expression: 'http.request.uri.path contains "a matches b ~ c"' }),
    on("enterprise", custom1({ action: "log" })),
    on("pro", limit1({ periodSeconds: 60, mitigationSeconds: 3600 })),
    on("business", limit1({ periodSeconds: 600, mitigationSeconds: 86400 })),
    on("enterprise", limit1({ periodSeconds: 3600, mitigationSeconds: 86400 })),
    limit1({ expression: `${path} and not cf.client.bot` }),
    on("pro", limit1({ expression: 'http.host eq "example.com"' })),
    on("business", limit1({ expression: "ip.src eq 192.0.2.1" })),
    on("enterprise", limit1({ expression: 'any(http.request.headers["a"][*] eq "b")' })),
    cache1({ edgeTtlSeconds: 7200 }),
    on("pro", cache1({ edgeTtlSeconds: 3600 })),
    on("business", cache1({ edgeTtlSeconds: 1 })),
    on("pro", { "waf.owasp": { paranoia: 4, threshold: 25 } }),
  ]);
});
