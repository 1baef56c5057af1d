import { refuses, takes } from "./refusals";

const hostName = "a host name in lower case, such as api.example.com";
const recordName = "a name relative to the zone in lower case, such as @, www or *.dev";
const notPublic = "want a public address: no private address reaches public DNS";
const universal = "Cloudflare's Universal SSL covers example.com and *.example.com only";
const srv = { type: "SRV", name: "_sip._tcp", priority: 0, weight: 0, port: 5060, target: "sip.example.com" };
const caa = { type: "CAA", name: "@", tag: "issue", value: "pki.goog" };

/** A record beside the three that the prod stack has. */
const fourth = (record: unknown) => ({ "dns.records.3": record });

describe("a zone at fault", () => {
  refuses([
    [{ "dns.zone": "https://example.com" }, `dns.zone: got "https://example.com", want ${hostName}`],
    [
      { "dns.zoneId": "abc" },
      `dns.zoneId: got "abc", want the zone's id: 32 hex digits, on the zone's overview page`,
    ],
    [{ "dns.plan": "Pro" }, 'dns.plan: got "Pro", want free, pro, business or enterprise'],
    [{ "dns.domain": "example.org" }, "dns.domain: got example.org, want example.com or a name in it"],
    [{ "dns.domain": "notexample.com" }, "dns.domain: got notexample.com, want example.com or a name in it"],
    [{ "dns.dnssec": "on" }, 'dns.dnssec: got "on", want true or false'],
    [{ "dns.caa": ["Let's Encrypt"] }, `dns.caa.0: got "Let's Encrypt", want ${hostName}`],
    [
      { "dns.caa": ["pki.goog"] },
      "dns.caa: got pki.goog, want letsencrypt.org among them: this stack's certificates come from there",
    ],
  ]);
  takes([
    { "dns.plan": "enterprise" },
    { "dns.domain": "example.com" },
    { "dns.caa": [] },
    { "dns.caa": ["pki.goog", "letsencrypt.org"] },
  ]);
});

describe("a record at fault", () => {
  /** Of 251 characters. */
  const long = `${"a.".repeat(122)}example`;
  refuses([
    [{ "dns.records.0": "www" }, 'dns.records.0: got "www", want keys and values'],
    [
      { "dns.records.0.type": "PTR" },
      'dns.records.0.type: got "PTR", want A, AAAA, CNAME, TXT, MX, CAA or SRV',
    ],
    [
      { "dns.records.0.type": undefined },
      "dns.records.0.type: is missing, want A, AAAA, CNAME, TXT, MX, CAA or SRV",
    ],
    [{ "dns.records.0.content": undefined }, "dns.records.0.content: is missing, want a string"],
    [{ "dns.records.0.content": "example" }, `dns.records.0.content: got "example", want ${hostName}`],
    [
      { "dns.records.0.content": "example.com." },
      `dns.records.0.content: got "example.com.", want ${hostName}`,
    ],
    [
      { "dns.records.0.content": "www.example.com" },
      "dns.records.0.content: got www.example.com, want a name other than its own",
    ],
    [
      { "dns.records.0.content": `aa.${long}` },
      `dns.records.0.content: got "aa.${"a.".repeat(36)}a... (254 characters), want ${hostName}`,
    ],
    [{ "dns.records.0.data": {} }, "dns.records.0.data: is not a known key"],
    ...["WWW", "a b", "a/b", "ü/b", "a..b", "www.", "a".repeat(64)].map(
      (name) =>
        [{ "dns.records.0.name": name }, `dns.records.0.name: got "${name}", want ${recordName}`] as const,
    ),
    [
      { "dns.records.0.name": "www.example.com" },
      "dns.records.0.name: got www.example.com, want it relative to the zone: www",
    ],
    [
      { "dns.records.0.name": "example.com" },
      "dns.records.0.name: got example.com, want it relative to the zone: @",
    ],
    [{ "dns.records.1.ttl": 59 }, "dns.records.1.ttl: got 59, but the Free plan has 60 at least"],
    [
      { "dns.records.1.ttl": 59, "dns.plan": "business" },
      "dns.records.1.ttl: got 59, but the Business plan has 60 at least",
    ],
    [
      { "dns.records.1.ttl": 29, "dns.plan": "enterprise" },
      "dns.records.1.ttl: got 29, but the Enterprise plan has 30 at least",
    ],
    [{ "dns.records.1.ttl": 86401 }, "dns.records.1.ttl: got 86401, want 86400 or less"],
    [
      { "dns.records.0.ttl": 300 },
      "dns.records.0: got ttl 300 on a proxied record, want no ttl (Cloudflare decides) or proxied: false",
    ],
    [
      { "dns.records.0.comment": "x".repeat(101) },
      "dns.records.0.comment: got 101 characters, but the Free plan has 100",
    ],
    [
      { "dns.records.0.comment": "x".repeat(501), "dns.plan": "pro" },
      "dns.records.0.comment: got 501 characters, but the Pro plan has 500",
    ],
  ]);
  takes([
    { "dns.records.0.name": "a".repeat(63) },
    { "dns.records.0.name": "*" },
    { "dns.records.0.name": "müller" },
    { "dns.records.0.content": "_acme.example.net" },
    { "dns.records.0.content": `a.${long}` },
    { "dns.records.1.ttl": 60 },
    { "dns.records.1.ttl": 86400 },
    { "dns.records.1.ttl": 30, "dns.plan": "enterprise" },
    { "dns.records.0.ttl": 300, "dns.records.0.proxied": false },
    { "dns.records.0.ttl": 300, "dns.proxied": false },
    { "dns.records.0.comment": "x".repeat(100) },
    { "dns.records.0.comment": "x".repeat(500), "dns.plan": "pro" },
  ]);
});

