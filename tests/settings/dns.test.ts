import { rejects, rejectsUnder, accepts } from "./configurations";

const hostName = "a host name in lower case, such as api.example.com";
const recordName = "a name relative to the zone in lower case, such as @, www or *.dev";
const universal = "Cloudflare's Universal SSL covers example.com and *.example.com only";

/** A record beside the three that the prod stack has. */
const fourth = (record: unknown) => ({ "dns.records.3": record });

describe("invalid zones", () => {
  rejects([
    `dns.zone: got "example", want ${hostName}`,
    "dns.zoneId: got 1.5e+31, want a string: quote it, since YAML reads unquoted digits as a number",
    `dns.zoneId: got "abc", want the zone's id: 32 hex digits, on the zone's overview page`,
    "dns.domain: got example.org, want example.com or a name in it",
    "dns.domain: got notexample.com, want example.com or a name in it",
    [{ "dns.caa": ["Let's Encrypt"] }, `dns.caa.0: got "Let's Encrypt", want ${hostName}`],
  ]);
  accepts([
    { "dns.domain": "example.com" },
    { "dns.caa": [] },
    { "dns.caa": ["pki.goog", "letsencrypt.org"] },
  ]);
});

describe("invalid records", () => {
  /** Of 251 characters. */
  const long = `${"a.".repeat(122)}example`;
  rejectsUnder("dns.records", [
    `0.content: got "example", want ${hostName}`,
    "0.content: got www.example.com, want a name other than its own",
    [
      { "dns.records.0.content": `aa.${long}` },
      `0.content: got "aa.${"a.".repeat(36)}a... (254 characters), want ${hostName}`,
    ],
    ...["a b", "a/b", "ü/b", "a..b", "a".repeat(64)].map(
      (name) => `0.name: got "${name}", want ${recordName}`,
    ),
    "0.name: got www.example.com, want it relative to the zone: www",
    "0.name: got example.com, want it relative to the zone: @",
    "1.ttl: got 59, but the Free plan has 60 or more",
    [
      { "dns.records.1.ttl": 59, "dns.plan": "business" },
      "1.ttl: got 59, but the Business plan has 60 or more",
    ],
    [
      { "dns.records.1.ttl": 29, "dns.plan": "enterprise" },
      "1.ttl: got 29, but the Enterprise plan has 30 or more",
    ],
    [
      { "dns.records.0.ttl": 300 },
      "0: got ttl 300 on a proxied record, want no ttl (Cloudflare decides) or proxied: false",
    ],
    [
      { "dns.records.0.comment": "x".repeat(101) },
      "0.comment: got 101 characters, but the Free plan has 100",
    ],
    [
      { "dns.records.0.comment": "x".repeat(501), "dns.plan": "pro" },
      "0.comment: got 501 characters, but the Pro plan has 500",
    ],
  ]);
  accepts([
    { "dns.records.0.name": "a".repeat(63) },
    { "dns.records.0.name": "*" },
    { "dns.records.0.name": "müller" },
    { "dns.records.0.content": "_acme.example.net" },
    { "dns.records.0.content": `a.${long}` },
    { "dns.records.1.ttl": 60 },
    { "dns.records.1.ttl": 30, "dns.plan": "enterprise" },
    { "dns.records.0.ttl": 300, "dns.records.0.proxied": false },
    { "dns.records.0.ttl": 300, "dns.proxied": false },
    { "dns.records.0.comment": "x".repeat(100) },
    { "dns.records.0.comment": "x".repeat(500), "dns.plan": "pro" },
  ]);
});

describe("a proxied name without a certificate of Cloudflare's", () => {
  rejects([
    [
      fourth({ type: "A", name: "*.dev" }),
      `dns.records.3: got *.dev.example.com proxied, but ${universal}; want proxied: false, or a name directly below example.com`,
    ],
    [
      {
        "dns.domain": "dev.example.com",
        apps: { web: { image: "x:1", port: 80, routes: [{ host: "a.dev.example.com" }] } },
      },
      `apps.web.routes.0.host: got a.dev.example.com proxied, but ${universal}; want proxied: false, or a name directly below example.com`,
    ],
    [
      {
        "dns.domain": "dev.example.com",
        "dns.proxied": false,
        "dns.records.0": { type: "A", name: "*.dev", proxied: true },
        apps: { web: { image: "x:1", port: 80, routes: [{ host: "a.dev.example.com" }] } },
      },
      `dns.records.0: got *.dev.example.com proxied, but ${universal}; want proxied: false, or a name directly below example.com`,
    ],
  ]);
  accepts([
    fourth({ type: "A", name: "*.dev", proxied: false }),
    fourth({ type: "A", name: "*" }),
    fourth({ type: "TXT", name: "a.b", content: "x" }),
    {
      "dns.domain": "dev.example.com",
      apps: { web: { image: "x:1", port: 80, routes: [{ host: "dev.example.com" }] } },
    },
    {
      "dns.domain": "dev.example.com",
      "dns.proxied": false,
      apps: { web: { image: "x:1", port: 80, routes: [{ host: "a.dev.example.com" }] } },
    },
  ]);
});

describe("the plan's number of records", () => {
  const some = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ type: "TXT", name: `x${index}`, content: "x" }));
  // Five routed hosts have an A and an AAAA each, and the owner two CAA records.
  const others = 12;
  rejects([
    [
      { "dns.records": some(201 - others) },
      "dns.records: got 201 records (an A without content is two), but the Free plan has 200",
    ],
    [
      { "dns.records": [...some(199 - others), { type: "A", name: "x" }] },
      "dns.records: got 201 records (an A without content is two), but the Free plan has 200",
    ],
    [
      { "dns.records": some(3501 - others), "dns.plan": "pro" },
      "dns.records: got 3501 records (an A without content is two), but the Pro plan has 3500",
    ],
  ]);
  accepts([
    { "dns.records": some(200 - others) },
    { "dns.records": [...some(199 - others), { type: "A", name: "x", content: "203.0.113.1" }] },
    { "dns.records": some(3500 - others), "dns.plan": "pro" },
  ]);
});
