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
const build =
  (records: readonly DnsRecordSpec[], transformations: pulumi.ResourceTransformation[] = []) =>
  () =>
    new EdgeDns(
      "dns",
      { zone: "example.com", zoneId, records, ipv4: "203.0.113.9", ipv6: "2001:db8::9" },
      { providers: providers(), transformations },
    );

describe("EdgeDns conflict check", () => {
  const existing = (name: string, type: string, content: string) => ({
    id: "f".repeat(32),
    name,
    type,
    content,
  });
  const attemptWith = (records: readonly DnsRecordSpec[], results: object[], options: RunOptions = {}) =>
    attempt(build(records), { answers: { [token]: { results } }, ...options });

  it("does not list the zone without records", async () =>
    assert.deepEqual((await attemptWith([], [])).calls, []));

  for (const preview of [true, false])
    it(`reports a conflict in ${preview ? "a preview" : "an update"}`, async () => {
      const { fault, logs } = await attemptWith([api], [existing("api.example.com", "A", "198.51.100.1")], {
        preview,
      });
      assert.match(
        (preview ? logs[0]?.message : fault?.message) ?? "",
        /^.*api\.example\.com already has an A record, 198\.51\.100\.1, .*:import\["dns-api\.example\.com"\]' [0-9a-f]{32}\/f{32}/,
      );
    });

  const second: DnsRecordSpec = { ...api, content: "198.51.100.2", label: "second" };
  for (const [what, records, type, content, resource] of [
    ["the load balancer's IPv6 address", [api], "AAAA", "2001:db8::1", "dns-api.example.com-AAAA"],
    [
      "a record with a label",
      [{ ...api, content: "198.51.100.1" }, second],
      "A",
      "198.51.100.2",
      "dns-api.example.com-A-second",
    ],
  ] as const)
    it(`checks ${what}`, async () => {
      const { fault } = await attemptWith(records, [existing("api.example.com", type, content)]);
      assert.ok(fault?.message.includes(`:import["${resource}"]`), fault?.message);
    });

  it("imports the existing record if configured", async () => {
    const { transformation } = new Imports({ "dns-api.example.com": `${zoneId}/id` });
    const { fault, resources } = await attempt(build([api], [transformation]), {
      answers: { [token]: { results: [existing("api.example.com", "A", "198.51.100.1")] } },
    });
    assert.equal(fault, undefined);
    assert.equal(find(resources, ":DnsRecord", "dns-api.example.com").importId, `${zoneId}/id`);
  });

  it("warns of a change from CNAME to A, and creates the record", async () => {
    const { fault, logs } = await attemptWith(
      [{ type: "A", name: "api", proxied: true, content: "198.51.100.1" }],
      [existing("api.example.com", "CNAME", "example.com")],
    );
    assert.equal(fault, undefined);
    assert.deepEqual(
      logs.map(({ severity, message }) => [severity, message.split(". ")[0]]),
      [["warn", "api.example.com changes from a CNAME record to an A record"]],
    );
  });
});
