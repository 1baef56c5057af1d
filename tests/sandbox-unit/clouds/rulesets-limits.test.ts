import * as assert from "node:assert/strict";

import { getAllRulesets } from "../../../sandbox/clouds/cloudflare/rulesets";
import { emulatedZones, zones, type Plan } from "./emulated-zones";

const custom = "http_request_firewall_custom";
const limit = "http_ratelimit";
const cache = "http_request_cache_settings";
const plans = ["free", "pro", "business", "enterprise"] as const;

const rateLimit = (more: object = {}) => ({
  characteristics: ["cf.colo.id", "ip.src"],
  period: 10,
  requests_per_period: 100,
  mitigation_timeout: 10,
  ...more,
});
const flood = (
  more: object = {},
  expression = 'starts_with(http.request.uri.path, "/")',
  action = "block",
) => ({
  action,
  expression,
  ratelimit: rateLimit(more),
});

/** A rule that is as good as any in its phase. */
const ruleOf: Readonly<Record<string, object>> = {
  [custom]: { action: "block", expression: "ssl" },
  [limit]: flood(),
  [cache]: { action: "set_cache_settings", expression: "ssl", action_parameters: { cache: true } },
  http_response_headers_transform: {
    action: "rewrite",
    expression: "ssl",
    action_parameters: { headers: { "X-A": { operation: "remove" } } },
  },
  http_request_dynamic_redirect: {
    action: "redirect",
    expression: "ssl",
    action_parameters: { from_value: { target_url: { value: "/" } } },
  },
};

