import * as assert from "node:assert/strict";

import { isProxiable } from "../../components/cloudflare/dns-record";
import { changed } from "../config";
import { prod, read, type Changes } from "./configurations";

const recordsOf = async (changes: Changes) => (await read(changed(prod, changes))).dns.records;

const routed = (host: string) => ({ image: "x:1", port: 80, routes: [{ host }] });
const caa = (tag: string, value = "letsencrypt.org") => ({ type: "CAA", name: "@", flags: 0, tag, value });

describe("the records of a zone", () => {
  it("include one for each routed host without a record, proxied by default", async () => {
    const { dns, apps } = await read(
      changed(prod, {
        "dns.proxied": false,
        "dns.caa": [],
        "dns.records": [
          { type: "CNAME", name: "*", content: "example.com" },
          { type: "TXT", name: "api", content: "x" },
          { type: "A", name: "admin", proxied: true },
        ],
      }),
    );
    assert.deepEqual(dns.records, [
      { type: "CNAME", name: "*", content: "example.com", proxied: false },
      { type: "TXT", name: "api", content: "x" },
      { type: "A", name: "admin", proxied: true },
      { type: "A", name: "api", proxied: false },
      { type: "A", name: "@", proxied: false },
    ]);
    const proxied = apps.flatMap(({ routes }) => routes.map((route) => [route.host, route.proxied]));
    assert.deepEqual(proxied, [
      ["api.example.com", false],
      ["example.com", false],
      ["www.example.com", false],
      ["admin.example.com", true],
      ["grafana.example.com", false],
    ]);
  });

  it("include one for the domain, to which a wildcard does not apply if there are names below", async () => {
    const records = await recordsOf({
      "dns.domain": "dev.example.com",
      "dns.proxied": false,
      "dns.records": [{ type: "CNAME", name: "*", content: "example.net" }],
      apps: { web: routed("dev.example.com"), api: routed("api.dev.example.com") },
    });
    assert.deepEqual(records.filter(isProxiable), [
      { type: "CNAME", name: "*", content: "example.net", proxied: false },
      { type: "A", name: "dev", proxied: false },
      { type: "A", name: "api.dev", proxied: false },
    ]);
  });

  it("include one for a host with another below it", async () => {
    const records = await recordsOf({
      "dns.proxied": false,
      "dns.records": [{ type: "CNAME", name: "*", content: "example.com" }],
      apps: {
        web: routed("b.example.com"),
        other: routed("c.example.com"),
        api: { image: "x:1", port: 80, routes: [{ host: "a.b.example.com", certificate: "own" }] },
      },
    });
    assert.deepEqual(records.filter(isProxiable), [
      { type: "CNAME", name: "*", content: "example.com", proxied: false },
      { type: "A", name: "b", proxied: false },
      { type: "A", name: "a.b", proxied: false },
    ]);
  });

  it("are in punycode", async () => {
    const { dns, apps } = await read(
      changed(prod, {
        "dns.zone": "bücher.example",
        "dns.domain": "日本.bücher.example",
        "dns.proxied": false,
        "dns.records": [
          { type: "CNAME", name: "*.müller", content: "straße.example" },
          { type: "MX", name: "Ünï", content: "пошта.example" },
          { type: "SRV", name: "_sip._tcp.ü", priority: 0, weight: 0, port: 1, target: "ü。example" },
        ],
        apps: { web: routed("ü.日本.bücher.example") },
      }),
    );
    assert.deepEqual([dns.zone, dns.domain], ["xn--bcher-kva.example", "xn--wgv71a.xn--bcher-kva.example"]);
    assert.equal(apps[0]?.routes[0]?.host, "xn--tda.xn--wgv71a.xn--bcher-kva.example");
    assert.deepEqual(dns.records.slice(0, 4), [
      { type: "CNAME", name: "*.xn--mller-kva", content: "xn--strae-oqa.example", proxied: false },
      { type: "MX", name: "xn--n-nga1b", content: "xn--80a1acn3a.example", priority: 10 },
      {
        type: "SRV",
        name: "_sip._tcp.xn--tda",
        priority: 0,
        weight: 0,
        port: 1,
        target: "xn--tda.example",
      },
      { type: "A", name: "xn--tda.xn--wgv71a", proxied: false },
    ]);
  });

  it("have addresses in Cloudflare's spelling", async () => {
    const [, , , record] = await recordsOf({
      "dns.records.3": { type: "AAAA", name: "x", content: "2001:0DB8:0:0:1::00FF" },
    });
    assert.deepEqual(record, { type: "AAAA", name: "x", content: "2001:db8::1:0:0:ff", proxied: true });
  });

  it("have proxied only for A, AAAA and CNAME", async () => {
    const [, txt, , mx] = await recordsOf({
      "dns.records.1.proxied": false,
      "dns.records.3": { type: "MX", name: "@", content: "mail.example.net", proxied: false },
    });
    assert.ok(txt && mx && !("proxied" in txt) && !("proxied" in mx));
  });
});

describe("the zone's CAA records", () => {
  const apex = { type: "CNAME", name: "@", content: "example.net" };
  const own = { type: "CAA", name: "@", tag: "issue", value: "letsencrypt.org", flags: 128 };
  const none = { type: "CAA", name: "x", tag: "issue", value: "" };
  const defaults = [caa("issue"), caa("issuewild")];
  const rows: [what: string, changes: Changes, records: object[]][] = [
    ["permit only Let's Encrypt by default", {}, defaults],
    [
      "permit the configured CAs",
      { "dns.caa": ["letsencrypt.org", "pki.goog"] },
      [...defaults, caa("issue", "pki.goog"), caa("issuewild", "pki.goog")],
    ],
    ["are none for an empty list", { "dns.caa": [] }, []],
    ["are none if another stack owns the zone", { ownsZone: false }, []],
    ["are none beside a CNAME at the apex", { "dns.records": [apex] }, []],
    ["do not repeat configured records", { "dns.records.3": own }, [own, caa("issuewild")]],
    [
      "permit no CA if a value is empty",
      { "dns.caa": [], "dns.records.3": none },
      [{ ...none, flags: 0, value: ";" }],
    ],
  ];
  for (const [what, changes, records] of rows)
    it(what, async () =>
      assert.deepEqual(
        (await recordsOf(changes)).filter(({ type }) => type === "CAA"),
        records,
      ),
    );
});
