import * as assert from "node:assert/strict";

import { toRecordValue, type DnsRecordSpec } from "../../../components/cloudflare/dns-record";
import { dataTypes, parseContent, recordTypes } from "../../../sandbox/clouds/cloudflare/dns-content";

/** A record of every type; the compiler names a missing one. */
const records: { readonly [T in DnsRecordSpec["type"]]: Extract<DnsRecordSpec, { readonly type: T }> } = {
  A: { type: "A", name: "a", proxied: false },
  AAAA: { type: "AAAA", name: "a", proxied: false, content: "2001:db8::1" },
  CNAME: { type: "CNAME", name: "a", proxied: false, content: "example.org" },
  TXT: { type: "TXT", name: "a", content: "text" },
  MX: { type: "MX", name: "a", content: "mail.example.com", priority: 10 },
  CAA: { type: "CAA", name: "a", flags: 0, tag: "issue", value: "letsencrypt.org" },
  SRV: { type: "SRV", name: "_sip._tcp", priority: 1, weight: 2, port: 3, target: "sip.example.com" },
};

describe("the emulated Cloudflare's record types", () => {
  it("are those of the settings", () =>
    assert.deepEqual([...recordTypes].sort(), Object.keys(records).sort()));

  for (const type of recordTypes)
    it(`${type}: accepts the value that the program sends`, () => {
      const { content, ...value } = toRecordValue(records[type], "192.0.2.1");
      assert.equal("data" in value, dataTypes.includes(type));
      const parsed = parseContent(
        { type, content: content as string | undefined, ...value },
        "a.example.com",
        "example.com",
      );
      assert.equal("code" in parsed, false, JSON.stringify(parsed));
    });
});