describe("an address at fault", () => {
  const ipv4 = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
  ];
  const more = ["192.0.0.1", "192.168.0.1", "198.18.0.1", "198.19.255.255", "224.0.0.1", "255.255.255.255"];
  const ipv6 = ["::1", "::", "fd00::1", "fe80::1", "ff02::1", "::ffff:203.0.113.1", "1fff::1", "4000::"];
  const address = (type: string, content: unknown) => fourth({ type, name: "x", content });
  refuses([
    ...[...ipv4, ...more].map(
      (content) => [address("A", content), `dns.records.3.content: got "${content}", ${notPublic}`] as const,
    ),
    ...ipv6.map(
      (content) =>
        [address("AAAA", content), `dns.records.3.content: got "${content}", ${notPublic}`] as const,
    ),
    ...["203.0.113", "2001:db8::1", "203.0.113.256"].map(
      (content) =>
        [
          address("A", content),
          `dns.records.3.content: got "${content}", want an IPv4 address, such as 203.0.113.10`,
        ] as const,
    ),
    ...["203.0.113.1", "2001:db8:::1", "2001:db8::1%eth0"].map(
      (content) =>
        [
          address("AAAA", content),
          `dns.records.3.content: got "${content}", want an IPv6 address, such as 2001:db8::10`,
        ] as const,
    ),
    [address("AAAA", undefined), "dns.records.3.content: is missing, want a string"],
  ]);
  takes([
    ...[
      "1.1.1.1",
      "9.255.255.255",
      "11.0.0.0",
      "172.15.255.255",
      "172.32.0.0",
      "192.0.2.1",
      "198.51.100.1",
    ].map((content) => address("A", content)),
    ...["203.0.113.1", "198.17.255.255", "198.20.0.0", "223.255.255.255"].map((content) =>
      address("A", content),
    ),
    ...["2001:db8::1", "2000::", "3fff::1"].map((content) => address("AAAA", content)),
  ]);
});

describe("a TXT record at fault", () => {
  refuses([
    [
      { "dns.records.1.content": "x".repeat(2049) },
      `dns.records.1.content: got "${"x".repeat(76)}... (2049 characters), want at most 2048 characters`,
    ],
    [{ "dns.records.1.content": "" }, 'dns.records.1.content: got "", want a text that is not empty'],
    ...["ü", '"v=spf1 -all"', "a\nb"].map(
      (text) =>
        [
          { "dns.records.1.content": text },
          `dns.records.1.content: got ${JSON.stringify(text)}, want printable ASCII characters, without outer quotes`,
        ] as const,
    ),
    [
      { "dns.records.1.proxied": true },
      "dns.records.1.proxied: got true, but TXT cannot be proxied: only A, AAAA and CNAME can",
    ],
  ]);
  takes([
    { "dns.records.1.content": "x".repeat(2048) },
    { "dns.records.1.content": 'a "b" c' },
    { "dns.records.1.proxied": false },
  ]);
});

