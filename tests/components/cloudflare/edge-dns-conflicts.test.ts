import * as assert from "node:assert/strict";

import type * as pulumi from "@pulumi/pulumi";

import { Imports } from "../../../components/pulumi/import-existing";
import type { DnsRecordSpec } from "../../../components/cloudflare/dns-record";
import { EdgeDns } from "../../../components/cloudflare/edge-dns";
import { attempt, find, type RunOptions } from "../../harness";
import { providers } from "../providers";

const zoneId = "0123456789abcdef0123456789abcdef";
const token = "cloudflare:index/getDnsRecords:getDnsRecords";

const api: DnsRecordSpec = { type: "A", name: "api", proxied: true };
const specs: DnsRecordSpec[] = [
  api,
  { type: "CNAME", name: "www", content: "example.com", proxied: true },
  { type: "TXT", name: "@", content: "x" },
];

const build =
  (records: readonly DnsRecordSpec[], transformations: pulumi.ResourceTransformation[] = []) =>
  () =>
    new EdgeDns(
      "dns",
      { zone: "example.com", zoneId, records, ipv4: "203.0.113.9", ipv6: "2001:db8::9" },
      { providers: providers(), transformations },
    );

describe("EdgeDns, before it adds a record to a zone", () => {
  const standing = (name: string, type: string, content: string) => ({
    id: "f".repeat(32),
    name,
    type,
    content,
  });
  const attemptBeside = (wanted: readonly DnsRecordSpec[], results: object[], options: RunOptions = {}) =>
    attempt(build(wanted), { answers: { [token]: { results } }, ...options });

  it("looks once at what the zone holds, however many records come", async () => {
    const { calls } = await attemptBeside(specs, []);
    assert.deepEqual(calls, [{ token, inputs: { zoneId, maxItems: 5000 }, provider: "cloudflare" }]);
  });

  it("does not look at all where nothing comes", async () =>
    assert.deepEqual((await attemptBeside([], [])).calls, []));

  for (const preview of [true, false])
    it(`refuses to stand beside what another made, ${preview ? "in preview already" : "and stops"}`, async () => {
      const { fault, logs } = await attemptBeside([api], [standing("api.example.com", "A", "198.51.100.1")], {
        preview,
      });
      assert.match(
        (preview ? logs[0]?.message : fault?.message) ?? "",
        /api\.example\.com has an A record already, 198\.51\.100\.1, .*:import\["dns-api\.example\.com"\]' [0-9a-f]{32}\/f{32}/,
      );
    });

  it("minds the load balancer's IPv6 address as well", async () => {
    const { fault } = await attemptBeside([api], [standing("api.example.com", "AAAA", "2001:db8::1")]);
    assert.match(fault?.message ?? "", /has an AAAA record .*:import\["dns-api\.example\.com-AAAA"\]/);
  });

  it("takes over what stands there, if it is told to", async () => {
    const { transformation } = new Imports({ "dns-api.example.com": `${zoneId}/id` });
    const { fault, resources } = await attempt(build([api], [transformation]), {
      answers: { [token]: { results: [standing("api.example.com", "A", "198.51.100.1")] } },
    });
    assert.equal(fault, undefined);
    assert.equal(find(resources, ":DnsRecord", "dns-api.example.com").importId, `${zoneId}/id`);
  });

  it("minds only the same value where the program itself wants several", async () => {
    const several: DnsRecordSpec[] = [
      { type: "A", name: "api", proxied: true, content: "198.51.100.1" },
      { type: "A", name: "api", proxied: true, content: "198.51.100.2", label: "second" },
    ];
    const beside = (content: string) => attemptBeside(several, [standing("api.example.com", "A", content)]);
    assert.equal((await beside("198.51.100.3")).fault, undefined);
    assert.match(
      (await beside("198.51.100.2")).fault?.message ?? "",
      /:import\["dns-api\.example\.com-A-second"\]/,
    );
  });

  it("warns where an alias becomes an address, and goes on", async () => {
    const { fault, logs } = await attemptBeside(
      [{ type: "A", name: "api", proxied: true, content: "198.51.100.1" }],
      [standing("api.example.com", "CNAME", "example.com")],
    );
    assert.equal(fault, undefined);
    assert.deepEqual(
      logs.map(({ severity, message }) => [severity, message.slice(0, 63)]),
      [["warn", "api.example.com is a CNAME record now and becomes an A. The two"]],
    );
  });

  it("does not go on without having seen the zone", async () => {
    const { fault } = await attempt(build(specs), { answers: { [token]: new Error("no connection") } });
    assert.match(fault?.message ?? "", /no connection/);
  });
});
