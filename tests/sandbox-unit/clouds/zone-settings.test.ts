import * as assert from "node:assert/strict";

import { getAllSettings } from "../../../sandbox/clouds/cloudflare/zone-settings";
import { emulatedZones, zones, type Plan } from "./emulated-zones";

describe("the settings of an emulated zone", () => {
  const { call, got, refusal, changes, restart, seed, store } = emulatedZones();
  const settings = (plan: Plan = "free") => `/zones/${zones[plan]}/settings`;
  const read = (id: string, plan?: Plan) => got("GET", `${settings(plan)}/${id}`);
  const set = (id: string, value: unknown, plan?: Plan) => got("PATCH", `${settings(plan)}/${id}`, { value });

  it("are all there from the beginning, as a new zone has them", async () => {
    const all = (await call("GET", settings())).result as readonly Record<string, unknown>[];
    const values = Object.fromEntries(all.map(({ id, value }) => [String(id), value]));
    assert.ok(all.length > 30);
    assert.ok(all.every(({ modified_on: modified }) => modified === null));
    const wanted = {
      ssl: "full",
      min_tls_version: "1.0",
      tls_1_3: "on",
      "0rtt": "off",
      always_use_https: "off",
      websockets: "on",
      browser_cache_ttl: 14400,
      ciphers: [],
    };
    for (const [id, value] of Object.entries(wanted)) assert.deepEqual(values[id], value, id);
    for (const one of all) assert.deepEqual(await read(String(one.id)), one);
  });

  const kept: readonly (readonly [id: string, value: unknown])[] = [
    ["ssl", "strict"],
    ["min_tls_version", "1.2"],
    ["min_tls_version", "1.3"],
    ["tls_1_3", "off"],
    ["0rtt", "on"],
    ["always_use_https", "on"],
    ["http3", "off"],
    ["brotli", "off"],
    ["websockets", "off"],
    ["browser_cache_ttl", 0],
    ["challenge_ttl", 31536000],
    ["tls_client_auth", "on"],
  ];
  for (const [id, value] of kept)
    it(`keep ${id} ${String(value)}`, async () => {
      const changed = await set(id, value);
      const { modified_on: modified, ...rest } = changed;
      assert.deepEqual(rest, { id, value, editable: true });
      assert.ok(!Number.isNaN(Date.parse(String(modified))));
      restart();
      assert.deepEqual(await read(id), changed);
      assert.deepEqual(getAllSettings(store()), [{ zone: zones.free, id, value }]);
    });

  it("tell one zone from another", async () => {
    await set("ssl", "strict");
    assert.equal((await read("ssl", "pro")).value, "full");
  });

  it("keep the shape of security_header and fill in what it leaves out", async () => {
    const hsts = { enabled: true, max_age: 31536000, include_subdomains: true, preload: true, nosniff: true };
    const given = { strict_transport_security: hsts };
    assert.deepEqual((await set("security_header", given)).value, given);
    const partial = { strict_transport_security: { enabled: true, max_age: 0 } };
    const rest = { include_subdomains: false, preload: false, nosniff: false };
    assert.deepEqual((await set("security_header", partial)).value, {
      strict_transport_security: { enabled: true, max_age: 0, ...rest },
    });
  });

  it("read tls_1_3 back as zrt while 0rtt is on, whatever is asked of it", async () => {
    await set("0rtt", "on");
    assert.equal((await read("tls_1_3")).value, "zrt");
    assert.equal((await set("tls_1_3", "on")).value, "zrt");
    assert.equal((await set("tls_1_3", "off")).value, "off");
    await set("tls_1_3", "on");
    await set("0rtt", "off");
    assert.equal((await read("tls_1_3")).value, "on");
  });

  it("turn 0rtt on with tls_1_3 zrt", async () => {
    assert.equal((await set("tls_1_3", "zrt")).value, "zrt");
    assert.equal((await read("0rtt")).value, "on");
  });

  const wrong: readonly (readonly [id: string, value: unknown])[] = [
    ["ssl", "Strict"],
    ["ssl", true],
    ["min_tls_version", 1.2],
    ["min_tls_version", "1.4"],
    ["always_use_https", true],
    ["browser_cache_ttl", 61],
    ["browser_cache_ttl", "14400"],
    ["security_header", "on"],
    ["security_header", { enabled: true }],
    ["security_header", { strict_transport_security: { enabled: true, max_age: -1 } }],
    ["security_header", { strict_transport_security: { enabled: true, maxAge: 1 } }],
    ["http3", undefined],
    ["http3", null],
  ];
  for (const [id, value] of wrong)
    it(`refuse ${id} ${JSON.stringify(value)} with 1007`, async () => {
      assert.deepEqual(await refusal("PATCH", `${settings()}/${id}`, { value }), {
        code: 1007,
        message: `Invalid value for zone setting ${id}`,
      });
      assert.deepEqual(getAllSettings(store()), []);
    });

  it("refuse a setting that does not exist with 1006", async () => {
    for (const id of ["grpc", "constructor"]) {
      const fault = { code: 1006, message: `Unrecognized zone setting name: ${id}` };
      assert.deepEqual(await refusal("GET", `${settings()}/${id}`), fault);
      assert.deepEqual(await refusal("PATCH", `${settings()}/${id}`, { value: "on" }), fault);
    }
  });

  const paid: readonly (readonly [id: string, value: unknown, from: Plan | undefined])[] = [
    ["http2", "off", "pro"],
    ["ipv6", "off", "pro"],
    ["cname_flattening", "flatten_all", "pro"],
    ["polish", "lossless", "pro"],
    ["true_client_ip_header", "on", "enterprise"],
    ["ciphers", ["ECDHE-ECDSA-AES128-GCM-SHA256"], undefined],
  ];
  for (const [id, value, from] of paid)
    it(`let nobody change ${id} ${from === undefined ? "without an add-on" : `below ${from}`}`, async () => {
      const below = ["free", "pro", "business", "enterprise"] as const;
      for (const plan of from === undefined ? below : below.slice(0, below.indexOf(from))) {
        const before = await read(id, plan);
        assert.equal(before.editable, false);
        for (const asked of [value, before.value])
          assert.deepEqual(await refusal("PATCH", `${settings(plan)}/${id}`, { value: asked }), {
            code: 1015,
            message: `Not allowed to edit setting for ${id}`,
          });
      }
      if (from !== undefined) assert.deepEqual((await set(id, value, from)).value, value);
    });

  it("follow the plan that the zone has now", async () => {
    seed({ free: "pro" });
    assert.equal((await set("http2", "off")).editable, true);
    seed();
    assert.deepEqual([(await read("http2")).editable, (await read("http2")).value], [false, "off"]);
  });

  it("refuse other fields in the body, and have no other zone", async () => {
    assert.equal((await refusal("PATCH", `${settings()}/ssl`, { value: "full", days: 1 })).code, 9207);
    assert.equal((await call("GET", `/zones/${"9".repeat(32)}/settings/ssl`)).status, 404);
  });

  it("write every change down", async () => {
    const before = await read("ssl");
    const after = await set("ssl", "strict");
    assert.deepEqual(changes(), [
      { zone: zones.free, kind: "setting", op: "update", id: "ssl", before, after },
    ]);
  });
});
