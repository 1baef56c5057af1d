import * as assert from "node:assert/strict";

import fc from "fast-check";

import {
  recordKeySuffix,
  toFqdn,
  isProxiable,
  quoteTxt,
  findRecord,
  toRecordValue,
  type DnsRecordSpec,
} from "../../../components/cloudflare/dns-record";

const zone = "example.com";

/** One record of each type, with its key suffix and its value in the API. */
const table: [spec: DnsRecordSpec, proxiable: boolean, suffix: string | undefined, value: object][] = [
  [{ type: "A", name: "@", proxied: true }, true, undefined, { content: "203.0.113.9" }],
  [
    { type: "A", name: "@", proxied: false, content: "198.51.100.1", label: "old" },
    true,
    "old",
    { content: "198.51.100.1" },
  ],
  [
    { type: "AAAA", name: "@", proxied: true, content: "2001:db8::1", label: "old" },
    true,
    "old",
    { content: "2001:db8::1" },
  ],
  [
    { type: "CNAME", name: "www", proxied: true, content: "example.com" },
    true,
    undefined,
    { content: "example.com" },
  ],
  [{ type: "TXT", name: "@", content: "v=spf1 -all" }, false, undefined, { content: '"v=spf1 -all"' }],
  [{ type: "TXT", name: "@", content: "x", label: "proof" }, false, "proof", { content: '"x"' }],
  [
    { type: "MX", name: "@", content: "mail.example.net", priority: 0 },
    false,
    "mail.example.net",
    { content: "mail.example.net", priority: 0 },
  ],
  [{ type: "MX", name: "@", content: ".", priority: 0 }, false, ".", { content: ".", priority: 0 }],
  [
    { type: "NS", name: "lab", content: "ns1.example.net" },
    false,
    "ns1.example.net",
    { content: "ns1.example.net" },
  ],
  [
    { type: "HTTPS", name: "@", priority: 1, target: ".", value: 'alpn="h3,h2"' },
    false,
    "1-.",
    { data: { priority: 1, target: ".", value: 'alpn="h3,h2"' } },
  ],
  [
    { type: "CAA", name: "@", flags: 128, tag: "issuewild", value: ";" },
    false,
    "issuewild-;",
    { data: { flags: 128, tag: "issuewild", value: ";" } },
  ],
  [
    { type: "SRV", name: "_sip._tcp", priority: 1, weight: 2, port: 5060, target: "sip.example.com" },
    false,
    "sip.example.com-5060",
    { priority: 1, data: { priority: 1, weight: 2, port: 5060, target: "sip.example.com" } },
  ],
];

for (const [spec, proxiable, suffix, value] of table) {
  const title = `${spec.type} with ${JSON.stringify(value)}`;
  describe(`a record ${title}`, () => {
    it(proxiable ? "is proxiable" : "is not proxiable", () => assert.equal(isProxiable(spec), proxiable));

    it(`has ${suffix === undefined ? "no key suffix" : `the key suffix ${suffix}`}`, () =>
      assert.equal(recordKeySuffix(spec), suffix));

    it("has its value as Cloudflare stores it", () =>
      assert.deepEqual(toRecordValue(spec, "203.0.113.9"), value));
  });
}

describe("toFqdn", () => {
  for (const [name, fqdn] of [
    ["@", "example.com"],
    ["www", "www.example.com"],
    ["*.dev", "*.dev.example.com"],
    ["_sip._tcp", "_sip._tcp.example.com"],
    ["WWW", "www.example.com"],
  ] as const)
    it(`converts ${name} to ${fqdn}`, () => assert.equal(toFqdn(name, zone), fqdn));
});

describe("quoteTxt", () => {
  const stored: [title: string, text: string, stored: string][] = [
    ["a short text as one string", "v=spf1 -all", '"v=spf1 -all"'],
    ["255 bytes as one string", "x".repeat(255), `"${"x".repeat(255)}"`],
    ["256 bytes as two", "x".repeat(256), `"${"x".repeat(255)}" "x"`],
    ["510 bytes as two", "x".repeat(510), `"${"x".repeat(255)}" "${"x".repeat(255)}"`],
    ["511 bytes as three", "x".repeat(511), `"${"x".repeat(255)}" "${"x".repeat(255)}" "x"`],
    ["a quote with a backslash before it", 'a"b', '"a\\"b"'],
    ["a backslash twice", "a\\b", '"a\\\\b"'],
    ["255 bytes, counted before escaping", `${"x".repeat(254)}""`, `"${"x".repeat(254)}\\"" "\\""`],
    ["an empty text as an empty string", "", '""'],
  ];
  for (const [title, text, expected] of stored)
    it(`quotes ${title}`, () => assert.equal(quoteTxt(text), expected));

  it("is lossless, in strings of at most 255 bytes", () => {
    const printable = fc.string({
      unit: fc.integer({ min: 0x20, max: 0x7e }).map((c) => String.fromCharCode(c)),
      maxLength: 2048,
    });
    fc.assert(
      fc.property(printable, (text) => {
        const strings = [...quoteTxt(text).matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, inside = ""]) =>
          inside.replace(/\\(.)/g, "$1"),
        );
        assert.equal(strings.join(""), text);
        assert.ok(strings.every((each) => each.length <= 255));
      }),
    );
  });
});

describe("findRecord", () => {
  const specs: DnsRecordSpec[] = [
    { type: "TXT", name: "api", content: "x" },
    { type: "CNAME", name: "*.dev", content: "dev-lb.example.com", proxied: false },
    { type: "A", name: "api.dev", proxied: true },
    { type: "TXT", name: "proof.dev", content: "x" },
    { type: "TXT", name: "_key.mail.dev", content: "x" },
    { type: "MX", name: "both", content: "mail.example.net", priority: 10 },
    { type: "AAAA", name: "both", content: "2001:db8::1", proxied: false },
  ];
  const answers: [host: string, name: string | undefined][] = [
    ["api.dev.example.com", "api.dev"],
    ["www.dev.example.com", "*.dev"],
    ["a.www.dev.example.com", undefined],
    ["dev.example.com", undefined],
    ["proof.dev.example.com", undefined],
    ["mail.dev.example.com", undefined],
    ["api.example.com", undefined],
    ["both.example.com", "both"],
    ["example.com", undefined],
  ];
  for (const [host, name] of answers)
    it(`finds ${name ?? "nothing"} for ${host}`, () =>
      assert.equal(findRecord(host, specs, zone)?.name, name));

  it("finds the proxiable record of a name with others", () =>
    assert.equal(findRecord("both.example.com", specs, zone)?.type, "AAAA"));
});
