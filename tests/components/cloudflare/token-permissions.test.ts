import * as assert from "node:assert/strict";

import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

import {
  explainMissingPermissions,
  isForbidden,
  requiredPermission,
} from "../../../components/cloudflare/token-permissions";
import { attempt, find, type RunOptions } from "../../harness";
import { providers } from "../providers";

const forbidden =
  'POST "https://api.cloudflare.com/client/v4/zones/z/rulesets": 403 Forbidden ' +
  '{"success":false,"errors":[{"code":10000,"message":"Authentication error"}],"messages":[],"result":null}';

describe("requiredPermission", () => {
  const types: [type: string, permission: string | undefined][] = [
    ["cloudflare:index/dnsRecord:DnsRecord", "DNS: Edit"],
    ["cloudflare:index/zoneSetting:ZoneSetting", "Zone Settings: Edit"],
    ["cloudflare:index/apiToken:ApiToken", "User, API Tokens: Edit"],
    ["cloudflare:index/zone:Zone", undefined],
    ["random:index/randomPassword:RandomPassword", undefined],
  ];
  for (const [type, permission] of types)
    it(`is ${permission ?? "unknown"} for ${type}`, () => assert.equal(requiredPermission(type), permission));

  const phases: [phase: string | undefined, permission: string][] = [
    ["http_ratelimit", "Zone WAF: Edit"],
    ["http_request_cache_settings", "Cache Rules: Edit"],
    ["http_request_dynamic_redirect", "Single Redirect: Edit"],
    ["http_response_headers_transform", "Transform Rules: Edit"],
    [undefined, "Zone WAF: Edit"],
  ];
  for (const [phase, permission] of phases)
    it(`is ${permission} for a ruleset of ${phase ?? "no phase"}`, () =>
      assert.equal(requiredPermission("cloudflare:index/ruleset:Ruleset", phase), permission));
});

describe("isForbidden", () => {
  const table: [title: string, error: string, expected: boolean][] = [
    ["a missing permission", forbidden, true],
    ["the same with a space in its JSON", forbidden.replace('"code":', '"code": '), true],
    ["a permission that a token may not grant", forbidden.replace("10000", "9109"), true],
    ["an error with a longer number", forbidden.replace("10000", "100001"), false],
    ["another 403", forbidden.replace("10000", "81053"), false],
    ["a bad request", forbidden.replace("403 Forbidden", "400 Bad Request"), false],
    ["an empty text", "", false],
  ];
  for (const [title, error, expected] of table)
    it(`is ${expected} for ${title}`, () => assert.equal(isForbidden(error), expected));
});

describe("explainMissingPermissions", () => {
  class Group extends pulumi.ComponentResource {
    constructor(opts: Partial<pulumi.CustomResourceOptions> = {}) {
      super(
        "platform:networking:Group",
        "group",
        {},
        { providers: providers(), transformations: [explainMissingPermissions()] },
      );
      const ruleset = { zoneId: "z", kind: "zone", phase: "http_request_cache_settings", name: "default" };
      new cloudflare.Ruleset("rules", ruleset, { ...opts, parent: this });
      new random.RandomPassword("password", { length: 32 }, { parent: this });
    }
  }
  const type = "cloudflare:index/ruleset:Ruleset";
  const make = (options?: RunOptions) => attempt(() => new Group(), options);

  it("adds an error hook to Cloudflare resources only", async () => {
    const { resources } = await make();
    assert.deepEqual(find(resources, ":Ruleset", "rules").hooks.onError, ["explain-missing-permission"]);
    assert.deepEqual(find(resources, ":RandomPassword", "password").hooks.onError, []);
  });

  it("keeps the other hooks of a resource", async () => {
    const { fault, resources } = await attempt(() => {
      const hook = new pulumi.ResourceHook("own", () => undefined);
      const onError = new pulumi.ErrorHook("own-error", () => false);
      return new Group({ hooks: { beforeCreate: [hook], onError: [onError] } });
    });
    assert.equal(fault, undefined);
    assert.deepEqual(find(resources, ":Ruleset", "rules").hooks, {
      beforeCreate: ["own"],
      afterCreate: [],
      beforeUpdate: [],
      afterUpdate: [],
      onError: ["own-error", "explain-missing-permission"],
    });
  });

  it("names the missing permission, and does not retry", async () => {
    let tries = 0;
    const { fault, logs } = await make({
      answers: {
        [type]: () => {
          tries += 1;
          return new Error(forbidden);
        },
      },
    });
    assert.equal(fault?.message, forbidden);
    assert.equal(tries, 1);
    assert.deepEqual(logs, [
      {
        severity: "error",
        message:
          "rules: the token in cloudflare:apiToken lacks Cache Rules: Edit. Add it at " +
          "https://dash.cloudflare.com/profile/api-tokens; the token itself stays the same.",
      },
    ]);
  });

  it("logs nothing for other errors", async () => {
    const { fault, logs } = await make({ answers: { [type]: new Error("500 Internal Server Error") } });
    assert.equal(fault?.message, "500 Internal Server Error");
    assert.deepEqual(logs, []);
  });
});
