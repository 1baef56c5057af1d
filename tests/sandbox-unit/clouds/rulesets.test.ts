import * as assert from "node:assert/strict";

import { cloudflareInventory } from "../../../sandbox/clouds/cloudflare";
import { emulatedCloudflare, zones, type Json, type Plan } from "./emulated-cloudflare";

const managed = "http_request_firewall_managed";
const custom = "http_request_firewall_custom";
const limit = "http_ratelimit";
const cache = "http_request_cache_settings";
const headers = "http_response_headers_transform";
const redirect = "http_request_dynamic_redirect";
const plans = ["free", "pro", "business", "enterprise"] as const satisfies readonly Plan[];

const rule = (ref: string, action: string, action_parameters?: object, more: object = {}) => ({
  ref,
  action,
  expression: "ssl",
  ...(action_parameters && { action_parameters }),
  ...more,
});
const block = (ref: string, more: object = {}) => rule(ref, "block", undefined, more);
const rate = {
  characteristics: ["cf.colo.id", "ip.src"],
  period: 10,
  requests_per_period: 100,
  mitigation_timeout: 10,
};
const flood = (more: object = {}, expression = 'http.request.uri.path eq "/"') =>
  block("flood", { expression, ratelimit: { ...rate, ...more } });
const owasp = "4814384a9e5d4991b9815dcfc25d2f1f";
const full = "efb7b8c949ac4650a09736fc376e9aee";
const free = "77454fe2d30c4220b5701f6fdfb893ba";
const execute = (id: string, overrides?: object) => rule(id, "execute", { id, overrides });
const scoreRule = { id: "6179ae15870a4bb7b2d480d4843b323c", action: "block", score_threshold: 40 };
const edgeTtl = (seconds: number) =>
  rule("ttl", "set_cache_settings", {
    cache: true,
    edge_ttl: { mode: "override_origin", default: seconds },
  });
const to = (from_value: object) =>
  rule("to", "redirect", {
    from_value: {
      status_code: 301,
      preserve_query_string: true,
      target_url: { expression: '"https://a.test"' },
      ...from_value,
    },
  });
const set = (name: string, change: object) => rule("set", "rewrite", { headers: { [name]: change } });

/** A valid rule of each phase. */
const ruleOf: Readonly<Record<string, object>> = {
  [custom]: block("a"),
  [limit]: flood(),
  [cache]: rule("a", "set_cache_settings", { cache: true }),
  [headers]: set("X-A", { operation: "remove" }),
  [redirect]: to({}),
};

