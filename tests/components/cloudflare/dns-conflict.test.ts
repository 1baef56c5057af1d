import * as assert from "node:assert/strict";

import {
  findDnsConflict,
  type ExistingRecord,
  type DesiredRecord,
} from "../../../components/cloudflare/dns-conflict";

const zoneId = "0123456789abcdef0123456789abcdef";
const id = "f".repeat(32);
const name = "api.example.com";

const wanted: DesiredRecord = {
  zoneId,
  resource: "dns-api.example.com",
  name,
  type: "A",
  content: "203.0.113.9",
  isOnly: true,
};

const standing = (type: string, content: string, of = name): ExistingRecord => ({
  id,
  name: of,
  type,
  content,
});

describe("obstacle", () => {
  const free: [says: string, change: Partial<DesiredRecord>, there: readonly ExistingRecord[]][] = [
    ["in an empty zone", {}, []],
    ["beside another name's record", {}, [standing("A", "203.0.113.9", "www.example.com")]],
    ["beside the name's other address", {}, [standing("AAAA", "2001:db8::1")]],
    ["beside what no visitor follows", {}, [standing("TXT", '"x"'), standing("MX", "mail.example.net")]],
    ["as a text beside an alias", { type: "TXT", content: '"x"' }, [standing("CNAME", "example.com")]],
    ["as another text beside a text", { type: "TXT", content: '"x"' }, [standing("TXT", '"y"')]],
    [
      "as another mail host beside one",
      { type: "MX", content: "a.example.net" },
      [standing("MX", "b.example.net")],
    ],
    ["as one address of several beside another", { isOnly: false }, [standing("A", "203.0.113.8")]],
    [
      "as one address of several that is not known yet",
      { isOnly: false, content: undefined },
      [standing("A", "203.0.113.8")],
    ],
    [
      "as a value in parts, of which no content is told, beside another",
      { type: "CAA", content: undefined },
      [{ id, name, type: "CAA" }],
    ],
  ];
  for (const [says, change, there] of free)
    it(`is none ${says}`, () => assert.equal(findDnsConflict({ ...wanted, ...change }, there), undefined));

  const refused: [says: string, change: Partial<DesiredRecord>, there: ExistingRecord][] = [
    ["another address of the name", {}, standing("A", "198.51.100.1")],
    ["the very same address", {}, standing("A", "203.0.113.9")],
    ["an address, while the own one is not known yet", { content: undefined }, standing("A", "198.51.100.1")],
    ["an IPv6 address", { type: "AAAA", content: "2001:db8::9" }, standing("AAAA", "2001:db8::1")],
    ["another alias", { type: "CNAME", content: "example.com" }, standing("CNAME", "example.net")],
    ["the very same address among several", { isOnly: false }, standing("A", "203.0.113.9")],
    ["the very same text", { type: "TXT", content: '"x"' }, standing("TXT", '"x"')],
  ];
  for (const [says, change, there] of refused)
    it(`refuses to stand beside ${says}`, () =>
      assert.equal(findDnsConflict({ ...wanted, ...change }, [there])?.refused, true));

  it("says what stands there, and how to take it over", () =>
    assert.deepEqual(findDnsConflict(wanted, [standing("TXT", '"x"'), standing("A", "198.51.100.1")]), {
      refused: true,
      message:
        "api.example.com has an A record already, 198.51.100.1, without this stack's comment: another made it. " +
        "Delete it, or take it over: " +
        `pulumi config set --path 'platform-networking:import["dns-api.example.com"]' ${zoneId}/${id}`,
      resource: "dns-api.example.com",
      importId: undefined,
    }));

  it("knows what an interrupted run of this stack made by its comment", () =>
    assert.deepEqual(
      findDnsConflict({ ...wanted, comment: "Made by Pulumi: o/p/s" }, [
        { ...standing("A", "198.51.100.1"), comment: "Made by Pulumi: o/p/s" },
      ]),
      {
        refused: true,
        message:
          "api.example.com has an A record already, 198.51.100.1, made by an interrupted run of this stack. Take it over: " +
          `pulumi config set --path 'platform-networking:import["dns-api.example.com"]' ${zoneId}/${id}`,
        resource: "dns-api.example.com",
        importId: `${zoneId}/${id}`,
      },
    ));

  const warned: [type: string, there: string, says: string][] = [
    ["CNAME", "A", "is an A record now and becomes a CNAME"],
    ["CNAME", "AAAA", "is an AAAA record now and becomes a CNAME"],
    ["A", "CNAME", "is a CNAME record now and becomes an A"],
    ["AAAA", "CNAME", "is a CNAME record now and becomes an AAAA"],
  ];
  for (const [type, there, says] of warned)
    it(`warns that ${name} ${says}, for a moment of nothing in between`, () =>
      assert.deepEqual(findDnsConflict({ ...wanted, type, content: "x" }, [standing(there, "y")]), {
        refused: false,
        message:
          `api.example.com ${says}. The two cannot stand on one name, so it resolves to nothing for a moment, ` +
          "between the deletion of the one and the creation of the other.",
      }));
});
