import * as assert from "node:assert/strict";

import { findTarget } from "../../doctor/target";
import type { DeployedStack } from "../../stack/read-stack";

const app = (name: string) => ({
  urn: `urn:pulumi:prod::p::platform:networking:AppService::${name}`,
  type: "platform:networking:AppService",
  id: "",
  parent: "",
  inputs: {},
  outputs: {},
});
const route = (url: string, name: string, pathType = "Prefix") => ({
  url,
  pathType,
  app: name,
  proxied: true,
});

const stack: DeployedStack = {
  name: "prod",
  resources: ["api", "web", "tenants"].map(app),
  outputs: {
    routes: [
      route("https://example.com/", "web"),
      route("https://example.com/api", "api"),
      route("https://example.com/api/health", "web", "Exact"),
      route("https://docs.example.com/v1", "api"),
      route("https://*.apps.example.com/", "tenants"),
      route("https://*.apps.example.com/admin", "tenants"),
      route("https://me.apps.example.com/", "web"),
    ],
  },
};

describe("the target of a diagnosis", () => {
  const served: readonly (readonly [string, string])[] = [
    ["https://example.com", "web"],
    ["example.com/api/v2", "api"],
    ["https://example.com/apis", "web"],
    ["https://example.com/api/health", "web"],
    ["https://example.com/api/health/x", "api"],
    ["https://one.apps.example.com/", "tenants"],
    ["https://me.apps.example.com/admin", "web"],
  ];
  for (const [url, name] of served)
    it(`of ${url} is ${name}`, () => assert.deepEqual(findTarget(stack, url, undefined).apps, [name]));

  it("is the whole stack without an argument", () =>
    assert.deepEqual(findTarget(stack, undefined, undefined).apps, ["api", "web", "tenants"]));

  it("is both apps of a call", () =>
    assert.deepEqual(findTarget(stack, "api", "web"), {
      title: "web -> api",
      call: { from: "web", to: "api" },
      apps: ["web", "api"],
    }));

  const refused: readonly (readonly [string | undefined, string | undefined, RegExp])[] = [
    ["https://other.com/", undefined, /no app.*other\.com.*Its hosts: \*\.apps\.example\.com, docs/is],
    ["https://docs.example.com/v2", undefined, /has a route for the path \/v2.*docs\.example\.com\/v1/is],
    ["ftp://example.com", undefined, /got ftp.*want a URL/],
    ["api", "wbe", /no app wbe\. It has: api, tenants, web/],
    [undefined, "web", /--from needs the called app/],
    ["https://a.b.apps.example.com/", undefined, /No app/],
  ];
  for (const [argument, from, message] of refused)
    it(`is refused for ${argument ?? "nothing"}${from === undefined ? "" : ` from ${from}`}`, () =>
      assert.throws(() => findTarget(stack, argument, from), message));
});
