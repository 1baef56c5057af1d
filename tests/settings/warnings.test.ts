import * as assert from "node:assert/strict";

import { readWarnings, type Changes } from "./configurations";

/** The warnings about rate limits and Cilium's version. */
const warnings = async (changes: Changes, preview?: boolean) =>
  (await readWarnings(changes, preview)).filter((message) => /^(rateLimit|cilium[.]version)/.test(message));

const nginx =
  "rateLimit of api.example.com (api-gateway): ingress-nginx counts each IPv6 address as a client of its own, and one client " +
  "has 2^64 of them; with ingress.controller traefik or gateway a /64 is one client.";
const cilium = (version: string) =>
  `cilium.version: ${version} drops connections to names that egress allows (1.18.0 to 1.18.3 do), here of api-gateway; ` +
  "want a later patch of 1.18 (https://github.com/cilium/cilium/issues/42594).";
const egress = (version: string, target: object = { host: "smtp.example.net" }): Changes => ({
  "cilium.version": version,
  "apps.api-gateway.egress": [{ ...target, ports: [25] }],
});

describe("the warnings of a preview", () => {
  it("name the rate limits under nginx", async () =>
    assert.deepEqual(await warnings({ "ingress.controller": "nginx" }), [nginx]));
  for (const version of ["1.18.0", "1.18.3"])
    it(`name the apps with names in egress under Cilium ${version}`, async () =>
      assert.deepEqual(await warnings(egress(version)), [cilium(version)]));
  for (const [what, changes] of [
    ["Traefik", {}],
    ["Cilium 1.17.0", egress("1.17.0")],
    ["Cilium 1.18.10", egress("1.18.10")],
    ["Cilium 1.18.30", egress("1.18.30")],
    ["Cilium 1.19.0", egress("1.19.0")],
    ["egress by range alone", egress("1.18.2", { cidr: "192.0.2.0/24" })],
  ] as const)
    it(`are none under ${what}`, async () => assert.deepEqual(await warnings(changes), []));
  it("name the metadata service where Cilium cannot deny it alone", async () => {
    const old = { "cilium.version": "1.15.4", "apps.grafana": undefined };
    assert.deepEqual(await warnings(old), [
      "cilium.version: 1.15.4 cannot deny the metadata service of the servers, 169.254.169.254, and nothing else, so pods of " +
        "every namespace but that of the apps can read the servers' user data; want 1.16 or newer, or cilium.clusterDefaultDeny.",
    ]);
    assert.deepEqual(await warnings({ ...old, "cilium.clusterDefaultDeny": true }), []);
  });
  it("are not repeated in the up that follows", async () =>
    assert.deepEqual(await warnings(egress("1.18.2"), false), []));
});
