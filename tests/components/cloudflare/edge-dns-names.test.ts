import * as assert from "node:assert/strict";

import type { DnsRecordSpec } from "../../../components/cloudflare/dns-record";
import { EdgeDns } from "../../../components/cloudflare/edge-dns";
import { find, run, type Recorded } from "../../harness";
import { providers } from "../providers";

const make = (records: readonly DnsRecordSpec[], { ipv6 = true } = {}) =>
  run(
    () =>
      new EdgeDns(
        "dns",
        {
          zone: "example.com",
          zoneId: "0123456789abcdef0123456789abcdef",
          records,
          ipv4: "203.0.113.9",
          ...(ipv6 && { ipv6: "2001:db8::9" }),
        },
        { providers: providers() },
      ),
  );

const ofRecords = (resources: readonly Recorded[]) =>
  resources.filter(({ type }) => type.endsWith(":DnsRecord"));

describe("EdgeDns resource names", () => {
  const primary: [title: string, spec: DnsRecordSpec][] = [
    ["the load balancer's address", { type: "A", name: "api", proxied: true }],
    ["an address without a label", { type: "A", name: "api", proxied: true, content: "198.51.100.1" }],
    ["a CNAME", { type: "CNAME", name: "api", proxied: true, content: "example.com" }],
  ];
  for (const [title, spec] of primary)
    it(`names ${title} after the host alone`, async () => {
      const { resources } = await make([spec], { ipv6: false });
      assert.deepEqual(
        ofRecords(resources).map(({ name, inputs }) => [name, inputs.type]),
        [["dns-api.example.com", spec.type]],
      );
    });

  const others: [title: string, spec: DnsRecordSpec, names: string[]][] = [
    [
      "an address with a label",
      { type: "A", name: "api", proxied: true, content: "198.51.100.1", label: "one" },
      ["dns-api.example.com-A-one"],
    ],
    [
      "the load balancer's addresses with a label",
      { type: "A", name: "api", proxied: true, label: "one" },
      ["dns-api.example.com-A-one", "dns-api.example.com-AAAA"],
    ],
    [
      "an IPv6 address",
      { type: "AAAA", name: "api", proxied: true, content: "2001:db8::1" },
      ["dns-api.example.com-AAAA"],
    ],
    [
      "an IPv6 address with a label",
      { type: "AAAA", name: "api", proxied: true, content: "2001:db8::1", label: "one" },
      ["dns-api.example.com-AAAA-one"],
    ],
    ["a TXT record", { type: "TXT", name: "api", content: "x" }, ["dns-api.example.com-TXT"]],
  ];
  for (const [title, spec, names] of others)
    it(`adds the type to the name of ${title}`, async () => {
      const { resources } = await make([spec]);
      assert.deepEqual(
        ofRecords(resources).map(({ name }) => name),
        names,
      );
      for (const { dependencies } of ofRecords(resources)) assert.deepEqual(dependencies, []);
    });

  it("makes the load balancer's IPv6 address depend on another primary record of the name", async () => {
    const { resources } = await make([
      { type: "A", name: "both", proxied: false, label: "balancer" },
      { type: "A", name: "both", proxied: false, content: "198.51.100.1" },
    ]);
    const names = ofRecords(resources).map(({ name }) => name);
    const first = "dns-both.example.com";
    assert.deepEqual(names.sort(), [first, `${first}-A-balancer`, `${first}-AAAA`]);
    for (const dependent of [`${first}-A-balancer`, `${first}-AAAA`])
      assert.deepEqual(find(resources, ":DnsRecord", dependent).dependencies, [
        `cloudflare:index/dnsRecord:DnsRecord ${first}`,
      ]);
  });

  for (const label of [undefined, "four"])
    it(`keeps an IPv6 address when ${label === undefined ? "a primary" : "a labeled"} IPv4 address is added`, async () => {
      const six: DnsRecordSpec = { type: "AAAA", name: "six", proxied: false, content: "2001:db8::6" };
      const four: DnsRecordSpec = { type: "A", name: "six", proxied: false, content: "198.51.100.6", label };
      const addressOf = async (specs: readonly DnsRecordSpec[]) =>
        find((await make(specs)).resources, ":DnsRecord", "dns-six.example.com-AAAA");
      const [alone, beside] = [await addressOf([six]), await addressOf([six, four])];
      const primary = label === undefined ? ["cloudflare:index/dnsRecord:DnsRecord dns-six.example.com"] : [];
      assert.deepEqual(beside, { ...alone, dependencies: primary });
    });
});
