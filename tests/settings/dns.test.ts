import { rejects, rejectsUnder, accepts, fourthRecord, type Changes } from "./configurations";

const hostName = "a host name in lower case, such as api.example.com";
const recordName = "a name relative to the zone in lower case, such as @, www or *.dev";

describe("invalid zones", () => {
  rejects([
    `dns.zone: got "example", want ${hostName}`,
    "dns.zoneId: got 1.5e+31, want a string: quote it, since YAML reads unquoted digits as a number",
    `dns.zoneId: got "abc", want the zone's id: 32 hex digits, on the zone's overview page`,
    "dns.domain: got example.org, want example.com or a name in it",
    "dns.domain: got notexample.com, want example.com or a name in it",
    `dns.caa.0: got "Let's Encrypt", want the domain of a CA, such as letsencrypt.org, or ; for none`,
  ]);
  accepts([
    { "dns.domain": "example.com" },
    { "dns.caa": [] },
    { "dns.caa": ["pki.goog", "letsencrypt.org; validationmethods=dns-01"] },
  ]);
});

describe("invalid records", () => {
  const onPlan = (plan: string, records: object): Changes => ({
    "dns.plan": plan,
    ...Object.fromEntries(Object.entries(records).map(([path, value]) => [`dns.records.${path}`, value])),
  });
  const comment = (plan: string, length: number) => onPlan(plan, { "0.comment": "x".repeat(length) });
  /** Of 251 characters. */
  const long = `${"a.".repeat(122)}example`;
  rejectsUnder("dns.records", [
    `0.content: got "example", want ${hostName}`,
    "0.content: got www.example.com, want a name other than its own",
    ...["a b", "a/b", "ü/b", "a..b", "a".repeat(64)].map(
      (name) => `0.name: got "${name}", want ${recordName}`,
    ),
    "0.name: got www.example.com, want it relative to the zone: www",
    "0.name: got example.com, want it relative to the zone: @",
    "1.ttl: got 59, but the Free plan has 60 or more",
  ]);
  rejectsUnder("dns.records", {
    [`0.content: got "aa.${"a.".repeat(36)}a... (254 characters), want ${hostName}`]: {
      "dns.records.0.content": `aa.${long}`,
    },
    "1.ttl: got 59, but the Business plan has 60 or more": onPlan("business", { "1.ttl": 59 }),
    "1.ttl: got 29, but the Enterprise plan has 30 or more": onPlan("enterprise", { "1.ttl": 29 }),
    "0: got ttl 300 on a proxied record, want no ttl (Cloudflare decides) or proxied: false": {
      "dns.records.0.ttl": 300,
    },
    "0.comment: got 101 characters, but the Free plan has 100": comment("free", 101),
    "0.comment: got 501 characters, but the Pro plan has 500": comment("pro", 501),
  });
  accepts([
    { "dns.records.0.name": "a".repeat(63) },
    { "dns.records.0.name": "*" },
    { "dns.records.0.name": "müller" },
    { "dns.records.0.content": "_acme.example.net" },
    { "dns.records.0.content": `a.${long}` },
    { "dns.records.1.ttl": 60 },
    onPlan("enterprise", { "1.ttl": 30 }),
    { "dns.records.0.ttl": 300, "dns.records.0.proxied": false },
    { "dns.records.0.ttl": 300, "dns.proxied": false },
    comment("free", 100),
    comment("pro", 500),
  ]);
});

describe("a proxied name without a certificate of Cloudflare's", () => {
  const uncovered = (name: string) =>
    `got ${name} proxied, but Cloudflare's Universal SSL covers example.com and *.example.com only; want proxied: false, ` +
    "a name directly below example.com, or one of dns.edgeCertificates";
  const dev = (host: string, proxied = true): Changes => ({
    "dns.domain": "dev.example.com",
    "dns.proxied": proxied,
    apps: { web: { image: "x:1", port: 80, routes: [{ host }] } },
  });
  rejects({
    [`dns.records.3: ${uncovered("*.dev.example.com")}`]: fourthRecord({ type: "A", name: "*.dev" }),
    [`apps.web.routes.0.host: ${uncovered("a.dev.example.com")}`]: dev("a.dev.example.com"),
    [`dns.records.0: ${uncovered("*.dev.example.com")}`]: {
      ...dev("a.dev.example.com", false),
      "dns.records.0": { type: "A", name: "*.dev", proxied: true },
    },
  });
  accepts([
    fourthRecord({ type: "A", name: "*.dev", proxied: false }),
    fourthRecord({ type: "A", name: "*" }),
    fourthRecord({ type: "TXT", name: "a.b", content: "x" }),
    dev("dev.example.com"),
    dev("a.dev.example.com", false),
  ]);
});

describe("the plan's number of records", () => {
  const some = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ type: "TXT", name: `x${index}`, content: "x" }));
  const tooMany = (count: number, plan: string, most: number) =>
    `dns.records: got ${count} records (an A without content is two), but the ${plan} plan has ${most}`;
  // Five routed hosts have an A and an AAAA each, and the owner two CAA records.
  const others = 12;
  rejects([
    [{ "dns.records": [...some(199 - others), { type: "A", name: "x" }] }, tooMany(201, "Free", 200)],
  ]);
  rejects({
    [tooMany(201, "Free", 200)]: { "dns.records": some(201 - others) },
    [tooMany(3501, "Pro", 3500)]: { "dns.records": some(3501 - others), "dns.plan": "pro" },
  });
  accepts([
    { "dns.records": some(200 - others) },
    { "dns.records": [...some(199 - others), { type: "A", name: "x", content: "203.0.113.1" }] },
    { "dns.records": some(3500 - others), "dns.plan": "pro" },
  ]);
});
