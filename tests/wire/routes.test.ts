import * as assert from "node:assert/strict";

import { browser, addresses } from "./network/network-addresses";
import { request } from "./browser";
import {
  assertCorsForOurSite,
  assertCorsWithCookies,
  assertForwardAuth,
  assertSecondPort,
  assertTlsBackend,
  assertLimitsPasswordGuesses,
  assertRequiresPassword,
  burst,
  assertLimitsOneClient,
  assertRewritten,
  assertWildcardHost,
} from "./checks";
import { until } from "./wait-until";
import { environment } from "./shared-environment";

describe("a request is routed by host and path", () => {
  for (const [url, app] of [
    ["https://api.example.com/v1/users", "api-gateway"],
    ["https://api.example.com/v1", "api-gateway"],
    ["https://api.example.com/health", "api-gateway"],
    ["https://example.com/", "web-frontend"],
    ["https://example.com/any/where", "web-frontend"],
    ["https://www.example.com/", "web-frontend"],
  ] as const)
    it(`${url}: ${app}`, async () => {
      const { status, seen } = await request(url);
      assert.deepEqual([status, seen?.app, seen?.path], [200, app, new URL(url).pathname]);
    });

  for (const url of [
    "https://api.example.com/other",
    "https://api.example.com/v10",
    "https://api.example.com/health/x",
  ])
    it(`${url}: 404`, async () => assert.equal((await request(url)).status, 404));

  for (const app of ["admin", "grafana"])
    it(`${app}.example.com requires the generated password`, () => assertRequiresPassword(environment, app));

  it("admin.example.com compares ninety guesses of a client, and answers 429 to the next", () =>
    assertLimitsPasswordGuesses(environment, browser(30)));

  it("with the path that the app knows, in place of a prefix", assertRewritten);

  it("that another app admits", assertForwardAuth);

  it("to the second port of an app", assertSecondPort);

  it("to a backend that speaks TLS, whose certificate is verified", assertTlsBackend);

  it("of a wildcard host, unless another route has the host in full", async () => {
    await until("the certificates of hosts below tenants.example.com", () =>
      assertWildcardHost(environment).then(() => true),
    );
  });

  it("is redirected from HTTP to HTTPS, by the edge and by Traefik", async () => {
    for (const wanted of [{}, { at: environment.balancer.address, from: addresses.edgeOut }]) {
      const { status, headers } = await request("http://example.com/some?where", wanted);
      assert.ok([301, 308].includes(status), `${status}`);
      assert.equal(headers.location, "https://example.com/some?where");
    }
  });
});

describe("a limit of 100 requests a minute", () => {
  it("limits one client and serves another", () =>
    assertLimitsOneClient(environment, browser(20), browser(21)));

  it("is not bypassed by a forged X-Forwarded-For", async () => {
    let refused = 0;
    for (let n = 0; n < 12; n++)
      refused += (await burst(20, browser(22), { "x-forwarded-for": `198.18.0.${n}` })).refused;
    assert.ok(refused > 0);
  });
});

describe("a call with cookies", () => {
  it("is allowed to pages of https://*.example.com, and to no others", assertCorsWithCookies);
});

describe("a CORS preflight request", () => {
  it("is allowed from https://example.com, and not from other origins", assertCorsForOurSite);
});
