import * as assert from "node:assert/strict";

import { warningsOf } from "../../settings/warnings";
import { attemptProgram, changed } from "../config";
import { prod } from "./refusals";

const shop = { name: "shop", routes: [{ host: "shop.example.com", rateLimit: {} }], egress: [] };
const mailer = { name: "mailer", egress: [{ host: "smtp.example.net" }] };
const given = (controller: string, version: string) => ({
  ingress: { controller },
  cilium: { version },
  apps: [shop, mailer, { name: "plain", routes: [{ host: "plain.example.com" }] }],
});
const nginx =
  "rateLimit of shop.example.com (shop): ingress-nginx counts each IPv6 address as a client of its own, and one client " +
  "has 2^64 of them; with ingress.controller traefik or gateway a /64 is one client.";
const cilium = (version: string) =>
  `cilium.version: ${version} drops connections to names that egress allows (1.18.0 to 1.18.3 do), here of mailer; ` +
  "want a later patch of 1.18 (https://github.com/cilium/cilium/issues/42594).";

describe("warningsOf", () => {
  for (const controller of ["traefik", "gateway"])
    it(`is empty under ${controller}`, () => assert.deepEqual(warningsOf(given(controller, "1.18.4")), []));
  it("names the rate limits under nginx", () =>
    assert.deepEqual(warningsOf(given("nginx", "1.18.4")), [nginx]));
  for (const version of ["1.18.0", "1.18.1", "1.18.2", "1.18.3"])
    it(`names the apps with names in egress under Cilium ${version}`, () =>
      assert.deepEqual(warningsOf(given("traefik", version)), [cilium(version)]));
  for (const version of ["1.17.0", "1.18.10", "1.18.30", "1.19.0"])
    it(`is empty under Cilium ${version}`, () => assert.deepEqual(warningsOf(given("traefik", version)), []));
  it("is empty where egress is by range alone", () =>
    assert.deepEqual(
      warningsOf({
        ...given("traefik", "1.18.2"),
        apps: [{ name: "a", egress: [{ cidr: "192.0.2.0/24" }] }],
      }),
      [],
    ));
});

describe("the program", () => {
  const warned = async (preview: boolean) => {
    const config = changed(prod, {
      "cilium.version": "1.18.2",
      "apps.api-gateway.egress": [{ host: "api.example.net", ports: [443] }],
    });
    const { fault, logs } = await attemptProgram(config, { stack: "prod", preview });
    assert.equal(fault, undefined);
    return logs.filter(({ message }) => message.startsWith("cilium.version: 1.18.2 drops"));
  };
  it("logs the warnings in preview", async () => {
    const [one, ...more] = await warned(true);
    assert.equal(one?.severity, "warn");
    assert.deepEqual(more, []);
  });
  it("does not repeat them in the up that follows", async () => assert.deepEqual(await warned(false), []));
});
