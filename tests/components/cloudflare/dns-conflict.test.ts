import * as assert from "node:assert/strict";

import {
  findDnsConflict,
  type ExistingRecord,
  type DesiredRecord,
} from "../../../components/cloudflare/dns-conflict";

const zoneId = "0123456789abcdef0123456789abcdef";
const id = "f".repeat(32);
const name = "api.example.com";

const desired: DesiredRecord = {
  zoneId,
  resource: "dns-api.example.com",
  name,
  type: "A",
  content: "203.0.113.9",
  isOnly: true,
};

const existing = (type: string, content: string, of = name): ExistingRecord => ({
  id,
  name: of,
  type,
  content,
});

describe("findDnsConflict", () => {
  const free: [title: string, change: Partial<DesiredRecord>, records: readonly ExistingRecord[]][] = [
    ["in an empty zone", {}, []],
    ["beside another name's record", {}, [existing("A", "203.0.113.9", "www.example.com")]],
    ["beside the name's other address", {}, [existing("AAAA", "2001:db8::1")]],
    [
      "beside records that route no traffic",
      {},
      [existing("TXT", '"x"'), existing("MX", "mail.example.net")],
    ],
    ["for a TXT beside a CNAME", { type: "TXT", content: '"x"' }, [existing("CNAME", "example.com")]],
    ["for another TXT value", { type: "TXT", content: '"x"' }, [existing("TXT", '"y"')]],
    ["for another MX host", { type: "MX", content: "a.example.net" }, [existing("MX", "b.example.net")]],
    ["for one address of several beside another", { isOnly: false }, [existing("A", "203.0.113.8")]],
    [
      "for one address of several that is still unknown",
      { isOnly: false, content: undefined },
      [existing("A", "203.0.113.8")],
    ],
    ["for structured data without content", { type: "CAA", content: undefined }, [{ id, name, type: "CAA" }]],
  ];
  for (const [title, change, records] of free)
    it(`finds none ${title}`, () =>
      assert.equal(findDnsConflict({ ...desired, ...change }, records), undefined));

  const errors: [title: string, change: Partial<DesiredRecord>, record: ExistingRecord][] = [
    ["another address", {}, existing("A", "198.51.100.1")],
    ["the same address", {}, existing("A", "203.0.113.9")],
    ["an address while the desired one is unknown", { content: undefined }, existing("A", "198.51.100.1")],
    ["an IPv6 address", { type: "AAAA", content: "2001:db8::9" }, existing("AAAA", "2001:db8::1")],
    ["another CNAME", { type: "CNAME", content: "example.com" }, existing("CNAME", "example.net")],
    ["the same address among several", { isOnly: false }, existing("A", "203.0.113.9")],
    ["the same TXT", { type: "TXT", content: '"x"' }, existing("TXT", '"x"')],
  ];
  for (const [title, change, record] of errors)
    it(`is an error for ${title}`, () =>
      assert.equal(findDnsConflict({ ...desired, ...change }, [record])?.isError, true));

  it("names the existing record and the import command", () =>
    assert.deepEqual(findDnsConflict(desired, [existing("TXT", '"x"'), existing("A", "198.51.100.1")]), {
      isError: true,
      message:
        "api.example.com already has an A record, 198.51.100.1, which this stack did not create (its comment differs). " +
        "Delete it, or import it: " +
        `pulumi config set --path 'platform-networking:import["dns-api.example.com"]' ${zoneId}/${id}`,
      resource: "dns-api.example.com",
      importId: undefined,
    }));

  it("recognizes a record of an interrupted run by its comment", () => {
    const comment = "Made by Pulumi: o/p/s";
    const conflict = findDnsConflict({ ...desired, comment }, [
      { ...existing("A", "198.51.100.1"), comment },
    ]);
    assert.ok(conflict?.isError);
    assert.equal(conflict.importId, `${zoneId}/${id}`);
    assert.match(
      conflict.message,
      /, created by an interrupted run of this stack\. Import it: pulumi config set /,
    );
  });

  const replaced: [type: string, existingType: string, change: string][] = [
    ["CNAME", "A", "from an A record to a CNAME record"],
    ["CNAME", "AAAA", "from an AAAA record to a CNAME record"],
    ["A", "CNAME", "from a CNAME record to an A record"],
    ["AAAA", "CNAME", "from a CNAME record to an AAAA record"],
  ];
  for (const [type, existingType, change] of replaced)
    it(`warns of a gap on a change ${change}`, () =>
      assert.deepEqual(findDnsConflict({ ...desired, type, content: "x" }, [existing(existingType, "y")]), {
        isError: false,
        message:
          `api.example.com changes ${change}. The two cannot share a name, so the name does not resolve between the ` +
          "deletion of the old record and the creation of the new one.",
      }));
});
