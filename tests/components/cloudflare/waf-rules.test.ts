import * as assert from "node:assert/strict";

import {
  rulesByPhase,
  type CustomRule,
  type Plan,
  type WafRules,
} from "../../../components/cloudflare/waf-rules";

const none: WafRules = {
  managed: false,
  customRules: [],
  rateLimits: [],
  cacheRules: [],
  responseHeaders: [],
  redirects: [],
};

const rule = { ref: "one", expression: 'http.host eq "example.com"' };
const common = { ...rule, description: "", enabled: true };

/** The rules of the one phase that these are of. */
function only(phase: string, rules: Partial<WafRules>, plan: Plan = "free") {
  const phases = rulesByPhase({ ...none, ...rules }, plan);
  assert.deepEqual(Object.keys(phases), [phase]);
  return phases[phase];
}

describe("rulesByPhase", () => {
  it("has no phase without rules", () => assert.deepEqual(rulesByPhase(none, "enterprise"), {}));

  it("keeps the order of a list", () => {
    const refs = ["b", "a", "c"];
    const customRules = refs.map((ref) => ({ ...rule, ref, action: "block" as const }));
    assert.deepEqual(
      only("http_request_firewall_custom", { customRules })?.map(({ ref }) => ref),
      refs,
    );
  });

  const lists = {
    customRules: { ...rule, action: "block" },
    rateLimits: { ...rule, requests: 1, periodSeconds: 10, mitigationSeconds: 10 },
    cacheRules: { ...rule, cache: true },
    responseHeaders: { ...rule, set: {}, remove: [] },
  } as const;
  for (const [list, minimal] of Object.entries(lists)) {
    const made = (more: object) =>
      Object.values(rulesByPhase({ ...none, [list]: [{ ...minimal, ...more }] }, "free"))[0]?.[0];
    it(`defaults enabled and description of ${list}`, () => {
      const { description, enabled } = made({}) ?? {};
      assert.deepEqual([description, enabled], ["", true]);
    });

    it(`passes on enabled and description of ${list}`, () => {
      const { ref, expression, description, enabled } = made({ description: "Why", enabled: false }) ?? {};
      assert.deepEqual(
        { ref, expression, description, enabled },
        { ...rule, description: "Why", enabled: false },
      );
    });
  }
});

describe("customRules", () => {
  for (const action of ["block", "challenge", "js_challenge", "managed_challenge", "log"] as const)
    it(`can ${action}, without parameters`, () =>
      assert.deepEqual(only("http_request_firewall_custom", { customRules: [{ ...rule, action }] }), [
        { ...common, action },
      ]));

  const [limits, bots, managed] = [
    "http_ratelimit",
    "http_request_sbfm",
    "http_request_firewall_managed",
  ] as const;
  const skips: [plan: Plan, skips: CustomRule["skip"], parameters: object][] = [
    ["free", undefined, { ruleset: "current", phases: [limits, managed] }],
    ["pro", undefined, { ruleset: "current", phases: [limits, bots, managed] }],
    ["enterprise", undefined, { ruleset: "current", phases: [limits, bots, managed] }],
    ["free", ["customRules"], { ruleset: "current" }],
    ["free", ["rateLimits"], { phases: [limits] }],
    ["pro", ["managed", "superBotFightMode"], { phases: [bots, managed] }],
  ];
  for (const [plan, names, actionParameters] of skips)
    it(`skip ${names?.join(" and ") ?? "everything"} on ${plan}, and log it`, () =>
      assert.deepEqual(
        only(
          "http_request_firewall_custom",
          { customRules: [{ ...rule, action: "skip", skip: names }] },
          plan,
        ),
        [{ ...common, action: "skip", actionParameters, logging: { enabled: true } }],
      ));
});

