import * as assert from "node:assert/strict";
import * as fs from "node:fs";

import { cloudflareInventory } from "../../../sandbox/clouds/cloudflare";
import { logZone, readZoneLog } from "../../../sandbox/clouds/cloudflare/zone-log";
import { emulatedCloudflare, noZone, zones } from "./emulated-cloudflare";

const zone = zones.free;

describe("The settings of an emulated zone", () => {
  const { call, got, refusal, changes, restart, store } = emulatedCloudflare();
  const path = (id: string, of = zone) => `/zones/${of}/settings/${id}`;
  const set = async (id: string, value: unknown) => got("PATCH", path(id), { value });
  const read = async (id: string) => (await got("GET", path(id))).value;

  const hstsOff = { enabled: false, max_age: 0, include_subdomains: false, preload: false, nosniff: false };
  const hsts = { ...hstsOff, enabled: true, max_age: 31536000 };
  for (const [id, initial, value] of [
    ["0rtt", "off", "on"],
    ["always_use_https", "off", "on"],
    ["brotli", "on", "off"],
    ["http3", "on", "off"],
    ["min_tls_version", "1.0", "1.3"],
    ["security_header", { strict_transport_security: hstsOff }, { strict_transport_security: hsts }],
    ["ssl", "full", "strict"],
    ["tls_1_3", "on", "off"],
    ["websockets", "on", "off"],
  ] as const)
    it(`change ${id} from ${JSON.stringify(initial)}, of that zone alone`, async () => {
      const before = await got("GET", path(id));
      assert.deepEqual(before, { id, value: initial, editable: true, modified_on: null });
      const after = await set(id, value);
      assert.deepEqual(after, { ...before, value, modified_on: after.modified_on });
      assert.ok(!Number.isNaN(Date.parse(String(after.modified_on))));
      restart();
      assert.deepEqual(await got("GET", path(id)), after);
      assert.deepEqual((await got("GET", path(id, zones.pro))).value, initial);
      assert.deepEqual(cloudflareInventory(store()).settings, [{ zone, id, value }]);
      assert.deepEqual(changes(), [{ zone, kind: "setting", op: "update", id, before, after }]);
    });

  it("read tls_1_3 back as zrt while 0rtt is on", async () => {
    await set("0rtt", "on");
    assert.equal((await set("tls_1_3", "on")).value, "zrt");
    assert.equal((await set("tls_1_3", "off")).value, "off");
    await set("tls_1_3", "on");
    await set("0rtt", "off");
    assert.equal(await read("tls_1_3"), "on");
  });

  for (const [id, value] of [
    ["ssl", "Strict"],
    ["min_tls_version", 1.2],
    ["always_use_https", true],
    ["security_header", { enabled: true }],
    ["security_header", { strict_transport_security: { ...hsts, max_age: -1 } }],
    ["security_header", { strict_transport_security: { ...hsts, maxAge: 1 } }],
    ["http3", null],
  ] as const)
    it(`refuse ${id} ${JSON.stringify(value)}`, async () => {
      const message = `Invalid value for zone setting ${id}`;
      assert.deepEqual(await refusal("PATCH", path(id), { value }), { code: 1007, message });
      assert.deepEqual(cloudflareInventory(store()).settings, []);
    });

  it("refuse other settings, fields and zones", async () => {
    const message = "Unrecognized zone setting name: constructor";
    assert.deepEqual(await refusal("GET", path("constructor")), { code: 1006, message });
    assert.equal((await refusal("PATCH", path("ssl"), { value: "full", days: 1 })).code, 9207);
    assert.equal((await call("GET", `${noZone}/settings/ssl`)).status, 404);
  });
});

describe("DNSSEC of an emulated zone", () => {
  const { call, got, refusal, changes, restart, store } = emulatedCloudflare();
  const where = `/zones/${zone}/dnssec`;

  it("is pending once it is on, with the same DS record every time, and disabled after PATCH or DELETE", async () => {
    const before = await got("GET", where);
    assert.deepEqual([before.status, before.ds, before.key_tag], ["disabled", null, null]);
    const on = await got("PATCH", where, { status: "active" });
    assert.deepEqual([on.status, on.flags, on.algorithm, on.digest_type], ["pending", 257, "13", "2"]);
    assert.match(String(on.digest), /^[0-9A-F]{64}$/);
    assert.equal(on.ds, `example.com. 3600 IN DS ${Number(on.key_tag)} 13 2 ${String(on.digest)}`);
    restart();
    assert.deepEqual(await got("GET", where), on);
    assert.deepEqual(cloudflareInventory(store()).dnssec, [{ zone, status: "pending" }]);
    assert.notEqual(
      (await got("PATCH", `/zones/${zones.pro}/dnssec`, { status: "active" })).digest,
      on.digest,
    );
    assert.equal((await got("PATCH", where, { status: "disabled" })).ds, null);
    assert.equal((await got("PATCH", where, { status: "active" })).ds, on.ds);
    for (let i = 0; i < 2; i++) assert.equal((await call("DELETE", where)).status, 200);
    assert.equal((await got("GET", where)).status, "disabled");
    assert.deepEqual(
      changes().flatMap((change) => (change.zone === zone ? [change.op] : [])),
      ["update", "update", "update", "delete", "delete"],
    );
  });

  it("stays as it is without a status, and refuses other fields and zones", async () => {
    await got("PATCH", where, { status: "active" });
    assert.equal((await got("PATCH", where, {})).status, "pending");
    for (const body of [{ status: "pending" }, { dnssec_presigned: true }])
      assert.equal((await refusal("PATCH", where, body)).code, 9207);
    assert.equal((await call("GET", `${noZone}/dnssec`)).status, 404);
  });
});

describe("The log of the zones", () => {
  const { call, got, changes, restart, store, file } = emulatedCloudflare();
  const change = { zone, kind: "setting", op: "update", id: "ssl" } as const;
  const seqs = () => readZoneLog(store()).map(({ seq }) => seq);

  it("numbers entries from 1, after a restart too, and dates them to the millisecond", () => {
    assert.deepEqual(seqs(), []);
    logZone(store(), change);
    restart();
    logZone(store(), { ...change, before: "full", after: "strict" });
    const [first, second] = readZoneLog(store());
    assert.deepEqual({ ...first, at: "" }, { seq: 1, at: "", ...change });
    assert.deepEqual({ ...second, at: "" }, { seq: 2, at: "", ...change, before: "full", after: "strict" });
    assert.match(first?.at ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it("drops an entry that a kill left incomplete, and no other", () => {
    logZone(store(), change);
    fs.appendFileSync(file("clouds.zone-log.jsonl"), '{"seq":2,"at":"20');
    restart();
    assert.deepEqual(seqs(), [1]);
    logZone(store(), { ...change, id: "brotli" });
    assert.deepEqual(seqs(), [1, 2]);
    assert.equal(readZoneLog(store())[1]?.id, "brotli");
  });

  it("has no refused calls and no reads", async () => {
    await call("POST", `/zones/${zone}/dns_records`, { name: "www", type: "A", content: "x" });
    await call("PATCH", `/zones/${zone}/settings/ssl`, { value: "tight" });
    await call("POST", `/zones/${zone}/rulesets`, {});
    for (const what of ["dns_records", "settings/ssl", "dnssec", "rulesets"])
      await got("GET", `/zones/${zone}/${what}`);
    assert.deepEqual(changes(), []);
  });
});
