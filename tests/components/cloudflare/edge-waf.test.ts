import * as assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import { Imports } from "../../../components/pulumi/import-existing";
import { EdgeWaf, describeRulesetConflict } from "../../../components/cloudflare/edge-waf";
import { rulesByPhase, type Plan, type WafRules } from "../../../components/cloudflare/waf-rules";
import { attempt, childrenOf, find, run, type RunOptions } from "../../harness";
import { providers } from "../providers";

const zoneId = "0123456789abcdef0123456789abcdef";
const token = "cloudflare:index/getRulesets:getRulesets";
const rule = { ref: "one", expression: "true" };

const rules: WafRules = {
  managed: true,
  customRules: [{ ...rule, action: "block" }],
  rateLimits: [{ ...rule, requests: 500, periodSeconds: 10, mitigationSeconds: 10 }],
  cacheRules: [{ ...rule, cache: true }],
  responseHeaders: [{ ...rule, set: { "X-One": "1" }, remove: [] }],
  redirects: [{ from: "www.example.com", to: "example.com", status: 301 }],
};

const phases = [
  "http_request_dynamic_redirect",
  "http_request_firewall_custom",
  "http_ratelimit",
  "http_request_firewall_managed",
  "http_request_cache_settings",
  "http_response_headers_transform",
];

interface Changes extends Partial<WafRules> {
  readonly plan?: Plan;
}

const build =
  (changes: Changes = {}, transformations: pulumi.ResourceTransformation[] = []) =>
  () =>
    new EdgeWaf(
      "waf",
      { zoneId, plan: "free", ...rules, ...changes },
      { providers: providers(), transformations },
    );

const make = (changes?: Changes) => run(build(changes));

describe("EdgeWaf", () => {
  for (const phase of phases)
    it(`is the zone's entry point for ${phase}, with its rules, deleted before its replacement`, async () => {
      const ruleset = find((await make()).resources, ":Ruleset", `waf-${phase}`);
      assert.equal(ruleset.deleteBeforeReplace, true);
      assert.deepEqual(ruleset.inputs, {
        zoneId,
        kind: "zone",
        phase,
        name: "default",
        description: "Made by Pulumi: organization/platform-networking/test",
        rules: rulesByPhase(rules, "free")[phase],
      });
    });

  it("creates no ruleset for a phase without rules", async () => {
    const { resources } = await make({ managed: false, cacheRules: [], redirects: [] });
    assert.deepEqual(
      childrenOf(resources, "waf"),
      ["http_ratelimit", "http_request_firewall_custom", "http_response_headers_transform"].map(
        (phase) => `cloudflare:index/ruleset:Ruleset waf-${phase}`,
      ),
    );
  });
});

const existing = { id: "f".repeat(32), phase: "http_ratelimit", description: "" };

describe("EdgeWaf conflict check", () => {
  const ruleset = (kind: string, phase: string) => ({ id: "f".repeat(32), kind, phase, name: "default" });
  const attemptWith = (rulesets: object[], options: RunOptions = {}) =>
    attempt(build(), { answers: { [token]: { rulesets } }, ...options });

  const phases = ["http_ratelimit", "http_request_cache_settings"].map((phase) => ruleset("zone", phase));

  it("reports all conflicts in one preview, without a combined command for rulesets of others", async () => {
    const { logs } = await attemptWith(phases, { preview: true });
    assert.equal(logs.length, 2);
    for (const { severity, message } of logs)
      assert.deepEqual([severity, message.includes("set-all")], ["error", false]);
  });

  it("prints one command that imports all rulesets of an interrupted run", async () => {
    const description = "Made by Pulumi: organization/platform-networking/test";
    const own = phases.map((each) => ({ ...each, description }));
    const { logs } = await attemptWith(own, { preview: true });
    const id = `zones/${zoneId}/${"f".repeat(32)}`;
    assert.equal(logs.length, 2);
    for (const resource of ["waf-http_ratelimit", "waf-http_request_cache_settings"])
      assert.ok(
        logs.at(-1)?.message.includes(` --plaintext 'platform-networking:import["${resource}"]=${id}'`),
        logs.at(-1)?.message,
      );
  });

  it("ignores managed rulesets and phases without rules of this stack", async () => {
    const { fault } = await attemptWith([
      ruleset("managed", "http_request_firewall_managed"),
      ruleset("zone", "http_request_transform"),
    ]);
    assert.equal(fault, undefined);
  });

  it("imports the existing ruleset if configured", async () => {
    const id = `zones/${zoneId}/${"f".repeat(32)}`;
    const { transformation } = new Imports({ "waf-http_ratelimit": id });
    const { fault, resources } = await attempt(build({}, [transformation]), {
      answers: { [token]: { rulesets: [ruleset("zone", "http_ratelimit")] } },
    });
    assert.equal(fault, undefined);
    assert.equal(find(resources, ":Ruleset", "waf-http_ratelimit").importId, id);
  });

  it("fails if the rulesets cannot be listed", async () => {
    const { fault } = await attempt(build(), { answers: { [token]: new Error("no connection") } });
    assert.match(fault?.message ?? "", /no connection/);
  });
});

describe("describeRulesetConflict", () => {
  it("names the ruleset and the import command", () =>
    assert.equal(
      describeRulesetConflict("waf-http_ratelimit", zoneId, existing).message,
      `The zone already has rules for http_ratelimit, in ruleset ${"f".repeat(32)}, which this stack did not create (its ` +
        "description differs). To import it and replace its rules with this stack's: pulumi config set --path " +
        `'platform-networking:import["waf-http_ratelimit"]' zones/${zoneId}/${"f".repeat(32)}`,
    ));

  it("recognizes a ruleset of an interrupted run by its description", () => {
    const description = `Made by Pulumi: ${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
    assert.match(
      describeRulesetConflict("waf-http_ratelimit", zoneId, { ...existing, description }).message,
      /, created by an interrupted run of this stack\. Import it: pulumi config set /,
    );
  });
});
