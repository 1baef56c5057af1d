import { refuses, takes } from "./refusals";

const path = 'http.request.uri.path eq "/"';
const custom = { ref: "a", expression: path, action: "block" };
const limit = { ref: "a", expression: path, requests: 1, periodSeconds: 10, mitigationSeconds: 10 };
const cache = { ref: "a", expression: path, cache: true };
const header = { ref: "a", expression: path, set: { "X-A": "b" } };
const rules = (count: number, rule: object) =>
  Array.from({ length: count }, (_, index) => ({ ...rule, ref: `a${index}` }));
const on = (plan: string, changes: object) => ({ "dns.plan": plan, ...changes });

describe("a rule of the edge at fault", () => {
  const one = (rule: object) => ({ "waf.customRules": [{ ...custom, ...rule }] });
  refuses([
    [{ waf: true }, "waf: got true, want keys and values"],
    [{ "waf.rules": [] }, "waf.rules: is not a known key"],
    [
      one({ action: "allow" }),
      'waf.customRules.0.action: got "allow", want block, challenge, js_challenge, managed_challenge, log or skip',
    ],
    [
      one({ ref: "A" }),
      'waf.customRules.0.ref: got "A", want lower-case letters, digits and dashes, a letter first, 63 at most',
    ],
    [
      one({ ref: "redirect-a" }),
      'waf.customRules.0.ref: got "redirect-a", want a ref that does not begin with redirect-, as those of redirects do',
    ],
    [one({ ref: undefined }), "waf.customRules.0.ref: is missing, want a string"],
    [one({ expression: "" }), 'waf.customRules.0.expression: got "", want an expression, such as true'],
    [
      one({ expression: "(a eq 1" }),
      'waf.customRules.0.expression: got "(a eq 1", want the ( at character 1 to be closed',
    ],
    [
      one({ expression: "x".repeat(4097) }),
      `waf.customRules.0.expression: got "${"x".repeat(76)}... (4097 characters), want at most 4096 characters`,
    ],
    ...(["customRules", "rateLimits", "cacheRules", "responseHeaders"] as const).map((list) => {
      const rule = { customRules: custom, rateLimits: limit, cacheRules: cache, responseHeaders: header }[
        list
      ];
      const line = `waf.${list}.1.ref: got a a second time, want a ref of its own`;
      return [on("business", { [`waf.${list}`]: [rule, rule] }), line] as const;
    }),
    [{ "waf.rateLimits": [{ ...limit, requests: 0 }] }, "waf.rateLimits.0.requests: got 0, want 1 or more"],
    [
      { "waf.rateLimits": [{ ...limit, periodSeconds: 11 }] },
      "waf.rateLimits.0.periodSeconds: got 11, want 10, 60, 120, 300, 600 or 3600",
    ],
    [
      { "waf.rateLimits": [{ ...limit, mitigationSeconds: 0 }] },
      "waf.rateLimits.0.mitigationSeconds: got 0, want 10, 60, 120, 300, 600, 3600 or 86400",
    ],
    [
      { "waf.cacheRules": [{ ...cache, cache: undefined }] },
      "waf.cacheRules.0.cache: is missing, want true or false",
    ],
    [
      on("business", { "waf.cacheRules": [{ ...cache, edgeTtlSeconds: 0 }] }),
      "waf.cacheRules.0.edgeTtlSeconds: got 0, want 1 or more",
    ],
    [
      { "waf.cacheRules": [{ ...cache, browserTtlSeconds: 0 }] },
      "waf.cacheRules.0.browserTtlSeconds: got 0, want 1 or more",
    ],
    [
      { "waf.cacheRules": [{ ...cache, cache: false, edgeTtlSeconds: 7200 }] },
      "waf.cacheRules.0.edgeTtlSeconds: got 7200 with cache: false, want cache: true, or no edgeTtlSeconds",
    ],
    [
      { "waf.responseHeaders": [{ ...header, set: {} }] },
      "waf.responseHeaders.0: changes nothing, want a header to set or to remove",
    ],
    [
      { "waf.responseHeaders": [{ ...header, remove: ["x-a"] }] },
      "waf.responseHeaders.0: got the header x-a more than once, want it once",
    ],
    [
      { "waf.responseHeaders": [{ ...header, set: { "X A": "b" } }] },
      "waf.responseHeaders.0.set.X A: is not a good name, want the name of a header",
    ],
    [
      { "waf.responseHeaders": [{ ...header, set: { "X-A": "b " } }] },
      'waf.responseHeaders.0.set.X-A: got "b ", want printable ASCII characters, without spaces around them',
    ],
  ]);
  takes([
    one({ expression: `${"x".repeat(4092)} eq`.slice(0, 4096) }),
    one({ description: "a", enabled: false }),
    { waf: {} },
    { "waf.rateLimits": [{ ...limit, requests: 1_000_000 }] },
    { "waf.cacheRules": [{ ...cache, cache: false, browserTtlSeconds: 1 }] },
    { "waf.responseHeaders": [{ ref: "a", expression: "true", remove: ["Server"] }] },
    // A ref is unique in its list only.
    { "waf.customRules": [custom], "waf.rateLimits": [limit], "waf.cacheRules": [cache] },
  ]);
});

