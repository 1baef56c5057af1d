import * as assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";

import { EdgeDns, fqdnOf, quoted, recordFor, type DnsRecordSpec } from "../../components/edge-dns";
import { childrenOf, find, run } from "../harness";
import { providers } from "./providers";

const zone = "example.com";
const zoneId = "0123456789abcdef0123456789abcdef";

/** The document's table of records. */
const records: DnsRecordSpec[] = [
  { type: "A", name: "@", proxied: true },
  { type: "A", name: "api", proxied: true },
  { type: "A", name: "grafana", proxied: false, ttl: 300, comment: "Dashboards" },
  { type: "CNAME", name: "www", content: "example.com", proxied: true },
  { type: "CNAME", name: "*.dev", content: "dev-lb.example.com", proxied: false },
  { type: "TXT", name: "@", content: "v=spf1 -all" },
  { type: "TXT", name: "@", content: "proof", label: "proof" },
];

const make = (specs: readonly DnsRecordSpec[] = records) =>
  run(
    () =>
      new EdgeDns(
        "dns",
        {
          zone,
          zoneId,
          records: specs,
          ipv4: pulumi.output("203.0.113.9"),
          ipv6: pulumi.output("2001:db8::9"),
        },
        { providers: providers() },
      ),
  );

describe("EdgeDns", () => {
  it("is one record per line, and two for addresses: A and AAAA", async () => {
    const { resources } = await make();
    assert.deepEqual(
      childrenOf(resources, "dns"),
      [
        "dns-*.dev.example.com-CNAME",
        "dns-api.example.com-A",
        "dns-api.example.com-AAAA",
        "dns-example.com-A",
        "dns-example.com-AAAA",
        "dns-example.com-TXT",
        "dns-example.com-TXT-proof",
        "dns-grafana.example.com-A",
        "dns-grafana.example.com-AAAA",
        "dns-www.example.com-CNAME",
      ].map((name) => `cloudflare:index/dnsRecord:DnsRecord ${name}`),
    );
    for (const { provider } of resources.filter(({ parent }) => parent !== ""))
      assert.equal(provider, "cloudflare");
  });

  const inputs: [name: string, fields: Record<string, unknown>][] = [
    ["example.com-A", { name: "example.com", type: "A", content: "203.0.113.9", proxied: true, ttl: 1 }],
    [
      "example.com-AAAA",
      { name: "example.com", type: "AAAA", content: "2001:db8::9", proxied: true, ttl: 1 },
    ],
    [
      "grafana.example.com-A",
      {
        name: "grafana.example.com",
        type: "A",
        content: "203.0.113.9",
        proxied: false,
        ttl: 300,
        comment: "Dashboards",
      },
    ],
    [
      "www.example.com-CNAME",
      { name: "www.example.com", type: "CNAME", content: "example.com", proxied: true, ttl: 1 },
    ],
    [
      "*.dev.example.com-CNAME",
      { name: "*.dev.example.com", type: "CNAME", content: "dev-lb.example.com", proxied: false, ttl: 1 },
    ],
    [
      "example.com-TXT",
      { name: "example.com", type: "TXT", content: '"v=spf1 -all"', proxied: false, ttl: 1 },
    ],
  ];
  for (const [name, fields] of inputs)
    it(`writes ${name} with exactly what was said, and Cloudflare's own ttl where nothing was`, async () => {
      const { resources } = await make();
      assert.deepEqual(find(resources, ":DnsRecord", `dns-${name}`).inputs, { zoneId, ...fields });
    });

  it("deletes the old record before the new one comes, since a name holds either a CNAME or addresses", async () => {
    const { resources } = await make();
    assert.ok(
      resources.filter(({ type }) => type.endsWith(":DnsRecord")).every((each) => each.deleteBeforeReplace),
    );
  });

  it("names each of its names once, with the zone", async () => {
    const { result } = await make();
    const names = [
      "example.com",
      "api.example.com",
      "grafana.example.com",
      "www.example.com",
      "*.dev.example.com",
    ];
    assert.deepEqual(result.names, names);
  });

  it("makes nothing of an empty list", async () => {
    const { resources, result } = await make([]);
    assert.deepEqual(childrenOf(resources, "dns"), []);
    assert.deepEqual(result.names, []);
  });
});

describe("fqdnOf", () => {
  for (const [name, fqdn] of [
    ["@", "example.com"],
    ["www", "www.example.com"],
    ["*.dev", "*.dev.example.com"],
    ["WWW", "www.example.com"],
  ] as const)
    it(`takes ${name} for ${fqdn}`, () => assert.equal(fqdnOf(name, zone), fqdn));
});

describe("quoted", () => {
  const table: [what: string, text: string, stored: string][] = [
    ["a short text as one string", "v=spf1 -all", '"v=spf1 -all"'],
    ["255 bytes as one string", "x".repeat(255), `"${"x".repeat(255)}"`],
    ["256 bytes as two", "x".repeat(256), `"${"x".repeat(255)}" "x"`],
    ["510 bytes as two", "x".repeat(510), `"${"x".repeat(255)}" "${"x".repeat(255)}"`],
    ["a quote with a backslash before it", 'a"b', '"a\\"b"'],
    ["a backslash twice", "a\\b", '"a\\\\b"'],
    ["nothing as an empty string", "", '""'],
  ];
  for (const [what, text, stored] of table) it(`stores ${what}`, () => assert.equal(quoted(text), stored));

  it("loses nothing: read back as DNS does, it is the text again, in strings of at most 255 bytes", () => {
    const printable = fc.string({
      unit: fc.integer({ min: 0x20, max: 0x7e }).map((c) => String.fromCharCode(c)),
      maxLength: 2048,
    });
    fc.assert(
      fc.property(printable, (text) => {
        const strings = [...quoted(text).matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, inside = ""]) =>
          inside.replace(/\\(.)/g, "$1"),
        );
        assert.equal(strings.join(""), text);
        assert.ok(strings.every((each) => each.length <= 255));
      }),
    );
  });
});

describe("recordFor", () => {
  const specs: DnsRecordSpec[] = [
    { type: "TXT", name: "api", content: "x" },
    { type: "CNAME", name: "*.dev", content: "dev-lb.example.com", proxied: false },
    { type: "A", name: "api.dev", proxied: true },
    { type: "TXT", name: "proof.dev", content: "x" },
    { type: "TXT", name: "_key.mail.dev", content: "x" },
  ];
  const table: [host: string, answers: string | undefined][] = [
    ["api.dev.example.com", "api.dev"],
    ["www.dev.example.com", "*.dev"],
    ["a.www.dev.example.com", undefined],
    ["dev.example.com", undefined],
    ["proof.dev.example.com", undefined],
    ["mail.dev.example.com", undefined],
    ["api.example.com", undefined],
    ["example.com", undefined],
  ];
  for (const [host, answers] of table)
    it(`finds ${answers ?? "nobody"} for ${host}`, () =>
      assert.equal(recordFor(host, specs, zone)?.name, answers));
});
