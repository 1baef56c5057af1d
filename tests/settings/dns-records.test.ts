import { rejectsUnder, accepts, fourthRecord } from "./configurations";

const hostName = "a host name in lower case, such as api.example.com";
const notPublic = "want a public address: public DNS must not contain private addresses";
const srv = { type: "SRV", name: "_sip._tcp", priority: 0, weight: 0, port: 5060, target: "sip.example.com" };
const caa = { type: "CAA", name: "@", tag: "issue", value: "pki.goog" };

describe("address records", () => {
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
  const address = (type: string, content: unknown) => fourthRecord({ type, name: "x", content });
  rejectsUnder("dns.records.3.content", [
    ...[...ipv4, ...more].map(
      (content) => [address("A", content), `: got "${content}", ${notPublic}`] as const,
    ),
    ...ipv6.map((content) => [address("AAAA", content), `: got "${content}", ${notPublic}`] as const),
    ...["203.0.113", "2001:db8::1", "203.0.113.256"].map(
      (content) =>
        [address("A", content), `: got "${content}", want an IPv4 address, such as 203.0.113.10`] as const,
    ),
    ...["203.0.113.1", "2001:db8:::1", "2001:db8::1%eth0"].map(
      (content) =>
        [address("AAAA", content), `: got "${content}", want an IPv6 address, such as 2001:db8::10`] as const,
    ),
  ]);
  accepts([
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

describe("invalid TXT records", () => {
  rejectsUnder("dns.records.1", [
    'content: got "", want a string that is not empty',
    ...["ü", '"v=spf1 -all"', "a\nb"].map(
      (text) => `content: got ${JSON.stringify(text)}, want printable ASCII characters, without outer quotes`,
    ),
    "proxied: got true, but TXT cannot be proxied: only A, AAAA and CNAME can",
  ]);
  rejectsUnder("dns.records.1", {
    [`content: got "${"x".repeat(76)}... (2049 characters), want at most 2048 characters`]: {
      "dns.records.1.content": "x".repeat(2049),
    },
  });
  accepts([
    { "dns.records.1.content": "x".repeat(2048) },
    { "dns.records.1.content": 'a "b" c' },
    { "dns.records.1.proxied": false },
  ]);
});

describe("invalid MX, CAA and SRV records", () => {
  const mx = { type: "MX", name: "@", content: "mail.example.net" };
  rejectsUnder("dns.records.3", [
    ...[mx, caa, srv].map(
      (record) =>
        [
          fourthRecord({ ...record, proxied: true }),
          `proxied: got true, but ${record.type} cannot be proxied: only A, AAAA and CNAME can`,
        ] as const,
    ),
    ...["sip", "_sip", "_sip.tcp", "*._tcp", "@"].map(
      (name) =>
        [
          fourthRecord({ ...srv, name }),
          `name: got "${name}", want a name that begins with _service._protocol, such as _sip._tcp`,
        ] as const,
    ),
  ]);
  rejectsUnder("dns.records.3", {
    'value: got "Let\'s Encrypt", want the domain of a CA, such as letsencrypt.org, or ; for none':
      fourthRecord({ ...caa, value: "Let's Encrypt" }),
    'value: got "admin@example.com", want a mailto: or https: URL': fourthRecord({
      ...caa,
      tag: "iodef",
      value: "admin@example.com",
    }),
    'value: got "http://example.com", want a mailto: or https: URL': fourthRecord({
      ...caa,
      tag: "iodef",
      value: "http://example.com",
    }),
    [`target: got "sip", want ${hostName}`]: fourthRecord({ ...srv, target: "sip" }),
  });
  rejectsUnder("dns.records.3", {
    "name: got @, want a name below example.com: the zone's own name servers are Cloudflare's": fourthRecord({
      ...{ type: "NS", name: "@", content: "ns1.example.net" },
    }),
    "priority: got 10 with content ., want 0 (RFC 7505)": fourthRecord({ ...mx, name: "x", content: "." }),
    [`content: got "mail", want ${hostName}`]: fourthRecord({
      ...mx,
      content: "mail",
    }),
  });
  accepts([
    fourthRecord({ type: "NS", name: "lab", content: "ns1.example.net" }),
    fourthRecord({ ...mx, name: "x", content: ".", priority: 0 }),
    fourthRecord({ type: "HTTPS", name: "@", value: 'alpn="h3,h2"' }),
    {
      "dns.edgeCertificates": ["*.eu"],
      ...fourthRecord({ type: "A", name: "app.eu", content: "203.0.113.9", proxied: true }),
    },
    fourthRecord({ ...mx, proxied: false }),
    fourthRecord({ ...caa, proxied: false }),
    ...["", ";", "letsencrypt.org", "letsencrypt.org; validationmethods=dns-01"].map((value) =>
      fourthRecord({ ...caa, value }),
    ),
    fourthRecord({ ...caa, tag: "iodef", value: "mailto:admin@example.com" }),
    fourthRecord({ ...caa, tag: "iodef", value: "https://example.com/caa" }),
    fourthRecord({ ...srv, name: "_sip._tcp.office", proxied: false }),
  ]);
});