describe("what the zone's plan cannot do", () => {
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
  refuses(bounds.map(({ refused }) => refused));
  takes(bounds.map(({ taken }) => taken));

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
  refuses([
    [redirects(11), "waf.redirects: got 11 rules, but the Free plan has 10"],
    [on("business", redirects(51)), "waf.redirects: got 51 rules, but the Business plan has 50"],
    [custom1(matches), `waf.customRules.0.expression: ${regex("Free")}`],
    [
      on("pro", custom1({ expression: 'http.request.uri.path ~ "^/a"' })),
      `waf.customRules.0.expression: ${regex("Pro")}`,
    ],
    [cache1(matches), `waf.cacheRules.0.expression: ${regex("Free")}`],
    [limit1(matches), `waf.rateLimits.0.expression: ${regex("Free")}`],
    [
      { "waf.responseHeaders": [{ ...header, ...matches }] },
      `waf.responseHeaders.0.expression: ${regex("Free")}`,
    ],
    ...(["free", "pro", "business"] as const).map(
      (plan) =>
        [
          on(plan, custom1({ action: "log" })),
          `waf.customRules.0.action: got log, but the ${titles[plan]} plan has none: it comes with Enterprise`,
        ] as const,
    ),
    [
      limit1({ periodSeconds: 60 }),
      "waf.rateLimits.0.periodSeconds: got 60, but the Free plan has 10 at most",
    ],
    [
      on("pro", limit1({ periodSeconds: 120 })),
      "waf.rateLimits.0.periodSeconds: got 120, but the Pro plan has 60 at most",
    ],
    [
      on("business", limit1({ periodSeconds: 3600 })),
      "waf.rateLimits.0.periodSeconds: got 3600, but the Business plan has 600 at most",
    ],
    [
      limit1({ mitigationSeconds: 60 }),
      "waf.rateLimits.0.mitigationSeconds: got 60, but the Free plan has 10 at most",
    ],
    [
      on("pro", limit1({ mitigationSeconds: 86400 })),
      "waf.rateLimits.0.mitigationSeconds: got 86400, but the Pro plan has 3600 at most",
    ],
    [
      limit1({ expression: 'http.host eq "example.com"' }),
      "waf.rateLimits.0.expression: reads http.host, but on the Free plan a rate limit reads only " +
        "http.request.uri.path, cf.client.bot, cf.bot_management.verified_bot",
    ],
    [
      on("pro", limit1({ expression: `${path} and ip.src eq 192.0.2.1` })),
      "waf.rateLimits.0.expression: reads ip.src, but on the Pro plan a rate limit reads only http.request.uri.path, " +
        "cf.client.bot, cf.bot_management.verified_bot, http.host, http.request.uri, http.request.full_uri, " +
        "http.request.uri.query",
    ],
    [
      on("business", limit1({ expression: 'any(http.request.headers["a"][*] eq "b")' })),
      "waf.rateLimits.0.expression: reads http.request.headers, but on the Business plan a rate limit reads only " +
        "http.request.uri.path, cf.client.bot, cf.bot_management.verified_bot, http.host, http.request.uri, " +
        "http.request.full_uri, http.request.uri.query, http.request.method, ip.src, http.user_agent",
    ],
    [
      cache1({ edgeTtlSeconds: 7199 }),
      "waf.cacheRules.0.edgeTtlSeconds: got 7199, but the Free plan has 7200 at least",
    ],
    [
      on("pro", cache1({ edgeTtlSeconds: 3599 })),
      "waf.cacheRules.0.edgeTtlSeconds: got 3599, but the Pro plan has 3600 at least",
    ],
    [{ "waf.owasp": {} }, "waf.owasp: is given, but the Free plan has none: it comes with Pro"],
  ]);
  takes([
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

describe("OWASP's rules at fault", () => {
  refuses([
    [on("pro", { "waf.owasp.paranoia": 5 }), "waf.owasp.paranoia: got 5, want 1, 2, 3 or 4"],
    [on("pro", { "waf.owasp.threshold": 50 }), "waf.owasp.threshold: got 50, want 25, 40 or 60"],
    [
      on("pro", { waf: { managed: false, owasp: {} } }),
      "waf.owasp: is given with managed: false, want managed: true, or no owasp",
    ],
  ]);
  takes([on("pro", { "waf.managed": false }), on("pro", { "waf.owasp": {} })]);
});

describe("a redirect at fault", () => {
  const to = (...pairs: (readonly [from: string, to: string])[]) => ({
    "waf.redirects": pairs.map(([from, to]) => ({ from, to })),
  });
  const hidden =
    "which is not proxied, so the edge never sees its visitors; want a name with a proxied record";
  refuses([
    [
      { "waf.redirects": [{ from: "www.example.com", to: "https://example.com" }] },
      'waf.redirects.0.to: got "https://example.com", want a host name in lower case, such as api.example.com',
    ],
    [
      { "waf.redirects": [{ from: "www.example.com", to: "example.com", status: 303 }] },
      "waf.redirects.0.status: got 303, want 301, 302, 307 or 308",
    ],
    [
      to(["www.example.org", "example.com"]),
      "waf.redirects.0.from: got www.example.org, want a name in example.com",
    ],
    [to(["old.example.com", "example.com"]), `waf.redirects.0.from: got old.example.com, ${hidden}`],
    [
      { ...to(["www.example.com", "example.com"]), "dns.records.0.proxied": false },
      `waf.redirects.0.from: got www.example.com, ${hidden}`,
    ],
    [
      to(["www.example.com", "www.example.com"]),
      "waf.redirects.0.to: got www.example.com, want a name other than the one it is from",
    ],
    [
      to(["www.example.com", "example.com"], ["www.example.com", "example.org"]),
      "waf.redirects.1.from: got www.example.com a second time, want it once",
    ],
    [
      to(["www.example.com", "api.example.com"], ["api.example.com", "example.com"]),
      "waf.redirects.0.to: got api.example.com, which is itself redirected to example.com; want the name where that ends",
    ],
  ]);
  takes([
    to(["www.example.com", "example.com"], ["api.example.com", "example.org"]),
    { "dns.records.3": { type: "A", name: "*" }, ...to(["old.example.com", "example.com"]) },
    { "dns.records.3": { type: "A", name: "müller" }, ...to(["müller.example.com", "example.com"]) },
    { "waf.redirects": [{ from: "www.example.com", to: "example.com", status: 308 }] },
  ]);
});