describe("an MX, CAA or SRV record at fault", () => {
  const mx = { type: "MX", name: "@", content: "mail.example.net" };
  refuses([
    [fourth({ ...mx, content: "192.0.2.1" }), `dns.records.3.content: got "192.0.2.1", want ${hostName}`],
    [fourth({ ...mx, priority: -1 }), "dns.records.3.priority: got -1, want 0 or more"],
    [fourth({ ...mx, priority: 65536 }), "dns.records.3.priority: got 65536, want 65535 or less"],
    ...[mx, caa, srv].map(
      (record) =>
        [
          fourth({ ...record, proxied: true }),
          `dns.records.3.proxied: got true, but ${record.type} cannot be proxied: only A, AAAA and CNAME can`,
        ] as const,
    ),
    [fourth({ ...caa, flags: -1 }), "dns.records.3.flags: got -1, want 0 or more"],
    [fourth({ ...caa, flags: 256 }), "dns.records.3.flags: got 256, want 255 or less"],
    [fourth({ ...caa, tag: "x" }), 'dns.records.3.tag: got "x", want issue, issuewild or iodef'],
    [
      fourth({ ...caa, value: "Let's Encrypt" }),
      `dns.records.3.value: got "Let's Encrypt", want the domain of a CA, such as letsencrypt.org, or ; for none`,
    ],
    [
      fourth({ ...caa, tag: "iodef", value: "admin@example.com" }),
      'dns.records.3.value: got "admin@example.com", want a mailto: or https: URL',
    ],
    [
      fourth({ ...caa, tag: "iodef", value: "http://example.com" }),
      'dns.records.3.value: got "http://example.com", want a mailto: or https: URL',
    ],
    ...["sip", "_sip", "_sip.tcp", "*._tcp", "@"].map(
      (name) =>
        [
          fourth({ ...srv, name }),
          `dns.records.3.name: got "${name}", want a name that begins with _service._protocol, such as _sip._tcp`,
        ] as const,
    ),
    ...(["priority", "weight", "port"] as const).flatMap((key) => [
      [fourth({ ...srv, [key]: -1 }), `dns.records.3.${key}: got -1, want 0 or more`] as const,
      [fourth({ ...srv, [key]: 65536 }), `dns.records.3.${key}: got 65536, want 65535 or less`] as const,
      [fourth({ ...srv, [key]: undefined }), `dns.records.3.${key}: is missing, want a number`] as const,
    ]),
    [fourth({ ...srv, target: "sip" }), `dns.records.3.target: got "sip", want ${hostName}`],
  ]);
  takes([
    fourth({ ...mx, priority: 0 }),
    fourth({ ...mx, priority: 65535, proxied: false }),
    fourth({ ...caa, flags: 0 }),
    fourth({ ...caa, flags: 255, proxied: false }),
    ...["", ";", "letsencrypt.org", "letsencrypt.org; validationmethods=dns-01"].map((value) =>
      fourth({ ...caa, value }),
    ),
    fourth({ ...caa, tag: "iodef", value: "mailto:admin@example.com" }),
    fourth({ ...caa, tag: "iodef", value: "https://example.com/caa" }),
    fourth({ ...srv, name: "_sip._tcp.office", priority: 65535, weight: 65535, port: 65535, proxied: false }),
  ]);
});