describe("what a zone's plan allows its emulated rules", () => {
  const { got, refusal, seed, store } = emulatedZones();
  const point = (plan: Plan, phase: string) => `/zones/${zones[plan]}/rulesets/phases/${phase}/entrypoint`;
  const put = (plan: Plan, phase: string, rules: readonly object[]) =>
    got("PUT", point(plan, phase), { rules });
  const refuse = (plan: Plan, phase: string, rules: readonly object[]) =>
    refusal("PUT", point(plan, phase), { rules });

  const counts: readonly (readonly [phase: string, ...most: readonly number[]])[] = [
    [custom, 5, 20, 100],
    [limit, 1, 2, 5],
    [cache, 10, 25, 50],
    ["http_response_headers_transform", 10, 25, 50],
    ["http_request_dynamic_redirect", 10, 25, 50],
  ];
  for (const [phase, ...most] of counts)
    for (const [index, count] of most.entries()) {
      const plan = plans[index] ?? "free";
      it(`is ${count} rules of ${phase} on ${plan}, and not one more`, async () => {
        const rules = Array.from({ length: count + 1 }, () => ruleOf[phase] ?? {});
        await put(plan, phase, rules.slice(1));
        assert.deepEqual(await refuse(plan, phase, rules), {
          code: 50001,
          message: `exceeded the maximum number of rules in the phase ${phase}: ${count + 1} out of ${count}`,
        });
      });
    }

  it("is a regular expression from Business on, but the word inside a text everywhere", async () => {
    const rule = (expression: string) => [{ action: "block", expression }];
    for (const expression of ['http.host matches "^a"', 'http.host ~ r"^a"']) {
      for (const plan of ["free", "pro"] as const)
        assert.match(
          (await refuse(plan, custom, rule(expression))).message,
          /^not entitled: the use of operator Matches is not allowed, a Business plan/,
        );
      await put("business", custom, rule(expression));
    }
    await put("free", custom, rule('http.user_agent contains " matches ~ "'));
    const replaced = { target_url: { expression: 'regex_replace(http.host, "^a", "b")' } };
    const redirect = [{ action: "redirect", expression: "ssl", action_parameters: { from_value: replaced } }];
    assert.match(
      (await refuse("pro", "http_request_dynamic_redirect", redirect)).message,
      /function regex_replace is not allowed/,
    );
    await put("business", "http_request_dynamic_redirect", redirect);
  });

  it("is the action log on Enterprise only", async () => {
    const rules = [{ action: "log", expression: "ssl" }];
    for (const plan of ["free", "pro", "business"] as const)
      assert.match((await refuse(plan, custom, rules)).message, /^not entitled: the use of action log/);
    await put("enterprise", custom, rules);
  });

  it("is the free managed ruleset everywhere, and the others from Pro on", async () => {
    const managed = "http_request_firewall_managed";
    const execute = (id: string) => ({ action: "execute", expression: "true", action_parameters: { id } });
    const [free, full] = ["77454fe2d30c4220b5701f6fdfb893ba", "efb7b8c949ac4650a09736fc376e9aee"].map(
      execute,
    );
    const owasp = execute("4814384a9e5d4991b9815dcfc25d2f1f");
    await put("free", managed, [free ?? {}]);
    const before = getAllRulesets(store());
    for (const paid of [full ?? {}, owasp])
      assert.match(
        (await refuse("free", managed, [free ?? {}, paid])).message,
        /^not entitled to execute the ruleset [0-9a-f]{32}$/,
      );
    assert.deepEqual(getAllRulesets(store()), before);
    await put("pro", managed, [free ?? {}, full ?? {}, owasp]);
  });

  it("is a shortest time at the edge", async () => {
    const rule = (seconds: number) => {
      const edge_ttl = { mode: "override_origin", default: seconds };
      return [
        { action: "set_cache_settings", expression: "ssl", action_parameters: { cache: true, edge_ttl } },
      ];
    };
    const least = { free: 7200, pro: 3600, business: 1, enterprise: 1 } as const;
    for (const plan of plans) {
      await put(plan, cache, rule(least[plan]));
      assert.match(
        (await refuse(plan, cache, rule(least[plan] - 1))).message,
        /^not entitled to use the edge TTL/,
      );
    }
  });

  const rates: readonly (readonly [key: string, plan: Plan, most: number, tooMuch: number, why: RegExp])[] = [
    ["period", "free", 10, 60, /^not entitled to use the period 60, can only use a period among \[10\]$/],
    ["period", "pro", 60, 120, /can only use a period among \[10 60\]$/],
    ["period", "business", 600, 3600, /\[10 60 120 300 600\]$/],
    ["period", "enterprise", 3600, 86400, /3600\]$/],
    ["mitigation_timeout", "free", 10, 60, /^not entitled to use a mitigation timeout different from 10$/],
    ["mitigation_timeout", "pro", 3600, 86400, /^not entitled to use a mitigation timeout different from/],
    ["mitigation_timeout", "business", 86400, 86401, /^not entitled/],
    ["mitigation_timeout", "business", 86400, 11, /^not entitled/],
    ["mitigation_timeout", "free", 10, 0, /^not entitled/],
  ];
  for (const [key, plan, most, tooMuch, why] of rates)
    it(`is a rate limit's ${key} of ${most} on ${plan}, not ${tooMuch}`, async () => {
      await put(plan, limit, [flood({ [key]: most })]);
      const { code, message } = await refuse(plan, limit, [flood({ [key]: tooMuch })]);
      assert.equal(code, 50002);
      assert.match(message, why);
    });

  it("is a mitigation of 0 for a challenge", async () => {
    await put("free", limit, [flood({ mitigation_timeout: 0 }, "cf.client.bot", "managed_challenge")]);
  });

  const fields: readonly (readonly [expression: string, from: Plan])[] = [
    ['http.request.uri.path contains "/login"', "free"],
    ["not cf.client.bot", "free"],
    ['http.host eq "example.com"', "pro"],
    ['http.request.uri.query contains "a="', "pro"],
    ['http.request.method eq "POST"', "business"],
    ["ip.src in {192.0.2.0/24}", "business"],
    ['http.user_agent contains "bot"', "business"],
    ['any(http.request.headers.names[*] eq "x")', "enterprise"],
  ];
  for (const [expression, from] of fields)
    it(`is a rate limit on ${expression} from ${from} on`, async () => {
      for (const plan of plans.slice(0, plans.indexOf(from)))
        assert.match(
          (await refuse(plan, limit, [flood({}, expression)])).message,
          /^not entitled: the use of field \S+ is not allowed, an higher Advanced Rate Limiting plan is required$/,
        );
      for (const plan of plans.slice(plans.indexOf(from))) await put(plan, limit, [flood({}, expression)]);
    });

  it("is counting by client address, in each data centre", async () => {
    const by = (...characteristics: readonly string[]) => [flood({ characteristics })];
    assert.deepEqual(await refuse("free", limit, by("ip.src")), {
      code: 20155,
      message:
        "characteristics field is missing 'cf.colo.id', this is required as ratelimiting counting is processed at colocation level only",
    });
    assert.equal((await refuse("free", limit, by("cf.colo.id"))).code, 20155);
    assert.equal((await refuse("pro", limit, by("cf.colo.id", "cf.unique_visitor_id"))).code, 50002);
    await put("business", limit, by("cf.colo.id", "cf.unique_visitor_id"));
    await put("enterprise", limit, by("cf.colo.id", 'http.request.headers["x-key"]'));
  });

  it("is a counting expression from Business on", async () => {
    const rules = [flood({ counting_expression: "cf.client.bot" })];
    for (const plan of ["free", "pro"] as const) assert.equal((await refuse(plan, limit, rules)).code, 50002);
    await put("business", limit, rules);
    await put("free", limit, [flood({ counting_expression: "" })]);
    const wrong = [flood({ counting_expression: "(cf.client.bot" })];
    assert.equal((await refuse("business", limit, wrong)).code, 20127);
  });

  it("is nothing without the rate itself", async () => {
    assert.equal(
      (await refuse("free", limit, [{ action: "block", expression: "cf.client.bot" }])).code,
      20000,
    );
    for (const more of [{ requests_per_period: 0 }, { period: 10.5 }, { per: 1 }, { mitigation_timeout: -1 }])
      assert.equal((await refuse("free", limit, [flood(more)])).code, 9207);
    const { rules } = await put("free", limit, [flood()]);
    const [{ ratelimit } = {}] = rules as readonly Record<string, unknown>[];
    assert.deepEqual(ratelimit, rateLimit({ requests_to_origin: false }));
  });

  it("counts from the next change on when the plan is another one", async () => {
    const rules = Array.from({ length: 6 }, () => ruleOf[custom] ?? {});
    seed({ free: "pro" });
    const made = await put("free", custom, rules);
    seed();
    assert.deepEqual(await got("GET", point("free", custom)), made);
    assert.equal((await refuse("free", custom, rules)).code, 50001);
  });
});
