import * as assert from "node:assert/strict";

import { issuerOf, permissionFor } from "../../settings/caa";
import { dns } from "../../settings/schema/dns";

const caa = (name: string, tag: string, value: string) => ({ type: "CAA", name, tag, value });

describe("who may issue", () => {
  const source = {
    dns: dns.parse({
      zone: "example.com",
      zoneId: "0123456789abcdef0123456789abcdef",
      records: [
        caa("@", "issue", "one.example"),
        caa("@", "issue", "two.example"),
        caa("@", "iodef", "mailto:admin@example.com"),
        caa("dev", "issuewild", "three.example"),
        caa("a.dev", "issue", ";"),
        caa("silent", "iodef", "mailto:admin@example.com"),
        { type: "TXT", name: "text", content: "x" },
      ],
    }),
    apps: {},
  };
  const ofTheZone = { at: "example.com", values: ["one.example", "two.example"] };
  for (const [name, told] of [
    ["example.com", ofTheZone],
    ["*.example.com", ofTheZone],
    ["www.example.com", ofTheZone],
    ["text.example.com", ofTheZone],
    ["notdev.example.com", ofTheZone],
    ["dev.example.com", undefined],
    ["*.dev.example.com", { at: "dev.example.com", values: ["three.example"] }],
    ["b.dev.example.com", undefined],
    ["a.dev.example.com", { at: "a.dev.example.com", values: [";"] }],
    ["*.a.dev.example.com", { at: "a.dev.example.com", values: [";"] }],
    ["silent.example.com", undefined],
    ["example.org", undefined],
  ] as const)
    it(`for ${name} is told ${told === undefined ? "nowhere" : `at ${told.at}`}`, () =>
      assert.deepEqual(permissionFor(name, source), told));

  it("is Let's Encrypt for the owner of a zone who says nothing else", () => {
    const all = { ...source, ownsZone: true };
    assert.deepEqual(permissionFor("*.example.com", all), { at: "example.com", values: ["letsencrypt.org"] });
    assert.deepEqual(permissionFor("example.com", all)?.values, [...ofTheZone.values, "letsencrypt.org"]);
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
    it(`of ${JSON.stringify(value)} lets ${issuer ?? "nobody"} issue by DNS-01`, () =>
      assert.equal(issuerOf(value), issuer));
});
