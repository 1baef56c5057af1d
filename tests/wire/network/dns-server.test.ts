import * as assert from "node:assert/strict";

import { resolve, parseTxtStrings, type ZoneRecord } from "./dns-server";

const record = (name: string, type: string, content: string, proxied = false): ZoneRecord => ({
  id: name,
  name,
  type,
  content,
  proxied,
});
const zone = [
  record("example.com", "A", "198.51.100.4", true),
  record("www.example.com", "CNAME", "example.com"),
  record("lb.example.com", "A", "198.51.100.4"),
  record("*.dev.example.com", "A", "198.51.100.9"),
  record("_acme-challenge.example.com", "TXT", '"one"'),
];

describe("the DNS server", () => {
  for (const [what, name, type, values, nxdomain] of [
    ["the edge for a proxied name", "example.com", "A", ["104.16.0.1"], false],
    ["the edge behind an alias", "www.example.com", "A", ["example.com", "104.16.0.1"], false],
    ["the address of one that is not proxied", "lb.example.com", "A", ["198.51.100.4"], false],
    ["what a wildcard has", "any.dev.example.com", "A", ["198.51.100.9"], false],
    ["a challenge", "_acme-challenge.example.com", "TXT", ['"one"'], false],
    ["no other type of a name that is there", "lb.example.com", "TXT", [], false],
    ["that a name is only above others", "dev.example.com", "A", [], false],
    ["that a name is not there", "nothing.example.com", "A", [], true],
  ] as const)
    it(`resolves ${what}`, () => {
      const found = resolve(zone, name, type);
      assert.deepEqual([found.records.map(({ value }) => value), found.nxdomain], [values, nxdomain]);
    });

  it("joins the quoted strings of a TXT record", () => {
    assert.deepEqual(parseTxtStrings('"one" "t\\"wo"'), ["one", 't"wo']);
    assert.deepEqual(parseTxtStrings("bare"), ["bare"]);
  });
});
