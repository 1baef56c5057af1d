import * as assert from "node:assert/strict";

import { getAllRulesets, findPhaseOfRuleset } from "../../../sandbox/clouds/cloudflare/rulesets";
import { emulatedZones, zones } from "./emulated-zones";

type Rules = readonly Readonly<Record<string, unknown>>[];

const where = `/zones/${zones.free}/rulesets`;
const custom = "http_request_firewall_custom";
const block = (ref: string, more: object = {}) => ({ ref, action: "block", expression: "ssl", ...more });
const ruleset = (rules: readonly object[], more: object = {}) => ({
  name: "default",
  kind: "zone",
  phase: custom,
  rules,
  ...more,
});

describe("the rulesets of an emulated zone", () => {
  const { call, got, refusal, changes, restart, store } = emulatedZones();
  const make = (rules: readonly object[], more?: object) => got("POST", where, ruleset(rules, more));
  const rulesOf = (answer: Readonly<Record<string, unknown>>) => answer.rules as Rules;
  const shownIn = async () => (await call("GET", where)).result as Rules;

  it("are made with exactly the fields of the API", async () => {
    const made = await make([{ action: "block", expression: "ssl", action_parameters: {} }]);
    const { id, last_updated: updated, rules, ...rest } = made;
    const [{ id: ruleId, ref, last_updated: written, ...rule } = {}, ...others] = rules as Rules;
    for (const each of [id, ruleId]) assert.match(String(each), /^[0-9a-f]{32}$/);
    for (const time of [updated, written]) assert.ok(!Number.isNaN(Date.parse(String(time))));
    assert.equal(ref, ruleId);
    assert.deepEqual(rest, { kind: "zone", name: "default", description: "", phase: custom, version: "1" });
    const said = { version: "1", action: "block", expression: "ssl", description: "", enabled: true };
    assert.deepEqual([rule, others], [said, []]);
    restart();
    assert.deepEqual(await got("GET", `${where}/${String(id)}`), made);
    assert.deepEqual(await got("GET", `${where}/phases/${custom}/entrypoint`), made);
    assert.deepEqual(getAllRulesets(store()), [{ zone: zones.free, ...made }]);
    assert.equal(findPhaseOfRuleset(store(), zones.free, String(id)), custom);
    assert.equal(findPhaseOfRuleset(store(), zones.pro, String(id)), undefined);
  });

  it("take null for what is absent, as clients send it in a PUT", async () => {
    const { id } = await make([]);
    const nulls = {
      action_parameters: null,
      description: null,
      enabled: null,
      logging: null,
      ratelimit: null,
    };
    const put = await got(
      "PUT",
      `${where}/${String(id)}`,
      ruleset([block("a", nulls)], { description: null }),
    );
    assert.equal(put.description, "");
    const { description, enabled, ref } = rulesOf(put)[0] ?? {};
    assert.deepEqual([description, enabled, ref], ["", true, "a"]);
  });

  it("stand in the list without their rules, beside those that the plan may deploy", async () => {
    const made = await make([block("a")]);
    const listed = await shownIn();
    assert.deepEqual({ ...listed[0], rules: made.rules }, made);
    assert.ok(!listed.some((each) => "rules" in each));
    const managed = (rulesets: Rules) =>
      rulesets.filter(({ kind }) => kind === "managed").map(({ id }) => id);
    assert.deepEqual(managed(listed), ["77454fe2d30c4220b5701f6fdfb893ba"]);
    const inPro = (await call("GET", `/zones/${zones.pro}/rulesets`)).result as Rules;
    assert.deepEqual([managed(inPro).length, inPro.length], [3, 3]);
  });

  it("are one for each phase, and a second one is refused with 20217", async () => {
    await make([]);
    assert.deepEqual(await refusal("POST", where, ruleset([])), {
      code: 20217,
      message: `'zone' is not a valid value for kind because exceeded maximum number of zone rulesets for phase ${custom}`,
    });
    await make([], { phase: "http_ratelimit" });
    await got("POST", `/zones/${zones.pro}/rulesets`, ruleset([]));
  });

  it("count their version up with every PUT, and a rule only with its own changes", async () => {
    const { id } = await make([block("a"), block("b")]);
    const put = await got(
      "PUT",
      `${where}/${String(id)}`,
      ruleset([block("a", { enabled: false }), block("b")]),
    );
    assert.deepEqual([put.id, put.version], [id, "2"]);
    assert.deepEqual(
      rulesOf(put).map(({ ref, version }) => [ref, version]),
      [
        ["a", "2"],
        ["b", "1"],
      ],
    );
  });

  it("know a rule again by its ref, wherever it stands", async () => {
    const made = await make([block("a"), block("b"), block("c")]);
    const ids = Object.fromEntries(rulesOf(made).map(({ ref, id }) => [String(ref), id]));
    const wanted = [block("new"), block("c"), block("a", { expression: "not ssl" })];
    const put = await got("PUT", `${where}/${String(made.id)}`, ruleset(wanted));
    const [first, ...others] = rulesOf(put);
    assert.ok(!Object.values(ids).includes(first?.id));
    assert.deepEqual(
      others.map(({ ref, id }) => [ref, id]),
      [
        ["c", ids.c],
        ["a", ids.a],
      ],
    );
  });

  it("give a rule without ref a new id in every PUT, unless it says its id", async () => {
    const made = await make([{ action: "block", expression: "ssl" }]);
    const [rule] = rulesOf(made);
    const again = await got("PUT", `${where}/${String(made.id)}`, { ...made, rules: made.rules });
    assert.deepEqual(rulesOf(again), [rule]);
    const anew = await got(
      "PUT",
      `${where}/${String(made.id)}`,
      ruleset([{ action: "block", expression: "ssl" }]),
    );
    assert.notEqual(rulesOf(anew)[0]?.id, rule?.id);
  });

  it("are replaced as a whole by PUT", async () => {
    const { id } = await make([block("a")], { description: "Made by hand" });
    const put = await got("PUT", `${where}/${String(id)}`, { kind: "zone", phase: custom, name: "other" });
    assert.deepEqual([put.name, put.description, put.rules], ["other", "", []]);
  });

  it("keep kind, phase and id for good", async () => {
    const { id } = await make([]);
    for (const more of [{ kind: "root" }, { phase: "http_ratelimit" }, { id: "0".repeat(32) }])
      assert.equal((await refusal("PUT", `${where}/${String(id)}`, ruleset([], more))).code, 20217);
  });

  it("are made and replaced through the entry point of their phase", async () => {
    const point = `${where}/phases/${custom}/entrypoint`;
    const { status, errors } = await call("GET", point);
    const missing = { code: 10003, message: `could not find entrypoint ruleset in the ${custom} phase` };
    assert.deepEqual([status, errors], [404, [missing]]);
    const made = await got("PUT", point, { rules: [block("a")] });
    assert.deepEqual([made.name, made.kind, made.phase, made.version], ["default", "zone", custom, "1"]);
    const put = await got("PUT", point, { description: "x", rules: [block("a"), block("b")] });
    assert.deepEqual([put.id, put.version, put.description], [made.id, "2", "x"]);
    assert.equal(rulesOf(put)[0]?.id, rulesOf(made)[0]?.id);
    for (const more of [{ kind: "zone" }, { phase: custom }])
      assert.equal((await refusal("PUT", point, { rules: [], ...more })).code, 9207);
    assert.equal(
      (await refusal("PUT", `${where}/phases/http_request_x/entrypoint`, { rules: [] })).code,
      20217,
    );
  });

  it("are deleted with 204, once, and their phase is free again", async () => {
    const { id } = await make([block("a")]);
    const { status, result } = await call("DELETE", `${where}/${String(id)}`);
    assert.deepEqual([status, result], [204, undefined]);
    for (const method of ["GET", "DELETE", "PUT"]) {
      const gone = await call(method, `${where}/${String(id)}`, method === "PUT" ? ruleset([]) : undefined);
      assert.deepEqual([gone.status, gone.errors[0]?.code], [404, 10001], method);
    }
    assert.deepEqual(getAllRulesets(store()), []);
    await make([block("a")]);
  });

  it("write every change down", async () => {
    const made = await make([block("a")]);
    const put = await got("PUT", `${where}/${String(made.id)}`, ruleset([]));
    await call("DELETE", `${where}/${String(made.id)}`);
    const common = { zone: zones.free, kind: "ruleset", id: made.id };
    assert.deepEqual(changes(), [
      { ...common, op: "create", after: made },
      { ...common, op: "update", before: made, after: put },
      { ...common, op: "delete", before: put },
    ]);
  });

  const refused: readonly (readonly [what: string, code: number, body: object])[] = [
    ["a phase that does not exist", 20217, ruleset([], { phase: "http_request_custom" })],
    ["a kind that is not the zone's", 20217, ruleset([], { kind: "custom" })],
    ["a missing name", 9207, ruleset([], { name: undefined })],
    ["an unknown field", 9207, ruleset([], { rulse: [] })],
    ["an unknown field of a rule", 9207, ruleset([block("a", { priority: 1 })])],
    ["a rule without expression", 9207, ruleset([{ action: "block" }])],
    ["a rule without action", 9207, ruleset([{ expression: "ssl" }])],
    ["an empty ref", 9207, ruleset([block("")])],
    ["an id that is none", 9207, ruleset([block("a", { id: "1" })])],
    ["a ref twice", 20000, ruleset([block("a"), block("b"), block("a")])],
    ["an action that does not exist", 20000, ruleset([block("a", { action: "drop" })])],
    ["an action of another phase", 20000, ruleset([block("a", { action: "redirect" })])],
    ["logging of a block", 20018, ruleset([block("a", { logging: { enabled: true } })])],
    ["a rate limit in another phase", 20000, ruleset([block("a", { ratelimit: rateLimit() })])],
    ["an expression that is none", 20127, ruleset([block("a", { expression: 'http.host eq "x' })])],
  ];
  for (const [what, code, body] of refused)
    it(`refuse ${what} with ${code}`, async () => {
      assert.equal((await refusal("POST", where, body)).code, code);
      assert.deepEqual([getAllRulesets(store()), changes()], [[], []]);
    });

  it("keep all they were when one rule of a PUT is refused", async () => {
    const made = await make([block("a")]);
    await refusal(
      "PUT",
      `${where}/${String(made.id)}`,
      ruleset([block("b"), block("c", { action: "drop" })]),
    );
    assert.deepEqual(await got("GET", `${where}/${String(made.id)}`), made);
  });
});

function rateLimit() {
  return {
    characteristics: ["cf.colo.id", "ip.src"],
    period: 10,
    requests_per_period: 1,
    mitigation_timeout: 10,
  };
}