describe("The rulesets of an emulated zone", () => {
  const { call, got, list, refusal, changes, restart, seed, store } = emulatedCloudflare();
  const pathOf = (plan: Plan = "free") => `/zones/${zones[plan]}/rulesets`;
  const ruleset = (rules: readonly object[], more: object = {}) => ({
    ...{ name: "default", kind: "zone", phase: custom, rules },
    ...more,
  });
  const create = (rules: readonly object[], phase = custom, plan?: Plan) =>
    got("POST", pathOf(plan), ruleset(rules, { phase }));
  const put = (id: unknown, rules: readonly object[], more?: object) =>
    got("PUT", `${pathOf()}/${String(id)}`, ruleset(rules, more));
  const refuse = (rules: readonly object[], phase = custom, plan?: Plan) =>
    refusal("POST", pathOf(plan), ruleset(rules, { phase }));
  const rulesOf = (answer: Json) => answer.rules as readonly Json[];

  it("have exactly the fields of the API, and their phase is free again once they are deleted", async () => {
    const created = await create([block("a", { action_parameters: {}, description: null, logging: null })]);
    const { id, last_updated: updated, rules, ...rest } = created;
    assert.deepEqual(rest, { kind: "zone", name: "default", description: "", phase: custom, version: "1" });
    const [{ id: ruleId, last_updated: written, ...shown } = {}] = rules as readonly Json[];
    for (const each of [id, ruleId]) assert.match(String(each), /^[0-9a-f]{32}$/);
    for (const time of [updated, written]) assert.ok(!Number.isNaN(Date.parse(String(time))));
    assert.deepEqual(shown, {
      ...{ ref: "a", action: "block", expression: "ssl", description: "", enabled: true, version: "1" },
    });
    restart();
    assert.deepEqual(await got("GET", `${pathOf()}/${String(id)}`), created);
    assert.deepEqual(cloudflareInventory(store()).rulesets, [{ zone: zones.free, ...created }]);

    const { status, result } = await call("DELETE", `${pathOf()}/${String(id)}`);
    assert.deepEqual([status, result], [204, undefined]);
    for (const method of ["GET", "DELETE", "PUT"]) {
      const gone = await call(
        method,
        `${pathOf()}/${String(id)}`,
        method === "PUT" ? ruleset([]) : undefined,
      );
      assert.deepEqual([gone.status, gone.codes], [404, [10001]], method);
    }
    await create([]);
  });

  it("are listed without their rules, beside those that the plan may deploy", async () => {
    const created = await create([block("a")]);
    const listed = await list(pathOf());
    assert.deepEqual({ ...listed[0], rules: created.rules }, created);
    assert.ok(!listed.some((each) => "rules" in each));
    assert.deepEqual(
      listed.slice(1).map(({ id, kind }) => [id, kind]),
      [[free, "managed"]],
    );
    assert.equal((await list(pathOf("pro"))).length, 3);
  });

  it("are one for each phase of a zone", async () => {
    await create([]);
    assert.deepEqual(await refuse([]), {
      code: 20217,
      message: `'zone' is not a valid value for kind because exceeded maximum number of zone rulesets for phase ${custom}`,
    });
    await create([], limit);
    await create([], custom, "pro");
  });

  it("keep the ids of rules by their refs, and versions of unchanged ones", async () => {
    const created = await create([block("a"), block("b"), block("c")]);
    const [a, b, c] = rulesOf(created);
    const wanted = [block("new"), block("c"), block("a", { enabled: false })];
    const after = await put(created.id, wanted, { description: "x" });
    assert.deepEqual([after.id, after.version, after.description], [created.id, "2", "x"]);
    const [first, second, third] = rulesOf(after);
    assert.ok(![a?.id, b?.id, c?.id].includes(first?.id));
    assert.deepEqual(second, c);
    assert.deepEqual([third?.id, third?.version], [a?.id, "2"]);
    const common = { zone: zones.free, kind: "ruleset", id: created.id };
    await call("DELETE", `${pathOf()}/${String(created.id)}`);
    assert.deepEqual(changes(), [
      { ...common, op: "create", after: created },
      { ...common, op: "update", before: created, after },
      { ...common, op: "delete", before: after },
    ]);
  });

  it("have rules of the dashboard, whose ref is their id", async () => {
    const created = await create([
      { action: "block", expression: "ssl" },
      { action: "block", expression: "ssl" },
    ]);
    for (const { id, ref } of rulesOf(created)) assert.equal(ref, id);
    const [first] = rulesOf(await put(created.id, [block("a")]));
    assert.ok(rulesOf(created).every(({ id }) => id !== first?.id));
  });

  it("stay as they were if one rule of a PUT is refused, and keep kind and phase", async () => {
    const created = await create([block("a")]);
    const path = `${pathOf()}/${String(created.id)}`;
    await refusal("PUT", path, ruleset([block("b"), rule("c", "drop")]));
    for (const more of [{ kind: "root" }, { phase: limit }])
      assert.equal((await refusal("PUT", path, ruleset([], more))).code, 20217);
    assert.deepEqual(await got("GET", path), created);
  });

  for (const [code, body] of [
    [20217, ruleset([], { phase: "http_request_custom" })],
    [20217, ruleset([], { kind: "custom" })],
    [9207, ruleset([], { name: undefined })],
    [9207, ruleset([], { rulse: [] })],
    [9207, ruleset([block("a", { priority: 1 })])],
    [9207, ruleset([{ ref: "a", action: "block" }])],
    [9207, ruleset([block("")])],
    [9207, ruleset([flood({ requests_per_period: 0 })], { phase: limit })],
    [9207, ruleset([flood({ characteristics: ["ip.src"] })], { phase: limit })],
  ] as const)
    it(`refuse ${JSON.stringify(body).slice(0, 120)} with ${code}`, async () =>
      assert.equal((await refusal("POST", pathOf(), body)).code, code));

  const refused: readonly (readonly [phase: string, rule: object, code: number])[] = [
    [custom, rule("a", "drop"), 20000],
    [custom, rule("a", "redirect"), 20000],
    [custom, block("a", { logging: { enabled: true } }), 20018],
    [custom, block("a", { ratelimit: rate }), 20000],
    [custom, rule("a", "block", { ruleset: "current" }), 20000],
    [custom, rule("a", "skip"), 20113],
    [custom, rule("a", "skip", {}), 20000],
    [custom, rule("a", "skip", { phases: [custom] }), 20000],
    ...["", 'http.host eq "a', 'http.host eq r#"a"', "(ssl", "ssl)", 'lower(http.host] eq "a"'].map(
      (expression) => [custom, block("a", { expression }), 20127] as const,
    ),
    [custom, block("a", { expression: `http.host eq "${"a".repeat(4096)}"` }), 20127],
    [managed, block("a"), 20000],
    [managed, rule("a", "execute"), 20113],
    [managed, execute("0".repeat(32)), 20000],
    [managed, execute(owasp, { categories: [{ category: "paranoia-5", enabled: false }], rules: [] }), 20000],
    [managed, execute(owasp, { categories: [], rules: [{ ...scoreRule, score_threshold: 30 }] }), 20000],
    [limit, block("a"), 20000],
    [cache, rule("a", "set_cache_settings"), 20113],
    [cache, rule("a", "set_cache_settings", { cache: "on" }), 20000],
    [cache, rule("a", "set_cache_settings", { cache: true, edge_ttl: { mode: "override_origin" } }), 20000],
    [headers, set("X-A", { operation: "set" }), 20000],
    [headers, set("X-A", { operation: "remove", value: "a" }), 20000],
    [headers, set("X A", { operation: "remove" }), 20000],
    [headers, set("CF-Ray", { operation: "remove" }), 20000],
    [headers, set("Server", { operation: "set", value: "a" }), 20000],
    [redirect, to({ status_code: 304 }), 20000],
    [redirect, to({ target_url: {} }), 20000],
  ];
  for (const [phase, given, code] of refused)
    it(`refuse in ${phase} ${JSON.stringify(given).slice(0, 120)} with ${code}`, async () =>
      assert.equal((await refuse([given], phase, "business")).code, code));

  it("refuse a ref twice", async () =>
    assert.equal((await refuse([block("a"), block("b"), block("a")])).code, 20000));

  for (const [phase, ...most] of [
    [custom, 5, 20, 100],
    [limit, 1, 2, 5],
    [cache, 10, 25, 50],
    [headers, 10, 25, 50],
    [redirect, 10, 25, 50],
  ] as const)
    it(`have ${most.join(", ")} rules of ${phase} on Free, Pro and Business, and not one more`, async () => {
      for (const [index, count] of most.entries()) {
        const rules = Array.from({ length: count + 1 }, (_, n) => ({ ...ruleOf[phase], ref: `r${n}` }));
        assert.deepEqual(await refuse(rules, phase, plans[index]), {
          code: 50001,
          message: `exceeded the maximum number of rules in the phase ${phase}: ${count + 1} out of ${count}`,
        });
        await create(rules.slice(1), phase, plans[index]);
      }
    });

  /** A rule, and the first plan that has it. */
  const planned: readonly (readonly [from: Plan, phase: string, rule: object])[] = [
    ["business", custom, block("a", { expression: 'http.host matches "^a"' })],
    ["business", custom, block("a", { expression: 'http.host ~ r"^a"' })],
    ["free", custom, block("a", { expression: 'http.user_agent contains " matches ~ "' })],
    ["business", custom, block("a", { expression: 'regex_replace(http.host, "^a", "b") eq "c"' })],
    ["enterprise", custom, rule("a", "log")],
    ["free", managed, execute(free)],
    ["pro", managed, execute(full)],
    ["pro", managed, execute(owasp)],
    ["free", cache, edgeTtl(7200)],
    ["pro", cache, edgeTtl(3600)],
    ["business", cache, edgeTtl(1)],
    ["free", limit, flood({ period: 10 })],
    ["pro", limit, flood({ period: 60 })],
    ["business", limit, flood({ period: 600 })],
    ["enterprise", limit, flood({ period: 3600 })],
    ["pro", limit, flood({ mitigation_timeout: 3600 })],
    ["business", limit, flood({ mitigation_timeout: 86400 })],
    ["free", limit, flood({}, "not cf.client.bot")],
    ["pro", limit, flood({}, 'http.host eq "example.com"')],
    ["pro", limit, flood({}, 'http.request.uri.query contains "a="')],
    ["business", limit, flood({}, "ip.src in {192.0.2.0/24}")],
    ["business", limit, flood({}, 'http.user_agent contains "bot"')],
    ["enterprise", limit, flood({}, 'any(http.request.headers.names[*] eq "x")')],
  ];
  for (const [from, phase, given] of planned)
    it(`have from ${from} on ${phase} ${JSON.stringify(given).slice(0, 140)}`, async () => {
      for (const plan of plans) {
        if (plans.indexOf(plan) >= plans.indexOf(from)) await create([given], phase, plan);
        else {
          const { code, message } = await refuse([given], phase, plan);
          assert.equal(code, 50002);
          assert.match(message, /^not entitled/);
        }
      }
    });

  it("refuse durations that no plan has", async () => {
    for (const more of [{ period: 11 }, { period: 86400 }, { mitigation_timeout: 0 }])
      assert.equal((await refuse([flood(more)], limit, "enterprise")).code, 50002);
  });

  it("keep rules of a former plan until the next change", async () => {
    const rules = Array.from({ length: 6 }, (_, n) => block(`r${n}`));
    const planOf = (plan: Plan) => seed({ zones: [{ id: zones.free, name: "example.com", plan }] });
    planOf("pro");
    const created = await create(rules);
    planOf("free");
    const path = `${pathOf()}/${String(created.id)}`;
    assert.deepEqual(await got("GET", path), created);
    assert.equal((await refusal("PUT", path, ruleset(rules))).code, 50001);
  });
});
