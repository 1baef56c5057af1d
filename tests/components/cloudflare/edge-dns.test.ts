import * as assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import type { DnsRecordSpec } from "../../../components/cloudflare/dns-record";
import { EdgeDns } from "../../../components/cloudflare/edge-dns";
import { find, run, type Recorded } from "../../harness";
import { providers } from "../providers";

const zone = "example.com";
const zoneId = "0123456789abcdef0123456789abcdef";

/** One record of each type, and some that share a name. */
const records: DnsRecordSpec[] = [
  { type: "A", name: "@", proxied: true },
  { type: "A", name: "api", proxied: true },
  { type: "A", name: "grafana", proxied: false, ttl: 300, comment: "Dashboards" },
  { type: "A", name: "old", proxied: false, content: "198.51.100.1" },
  { type: "A", name: "old", proxied: false, content: "198.51.100.2", label: "second" },
  { type: "AAAA", name: "old", proxied: false, content: "2001:db8::1" },
  { type: "AAAA", name: "six", proxied: false, content: "2001:db8::6" },
  { type: "A", name: "pool", proxied: false, content: "198.51.100.3", label: "east" },
  { type: "A", name: "pool", proxied: false, content: "198.51.100.4", label: "west" },
  { type: "CNAME", name: "www", content: "example.com", proxied: true },
  { type: "CNAME", name: "*.dev", content: "dev-lb.example.com", proxied: false },
  { type: "TXT", name: "@", content: "v=spf1 -all" },
  { type: "TXT", name: "@", content: "proof", label: "proof" },
  { type: "MX", name: "@", content: "mail.example.net", priority: 10 },
  { type: "CAA", name: "@", flags: 0, tag: "issue", value: "letsencrypt.org" },
  { type: "SRV", name: "_sip._tcp", priority: 1, weight: 2, port: 5060, target: "sip.example.com" },
];

const make = (specs: readonly DnsRecordSpec[] = records) =>
  run(() => {
    const [ipv4, ipv6] = [pulumi.output("203.0.113.9"), pulumi.output("2001:db8::9")];
    return new EdgeDns("dns", { zone, zoneId, records: specs, ipv4, ipv6 }, { providers: providers() });
  });

let listed: ReturnType<typeof make> | undefined;

/** The run with all records, shared by the tests. */
const asListed = () => (listed ??= make());

const ofRecords = (resources: readonly Recorded[]) =>
  resources.filter(({ type }) => type.endsWith(":DnsRecord"));

const byName = async (specs: readonly DnsRecordSpec[]) =>
  new Map(ofRecords((await make(specs)).resources).map((each) => [each.name, JSON.stringify(each)]));

/** The names of the resources that differ. */
const differing = (one: Map<string, string>, other: Map<string, string>) =>
  [...new Set([...one.keys(), ...other.keys()])].filter((key) => one.get(key) !== other.get(key)).sort();

describe("EdgeDns", () => {
  const inputs: [name: string, fields: Record<string, unknown>][] = [
    ["example.com", { type: "A", content: "203.0.113.9", proxied: true }],
    ["example.com-AAAA", { type: "AAAA", content: "2001:db8::9", proxied: true }],
    [
      "grafana.example.com",
      { type: "A", content: "203.0.113.9", proxied: false, ttl: 300, comment: "Dashboards" },
    ],
  ];
  for (const [key, fields] of inputs)
    it(`creates ${key} with the configured fields and an automatic TTL by default`, async () => {
      const { resources } = await asListed();
      const name = key.replace(/(?<=\.com)-.*$/, "");
      assert.deepEqual(find(resources, ":DnsRecord", `dns-${key}`).inputs, {
        comment: "Made by Pulumi: organization/platform-networking/test",
        zoneId,
        name,
        ttl: 1,
        ...fields,
      });
    });

  it("makes a name's other addresses depend on its primary record, which is deleted after them", async () => {
    const { resources } = await asListed();
    const dependencies = (name: string) => find(resources, ":DnsRecord", name).dependencies;
    const first = (name: string) => [`cloudflare:index/dnsRecord:DnsRecord dns-${name}`];
    for (const name of ["example.com", "api.example.com", "grafana.example.com", "old.example.com"])
      assert.deepEqual(dependencies(`dns-${name}-AAAA`), first(name));
    assert.deepEqual(dependencies("dns-old.example.com-A-second"), first("old.example.com"));
    const dependents = ofRecords(resources).filter(({ dependencies }) => dependencies.length > 0);
    assert.equal(dependents.length, 5);
  });

  it("deletes a record before it creates its replacement", async () => {
    const { resources } = await asListed();
    assert.ok(ofRecords(resources).every((each) => each.deleteBeforeReplace));
  });

  it("returns each FQDN once", async () => {
    const { result, outputs } = await asListed();
    const names = [
      "example.com",
      "api.example.com",
      "grafana.example.com",
      "old.example.com",
      "six.example.com",
      "pool.example.com",
      "www.example.com",
      "*.dev.example.com",
      "_sip._tcp.example.com",
    ];
    assert.deepEqual(result.names, names);
    assert.deepEqual(outputs.find(({ of }) => of.endsWith(" dns"))?.outputs, { names });
  });

  it("changes one resource of 200 when one record is added or removed", async () => {
    const many = Array.from({ length: 200 }, (_, index): DnsRecordSpec =>
      index % 2 === 0
        ? { type: "CNAME", name: `host-${index}`, content: "example.com", proxied: true }
        : { type: "TXT", name: `host-${index}`, content: "x" },
    );
    const whole = await byName(many);
    assert.equal(whole.size, 200);
    for (const [index, resource] of [
      [0, "dns-host-0.example.com"],
      [199, "dns-host-199.example.com-TXT"],
    ] as const)
      assert.deepEqual(differing(whole, await byName(many.toSpliced(index, 1))), [resource]);
  });
});
