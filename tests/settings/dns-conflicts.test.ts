import { rejects, accepts, fourthRecord } from "./configurations";

const srv = { type: "SRV", name: "_sip._tcp", priority: 0, weight: 0, port: 5060, target: "sip.example.com" };
const caa = { type: "CAA", name: "@", tag: "issue", value: "pki.goog" };

describe("conflicting records of one name", () => {
  const both = (one: object, other: object) => ({ "dns.records.3": one, "dns.records.4": other });
  const a = { type: "A", name: "x", content: "203.0.113.1" };
  const aaaa = { type: "AAAA", name: "x", content: "2001:db8::1" };
  const txt = { type: "TXT", name: "x", content: "one" };
  const mx = { type: "MX", name: "x", content: "mail.example.net" };
  const second = (what: string, name = "x.example.com") =>
    `dns.records.4: is a second ${what} at ${name} beside dns.records.3, want one`;
  const unlabelled = (type: string) =>
    `dns.records.4: is a second ${type} at x.example.com, want a \`label\` that distinguishes it from dns.records.3`;
  const doubled =
    "dns.records.4: an A without content at x.example.com stands for the load balancer's AAAA too, want " +
    "no AAAA beside it (dns.records.3)";
  const apart = (name: string, other: string) =>
    `dns.records.3: a CNAME at ${name} cannot be combined with ${other}, want one of the two`;
  rejects([
    [both({ ...txt, label: "a" }, { ...txt, label: "a", content: "two" }), unlabelled("TXT")],
    [both(aaaa, { type: "A", name: "x" }), doubled],
  ]);
  rejects({
    [apart("www.example.com", "dns.records.0")]: fourthRecord({ ...mx, name: "www" }),
    [apart("example.com", "dns.records.1")]: fourthRecord({
      type: "CNAME",
      name: "@",
      content: "example.net",
    }),
    "dns.records.3: is a second CNAME at www.example.com beside dns.records.0, want one": fourthRecord({
      type: "CNAME",
      name: "www",
      content: "example.org",
    }),
    "dns.caa: a CNAME at example.com (dns.records.3) cannot be combined with CAA records, want caa: []": {
      ...fourthRecord({ type: "CNAME", name: "@", content: "example.net" }),
      "dns.records.1.name": "x",
      "dns.caa": ["letsencrypt.org"],
    },
    [unlabelled("A")]: both(a, { ...a, content: "203.0.113.2" }),
    [unlabelled("AAAA")]: both(aaaa, { ...aaaa, content: "2001:db8::2" }),
    [unlabelled("TXT")]: both(txt, { ...txt, content: "two" }),
    [second("TXT of the same text")]: both(txt, { ...txt, label: "a" }),
    [second("A of 203.0.113.1")]: both(a, { ...a, label: "a" }),
    [second("A of the load balancer")]: both({ type: "A", name: "x" }, { type: "A", name: "x", label: "a" }),
    [second("AAAA of 2001:db8::1")]: both(aaaa, { ...aaaa, content: "2001:DB8:0::1", label: "a" }),
    [second("MX of mail.example.net")]: both(mx, { ...mx, priority: 20 }),
    [second("CAA of issue pki.goog", "example.com")]: both(caa, { ...caa, flags: 128 }),
    [second("SRV of sip.example.com:5060", "_sip._tcp.example.com")]: both(srv, { ...srv, priority: 1 }),
    [doubled]: both({ type: "A", name: "x" }, aaaa),
  });
  accepts([
    both(a, aaaa),
    both(a, { ...a, content: "203.0.113.2", label: "b" }),
    both({ type: "A", name: "x" }, { ...a, label: "b" }),
    both(txt, { ...txt, content: "two", label: "b" }),
    both(mx, { ...mx, content: "mail2.example.net" }),
    both(mx, txt),
    both(caa, { ...caa, tag: "issuewild" }),
    both(srv, { ...srv, port: 5061 }),
    {
      ...fourthRecord({ type: "CNAME", name: "@", content: "example.net" }),
      "dns.records.1.name": "x",
      "dns.caa": [],
    },
  ]);
});

describe("an address record at a routed host", () => {
  const routed = (got: string) =>
    `dns.records.3: got ${got} where api.example.com is routed, ` +
    "want an A without content: routes lead to the load balancer";
  rejects([[fourthRecord({ type: "A", name: "*", content: "203.0.113.1" }), routed("A 203.0.113.1")]]);
  rejects({
    [routed("A 203.0.113.1")]: fourthRecord({ type: "A", name: "api", content: "203.0.113.1" }),
    [routed("AAAA 2001:db8::1")]: fourthRecord({ type: "AAAA", name: "api", content: "2001:db8::1" }),
  });
  accepts([
    fourthRecord({ type: "A", name: "api" }),
    fourthRecord({ type: "A", name: "x", content: "203.0.113.1" }),
    fourthRecord({ type: "MX", name: "api", content: "mail.example.net" }),
  ]);
});
