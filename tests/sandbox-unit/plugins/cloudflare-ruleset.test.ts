import * as assert from "node:assert/strict";

import { UNKNOWN, type Props } from "../../../sandbox/plugins/fake-provider";
import { declaredInputs, nothing, rigged, zoneId } from "./cloudflare-rig";

const id = "c".repeat(32);
const account = "d".repeat(32);
const entry = {
  zoneId,
  kind: "zone",
  name: "default",
  phase: "http_request_firewall_custom",
  description: "Made by Pulumi",
};
const block = { ref: "dots", action: "block", expression: "true" };
const redirect = {
  ref: "redirect-www",
  action: "redirect",
  expression: 'http.host eq "www.example.com"',
  actionParameters: {
    fromValue: {
      statusCode: 301,
      preserveQueryString: true,
      targetUrl: { expression: 'concat("https://example.com", http.request.uri.path)' },
    },
  },
};
const headers = {
  ref: "headers",
  action: "rewrite",
  expression: "true",
  actionParameters: {
    headers: { "X-Powered-By": { operation: "remove" }, x_own: { operation: "set", value: "1" } },
  },
};
const execute = {
  ref: "owasp",
  action: "execute",
  expression: "true",
  actionParameters: {
    id: "4814384a9e5d4991b9815dcfc25d2f1f",
    overrides: {
      categories: [{ category: "paranoia-level-2", enabled: false }],
      rules: [{ id: "6179ae15870a4bb7b2d480d4843b323c", scoreThreshold: 40, action: "block" }],
    },
  },
};
const flood = {
  ref: "flood",
  action: "block",
  expression: "true",
  ratelimit: {
    characteristics: ["cf.colo.id", "ip.src"],
    period: 10,
    requestsPerPeriod: 500,
    mitigationTimeout: 10,
  },
};
const skip = {
  ref: "skip",
  action: "skip",
  expression: "true",
  actionParameters: { ruleset: "current" },
  logging: { enabled: true },
};

/** The answer to a body, as Cloudflare gives it: ids and refs filled in. */
const answerTo = (body: Props, rules: readonly Props[] = []): Props => ({
  ...body,
  id,
  version: "1",
  last_updated: "2026-01-01T00:00:00Z",
  rules: rules.map((rule, index) => {
    const ruleId = String(index).repeat(32);
    return { ref: ruleId, version: "1", last_updated: "2026-01-01T00:00:00Z", ...rule, id: ruleId };
  }),
});

