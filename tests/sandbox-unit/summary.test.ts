import assert from "node:assert/strict";

import type { Inventory } from "../../sandbox/clouds/client";
import { readOutputs, type Deployment } from "../../sandbox/engine/deployment";
import { summarize, type SummaryInput } from "../../sandbox/summary";

const LB = "hcloud:index/loadBalancer:LoadBalancer";
const RECORD = "cloudflare:index/dnsRecord:DnsRecord";

const inventory = (a: string, aaaa = "2001:db8::1"): Inventory => ({
  hetzner: {
    load_balancers: [
      {
        id: 5,
        name: "k3s-lb",
        public_net: { ipv4: { ip: "192.0.2.1" }, ipv6: { ip: "2001:db8::1" } },
        private_net: [],
        services: [{ listen_port: 443, destination_port: 30443, proxyprotocol: true }],
        targets: [],
      },
    ],
  },
  cloudflare: {
    dns_records: [
      { id: "r1", name: "api.example.com", type: "A", content: a, proxied: true },
      { id: "r2", name: "api.example.com", type: "AAAA", content: aaaa, proxied: true },
      { id: "r3", name: "www.example.com", type: "CNAME", content: "example.com", proxied: false },
      { id: "foreign", name: "dev.example.com", type: "A", content: "192.0.2.99" },
    ],
    settings: [],
    dnssec: [],
    rulesets: [],
    origin_pulls: { certificates: [], settings: [] },
    tokens: [],
  },
});

const state: Deployment = {
  resources: [
    { urn: "urn:pulumi:prod::net::x::lb", type: LB, id: "5", inputs: { name: "k3s-lb" } },
    ...["r1", "r2", "r3"].map((id) => ({ urn: `urn:pulumi:prod::net::x::${id}`, type: RECORD, id })),
  ],
};

const input = (more: Partial<SummaryInput> = {}): SummaryInput => ({
  outputs: {
    routes: [{ url: "https://api.example.com/v1", pathType: "Exact", app: "api", port: 8080 }],
    loadBalancer: { ipv4: "192.0.2.1" },
  },
  inventory: inventory("192.0.2.1"),
  state,
  color: false,
  ...more,
});

describe("The summary", () => {
  it("shows the path of a packet, and that DNS has the load balancer's addresses", () => {
    const { text, isSound } = summarize(input());
    assert.equal(isSound, true);
    assert.equal(
      text,
      [
        "The path:",
        "  Visitors",
        "    |",
        "  DNS records",
        "    api.example.com  no record in this stack",
        "    |",
        "  Load balancer",
        "    k3s-lb  192.0.2.1",
        "    |",
        "  Routes",
        "    api.example.com/v1  Exact; -> apps/api:8080",
        "",
        "Every A record (1) equals the load balancer's address 192.0.2.1, every AAAA record (1) 2001:db8::1.",
      ].join("\n"),
    );
  });

  /** The state with these dependencies of the first record. */
  const comesFrom = (content: readonly string[]) => ({
    resources: (state.resources ?? []).map((one) =>
      one.id === "r1" ? { ...one, propertyDependencies: { content } } : one,
    ),
  });
  const elsewhere = inventory("192.0.2.7");
  const isWrong = "\u001b[31mNot every address in DNS is the load balancer's";
  const none = { ...inventory("1"), hetzner: { load_balancers: [] } };
  for (const [what, more, isSound, ...texts] of [
    ["another IPv4 address", { inventory: elsewhere }, false, isWrong, "api.example.com A 192.0.2.7"],
    [
      "another IPv6 address",
      { inventory: inventory("192.0.2.1", "2001:db8::2") },
      ...[false, isWrong, "api.example.com AAAA 2001:db8::2"],
    ],
    [
      "an address of the settings",
      { inventory: elsewhere, state: comesFrom([]) },
      ...[true, "Every A record (0) equals", "every AAAA record (1)"],
    ],
    [
      "an address of another resource",
      { inventory: elsewhere, state: comesFrom(["urn:lb"]) },
      false,
      isWrong,
    ],
    ["addresses without a load balancer", { inventory: none }, false, "there is no load balancer"],
  ] as readonly (readonly [string, Partial<SummaryInput>, boolean, ...string[]])[])
    it(`is ${isSound ? "" : "not "}sound with ${what}`, () => {
      const found = summarize(input({ color: true, ...more }));
      assert.equal(found.isSound, isSound);
      for (const text of texts) assert.ok(found.text.includes(text), found.text);
      assert.doesNotMatch(found.text, /192\.0\.2\.99/);
    });

  it("omits what a program does not have", () => {
    const { text, isSound } = summarize(input({ outputs: {}, state: undefined }));
    assert.equal(isSound, true);
    assert.equal(text, "This stack has no address in DNS.");
  });

  it("never shows a secret", () => {
    const secret = {
      "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
      ciphertext: "c2VjcmV0",
    };
    const urn = "urn:pulumi:dev::net::pulumi:pulumi:Stack::net-dev";
    const outputs = { password: secret, nested: { list: [secret] }, plain: 1 };
    const stack = { resources: [{ urn, type: "pulumi:pulumi:Stack", outputs }] };
    assert.deepEqual(readOutputs(stack), { password: "[secret]", nested: { list: ["[secret]"] }, plain: 1 });
  });
});
