import * as assert from "node:assert/strict";

import { effectiveCaa, parseIssuer } from "../../settings/dns/caa";
import { dns } from "../../settings/dns/schema";
import { buildZone } from "../../settings/zone";

const caaRecord = (name: string, tag: string, value: string) => ({ type: "CAA", name, tag, value });

describe("effectiveCaa", () => {
  const zone = dns.parse({
    zone: "example.com",
    zoneId: "0123456789abcdef0123456789abcdef",
    records: [
      caaRecord("@", "issue", "one.example"),
      caaRecord("@", "issue", "two.example"),
      caaRecord("@", "iodef", "mailto:admin@example.com"),
      caaRecord("dev", "issuewild", "three.example"),
      caaRecord("a.dev", "issue", ";"),
      caaRecord("silent", "iodef", "mailto:admin@example.com"),
      { type: "TXT", name: "text", content: "x" },
    ],
  });
  const findCaa = (name: string, ownsZone = false) =>
    effectiveCaa(name, buildZone(zone, ownsZone, []).records, zone.zone);
  const atApex = { name: "example.com", values: ["one.example", "two.example"] };
  for (const [name, caa] of [
    ["example.com", atApex],
    ["*.example.com", atApex],
    ["www.example.com", atApex],
    ["text.example.com", atApex],
    ["notdev.example.com", atApex],
    ["dev.example.com", undefined],
    ["*.dev.example.com", { name: "dev.example.com", values: ["three.example"] }],
    ["b.dev.example.com", undefined],
    ["a.dev.example.com", { name: "a.dev.example.com", values: [";"] }],
    ["*.a.dev.example.com", { name: "a.dev.example.com", values: [";"] }],
    ["silent.example.com", undefined],
    ["example.org", undefined],
  ] as const)
    it(`of ${name} is ${caa === undefined ? "nothing" : `at ${caa.name}`}`, () =>
      assert.deepEqual(findCaa(name), caa));

  it("is Let's Encrypt by default for the owner of the zone", () => {
    assert.deepEqual(findCaa("*.example.com", true), { name: "example.com", values: ["letsencrypt.org"] });
    assert.deepEqual(findCaa("example.com", true)?.values, [...atApex.values, "letsencrypt.org"]);
  });
});

describe("a CAA record", () => {
  for (const [value, issuer] of [
    ["letsencrypt.org", "letsencrypt.org"],
    ["letsencrypt.org;", "letsencrypt.org"],
    [" letsencrypt.org ; accounturi=https://example.com/1", "letsencrypt.org"],
    ["letsencrypt.org;validationmethods=dns-01", "letsencrypt.org"],
    ["letsencrypt.org; accounturi=x; validationmethods=http-01,dns-01", "letsencrypt.org"],
    ["letsencrypt.org; validationmethods=http-01", undefined],
    ["letsencrypt.org; accounturi=x; validationmethods=tls-alpn-01", undefined],
    ["letsencrypt.org; validationmethods=", undefined],
    [";", undefined],
    ["", undefined],
    ["; policy=none", undefined],
  ] as const)
    it(`of ${JSON.stringify(value)} allows ${issuer ?? "no CA"} to issue by DNS-01`, () =>
      assert.equal(parseIssuer(value), issuer));
});