describe("the stand-in's Ruleset", () => {
  const rig = rigged();
  const wire = async (rules: readonly Props[] | undefined) => {
    rig().answers[`POST zones/${zoneId}/rulesets`] = answerTo({});
    const props = { ...entry, ...(rules && { rules }) };
    const made = await rig().create("Ruleset", props);
    return { ...made, sent: rig().calls.at(-1)?.body as { rules: Props[] } };
  };
  const readBack = async (rules: readonly Props[], change = (sent: readonly Props[]) => sent) => {
    const { last, sent } = await wire(rules);
    rig().answers[`GET zones/${zoneId}/rulesets/${id}`] = answerTo(sent, change(sent.rules));
    return { last, found: await rig().read("Ruleset", id, last) };
  };

  it("sends rules as the API spells them, names of headers as they are, and never an id", async () => {
    const { sent } = await wire([headers, execute, flood, { ...redirect, id }]);
    const made = { description: "", enabled: true };
    assert.deepEqual(sent, {
      kind: "zone",
      name: "default",
      phase: "http_request_firewall_custom",
      description: "Made by Pulumi",
      rules: [
        {
          ...made,
          ref: "headers",
          action: "rewrite",
          expression: "true",
          action_parameters: headers.actionParameters,
        },
        {
          ...made,
          ref: "owasp",
          action: "execute",
          expression: "true",
          action_parameters: {
            id: "4814384a9e5d4991b9815dcfc25d2f1f",
            overrides: {
              categories: [{ category: "paranoia-level-2", enabled: false }],
              rules: [{ id: "6179ae15870a4bb7b2d480d4843b323c", score_threshold: 40, action: "block" }],
            },
          },
        },
        {
          ...made,
          ref: "flood",
          action: "block",
          expression: "true",
          action_parameters: {},
          ratelimit: {
            characteristics: ["cf.colo.id", "ip.src"],
            period: 10,
            requests_per_period: 500,
            mitigation_timeout: 10,
            requests_to_origin: false,
          },
        },
        {
          ...made,
          ref: "redirect-www",
          action: "redirect",
          expression: 'http.host eq "www.example.com"',
          action_parameters: {
            from_value: {
              status_code: 301,
              preserve_query_string: true,
              target_url: { expression: 'concat("https://example.com", http.request.uri.path)' },
            },
          },
        },
      ],
    });
  });

  it("gives the id of the ruleset, and of each rule, back", async () => {
    rig().answers[`POST zones/${zoneId}/rulesets`] = answerTo({}, [{ ref: "dots" }]);
    const made = await rig().create("Ruleset", { ...entry, rules: [block] });
    assert.equal(made.id, id);
    const [rule] = made.last.outputs.rules as Props[];
    assert.deepEqual([rule?.id, rule?.ref, made.last.outputs.version], ["0".repeat(32), "dots", "1"]);
  });

  it("finds no change in what it made, whatever the answer fills in", async () => {
    const unnamed = { action: "block", expression: "true" };
    for (const rules of [[block, redirect, headers, execute, flood, skip], [unnamed], []]) {
      const filled = (sent: readonly Props[]) =>
        sent.map((rule) => ({
          ...rule,
          action_parameters: { version: "latest", uri: {}, ...(rule.action_parameters as Props) },
          logging: { enabled: true },
          categories: null,
        }));
      const { last, found } = await readBack(rules, filled);
      assert.deepEqual(found.inputs, last.inputs);
      const bare = (rule: Props) => ({ ...rule, logging: undefined });
      assert.deepEqual((await readBack(rules, (sent) => sent.map(bare))).found.inputs, last.inputs);
    }
  });

  it("finds what was changed by hand: a rule more, a rule off, another order", async () => {
    const more = { ref: "hand", action: "log", expression: "true", description: "", enabled: true };
    const { found } = await readBack([block, flood], (sent) => [more, ...sent]);
    assert.deepEqual(
      (found.inputs.rules as Props[]).map(({ ref }) => ref),
      ["hand", "dots", "flood"],
    );
    const off = await readBack([block], ([rule]) => [{ ...rule, enabled: false }]);
    assert.deepEqual(off.found.inputs.rules, [{ ...block, description: "", enabled: false }]);
    const turned = await readBack([block, flood], (sent) => sent.toReversed());
    assert.deepEqual(turned.found.inputs.rules, (turned.last.inputs.rules as Props[]).toReversed());
  });

  it("changes in place by a PUT of the whole list, and is deleted by an empty answer", async () => {
    const { last } = await wire([block]);
    rig().answers[`PUT zones/${zoneId}/rulesets/${id}`] = answerTo({}, [{ ref: "dots" }]);
    const inputs = rig().inputs("Ruleset", { ...entry, rules: [{ ...block, description: "new" }] });
    await rig().kind("Ruleset").update(id, inputs, last);
    const { rules } = rig().calls.at(-1)?.body as { rules: Props[] };
    assert.deepEqual(
      rules.map(({ ref, description }) => [ref, description]),
      [["dots", "new"]],
    );
    await rig().kind("Ruleset").update(id, rig().inputs("Ruleset", entry), last);
    assert.deepEqual((rig().calls.at(-1)?.body as Props).rules, []);
    rig().emptyAnswers.add(`DELETE zones/${zoneId}/rulesets/${id}`);
    await rig().kind("Ruleset").delete(id, last);
  });

  it("is imported by zones/<zone>/<ruleset>, without ids and refs that only the API knows", async () => {
    const { sent } = await wire([block, { action: "block", expression: "ssl" }]);
    rig().answers[`GET zones/${zoneId}/rulesets/${id}`] = answerTo(sent, sent.rules);
    const found = await rig().read("Ruleset", `zones/${zoneId}/${id}`, nothing);
    assert.equal(found.id, id);
    assert.deepEqual(found.inputs, {
      ...entry,
      rules: [
        { ...block, description: "", enabled: true },
        { action: "block", expression: "ssl", description: "", enabled: true },
      ],
    });
    for (const wrong of [id, `${zoneId}/${id}`, `zone/${zoneId}/${id}`])
      await assert.rejects(
        async () => rig().kind("Ruleset").read(wrong, nothing),
        /invalid ID: expected urlencoded segments "<\{accounts\|zones\}/,
      );
  });

  it("lies under an account as well", async () => {
    const { kind, name, phase, description } = entry;
    const rest = { kind, name, phase, description };
    rig().answers[`POST accounts/${account}/rulesets`] = answerTo({});
    rig().answers[`GET accounts/${account}/rulesets/${id}`] = answerTo(rest);
    const { last } = await rig().create("Ruleset", { ...rest, accountId: account });
    assert.deepEqual((await rig().read("Ruleset", id, last)).inputs, last.inputs);
    const imported = await rig().read("Ruleset", `accounts/${account}/${id}`, nothing);
    assert.equal(imported.inputs.accountId, account);
  });

  it("is gone when the API has it no more", async () => {
    const { last } = await wire([]);
    assert.equal(await rig().kind("Ruleset").read("e".repeat(32), last), undefined);
  });

  it("finds wrong before any call what the real provider does", () => {
    const wrong: readonly (readonly [props: Props, ...properties: string[]])[] = [
      [{ zoneId: "example.com" }, "zoneId"],
      [{ zoneId: "A".repeat(32) }, "zoneId"],
      [{ accountId: account }, "zoneId"],
      [{ zoneId: undefined }, "zoneId"],
      [{ zoneId: undefined, accountId: "x" }, "accountId"],
      [{ kind: "entrypoint" }, "kind"],
      [{ phase: "http*ratelimit" }, "phase"],
      [{ rules: [{ action: "block" }] }, "rules[0].expression"],
      [{ rules: [{ ...block, actionParameter: {} }] }, "rules[0].actionParameter"],
      [
        { rules: [block, { ...flood, ratelimit: { period: 10, requests: 5 } }] },
        "rules[1].ratelimit.characteristics",
        "rules[1].ratelimit.requests",
      ],
      [{ rules: "x" }, "rules"],
    ];
    for (const [props, ...properties] of wrong)
      assert.deepEqual(rig().faults("Ruleset", { ...entry, ...props }), properties);
    for (const rules of [undefined, UNKNOWN, [UNKNOWN, { ...flood, ratelimit: UNKNOWN }], [block]])
      assert.deepEqual(rig().faults("Ruleset", { ...entry, zoneId: UNKNOWN, rules }), []);
    assert.deepEqual(rig().asked(), []);
  });

  it("has the SDK's inputs, and is replaced by all but its description and rules, the new one first", () => {
    const kind = rig().kind("Ruleset");
    assert.deepEqual(kind.inputs, declaredInputs("Ruleset"));
    assert.deepEqual(kind.replaceOn, ["accountId", "kind", "name", "phase", "zoneId"]);
    assert.equal(kind.deleteBeforeReplace, undefined);
  });
});