describe("rules of other phases", () => {
  const rows: [what: string, phase: string, rules: Partial<WafRules>, expected: object][] = [
    [
      "limit the rate by client address and data center",
      "http_ratelimit",
      { rateLimits: [{ ...rule, requests: 500, periodSeconds: 10, mitigationSeconds: 60 }] },
      {
        action: "block",
        ratelimit: {
          characteristics: ["cf.colo.id", "ip.src"],
          period: 10,
          requestsPerPeriod: 500,
          mitigationTimeout: 60,
        },
      },
    ],
    ...(
      [
        ["leave the cache times to the origin's headers", {}, {}],
        ["can turn caching off", { cache: false }, { cache: false }],
        [
          "set the edge TTL",
          { edgeTtlSeconds: 7200 },
          { edgeTtl: { mode: "override_origin", default: 7200 } },
        ],
        [
          "set the browser TTL, zero included",
          { browserTtlSeconds: 0 },
          { browserTtl: { mode: "override_origin", default: 0 } },
        ],
      ] as const
    ).map(([what, fields, parameters]): (typeof rows)[number] => [
      what,
      "http_request_cache_settings",
      { cacheRules: [{ ...rule, cache: true, ...fields }] },
      { action: "set_cache_settings", actionParameters: { cache: true, ...parameters } },
    ]),
    [
      "set and remove response headers by name",
      "http_response_headers_transform",
      { responseHeaders: [{ ...rule, set: { "X-One": "1" }, remove: ["X-Powered-By"] }] },
      {
        action: "rewrite",
        actionParameters: {
          headers: {
            "X-One": { operation: "set", value: "1" },
            "X-Powered-By": { operation: "remove" },
          },
        },
      },
    ],
    [
      "redirect to another host with the same path and query, with the source host in their ref",
      "http_request_dynamic_redirect",
      { redirects: [{ from: "www.example.com", to: "example.com", status: 308 }] },
      {
        ref: "redirect-www.example.com",
        expression: '(http.host eq "www.example.com")',
        action: "redirect",
        actionParameters: {
          fromValue: {
            statusCode: 308,
            targetUrl: { expression: 'concat("https://example.com", http.request.uri.path)' },
            preserveQueryString: true,
          },
        },
      },
    ],
  ];
  for (const [what, phase, rules, expected] of rows)
    it(what, () => assert.deepEqual(only(phase, rules), [{ ...common, ...expected }]));
});

describe("managed", () => {
  const phase = "http_request_firewall_managed";
  const execute = (ref: string, id: string, overrides?: object) => ({
    ref,
    expression: "true",
    description: "",
    enabled: true,
    action: "execute",
    actionParameters: { id, ...(overrides && { overrides }) },
  });
  const cloudflare = execute("cloudflare-managed", "efb7b8c949ac4650a09736fc376e9aee");
  const owasp = (levels: readonly number[], scoreThreshold: number) =>
    execute("owasp", "4814384a9e5d4991b9815dcfc25d2f1f", {
      categories: levels.map((level) => ({ category: `paranoia-level-${level}`, enabled: false })),
      rules: [{ id: "6179ae15870a4bb7b2d480d4843b323c", action: "block", scoreThreshold }],
    });

  it("is the free ruleset on the Free plan", () =>
    assert.deepEqual(only(phase, { managed: true }), [
      execute("cloudflare-free", "77454fe2d30c4220b5701f6fdfb893ba"),
    ]));

  for (const plan of ["pro", "business", "enterprise"] as const)
    it(`is Cloudflare's full ruleset and OWASP's, with its defaults, on the ${plan} plan`, () =>
      assert.deepEqual(only(phase, { managed: true }, plan), [cloudflare, owasp([2, 3, 4], 40)]));

  for (const [paranoia, off] of [
    [1, [2, 3, 4]],
    [2, [3, 4]],
    [3, [4]],
    [4, []],
  ] as const)
    it(`disables ${off.length} OWASP levels above paranoia ${paranoia}`, () =>
      assert.deepEqual(only(phase, { managed: true, owasp: { paranoia, threshold: 25 } }, "pro"), [
        cloudflare,
        owasp(off, 25),
      ]));

  it("is empty if turned off, even with OWASP settings", () =>
    assert.deepEqual(rulesByPhase({ ...none, owasp: { paranoia: 1, threshold: 40 } }, "pro"), {}));
});