describe("records of one name at fault", () => {
  const both = (one: object, other: object) => ({ "dns.records.3": one, "dns.records.4": other });
  const a = { type: "A", name: "x", content: "203.0.113.1" };
  const aaaa = { type: "AAAA", name: "x", content: "2001:db8::1" };
  const txt = { type: "TXT", name: "x", content: "one" };
  const mx = { type: "MX", name: "x", content: "mail.example.net" };
  refuses([
    [
      fourth({ type: "A", name: "www" }),
      "dns.records.3: a CNAME at www.example.com cannot stand beside dns.records.0, want one or the other",
    ],
    [
      fourth({ ...mx, name: "www" }),
      "dns.records.3: a CNAME at www.example.com cannot stand beside dns.records.0, want one or the other",
    ],
    [
      fourth({ type: "CNAME", name: "@", content: "example.net" }),
      "dns.records.3: a CNAME at example.com cannot stand beside dns.records.1, want one or the other",
    ],
    [
      fourth({ type: "CNAME", name: "www", content: "example.org" }),
      "dns.records.3: is a second CNAME at www.example.com beside dns.records.0, want one",
    ],
    [
      {
        ...fourth({ type: "CNAME", name: "@", content: "example.net" }),
        "dns.records.1.name": "x",
        "dns.caa": ["letsencrypt.org"],
      },
      "dns.caa: a CNAME at example.com cannot have CAA records beside it (dns.records.3), want caa: []",
    ],
    ...[
      [a, { ...a, content: "203.0.113.2" }],
      [aaaa, { ...aaaa, content: "2001:db8::2" }],
      [txt, { ...txt, content: "two" }],
    ].map(
      ([one = {}, other = {}]) =>
        [
          both(one, other),
          `dns.records.4: is a second ${"type" in one ? one.type : ""} at x.example.com, want a \`label\` that tells it from dns.records.3`,
        ] as const,
    ),
    [
      both({ ...txt, label: "a" }, { ...txt, label: "a", content: "two" }),
      "dns.records.4: is a second TXT at x.example.com, want a `label` that tells it from dns.records.3",
    ],
    [
      both(txt, { ...txt, label: "a" }),
      "dns.records.4: is a second TXT of the same text at x.example.com beside dns.records.3, want one",
    ],
    [
      both(a, { ...a, label: "a" }),
      "dns.records.4: is a second A of 203.0.113.1 at x.example.com beside dns.records.3, want one",
    ],
    [
      both({ type: "A", name: "x" }, { type: "A", name: "x", label: "a" }),
      "dns.records.4: is a second A of the load balancer at x.example.com beside dns.records.3, want one",
    ],
    [
      both(aaaa, { ...aaaa, content: "2001:DB8:0::1", label: "a" }),
      "dns.records.4: is a second AAAA of 2001:db8::1 at x.example.com beside dns.records.3, want one",
    ],
    [
      both(mx, { ...mx, priority: 20 }),
      "dns.records.4: is a second MX of mail.example.net at x.example.com beside dns.records.3, want one",
    ],
    [
      both(caa, { ...caa, flags: 128 }),
      "dns.records.4: is a second CAA of issue pki.goog at example.com beside dns.records.3, want one",
    ],
    [
      both(srv, { ...srv, priority: 1 }),
      "dns.records.4: is a second SRV of sip.example.com:5060 at _sip._tcp.example.com beside dns.records.3, want one",
    ],
    [
      both({ type: "A", name: "x" }, aaaa),
      "dns.records.4: an A without content at x.example.com holds the load balancer's AAAA too, " +
        "want no AAAA beside it (dns.records.3)",
    ],
    [
      both(aaaa, { type: "A", name: "x" }),
      "dns.records.4: an A without content at x.example.com holds the load balancer's AAAA too, " +
        "want no AAAA beside it (dns.records.3)",
    ],
  ]);
  takes([
    both(a, aaaa),
    both(a, { ...a, content: "203.0.113.2", label: "b" }),
    both({ type: "A", name: "x" }, { ...a, label: "b" }),
    both(txt, { ...txt, content: "two", label: "b" }),
    both(mx, { ...mx, content: "mail2.example.net" }),
    both(mx, txt),
    both(caa, { ...caa, tag: "issuewild" }),
    both(srv, { ...srv, port: 5061 }),
    {
      ...fourth({ type: "CNAME", name: "@", content: "example.net" }),
      "dns.records.1.name": "x",
      "dns.caa": [],
    },
  ]);
});

describe("an address at a routed host", () => {
  refuses([
    [
      fourth({ type: "A", name: "api", content: "203.0.113.1" }),
      "dns.records.3: got A 203.0.113.1 where api.example.com is routed, " +
        "want an A without content: routes lead to the load balancer",
    ],
    [
      fourth({ type: "AAAA", name: "api", content: "2001:db8::1" }),
      "dns.records.3: got AAAA 2001:db8::1 where api.example.com is routed, " +
        "want an A without content: routes lead to the load balancer",
    ],
    [
      fourth({ type: "A", name: "*", content: "203.0.113.1" }),
      "dns.records.3: got A 203.0.113.1 where api.example.com is routed, " +
        "want an A without content: routes lead to the load balancer",
    ],
  ]);
  takes([
    fourth({ type: "A", name: "api" }),
    fourth({ type: "A", name: "x", content: "203.0.113.1" }),
    fourth({ type: "MX", name: "api", content: "mail.example.net" }),
  ]);
});

describe("a proxied name that Cloudflare has no certificate for", () => {
  refuses([
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
  takes([
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

describe("more records than the plan has", () => {
  const some = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ type: "TXT", name: `x${index}`, content: "x" }));
  // Five routed hosts have an A and an AAAA each, and the owner two CAA records.
  const others = 12;
  refuses([
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
  takes([
    { "dns.records": some(200 - others) },
    { "dns.records": [...some(199 - others), { type: "A", name: "x", content: "203.0.113.1" }] },
    { "dns.records": some(3500 - others), "dns.plan": "pro" },
  ]);
});
