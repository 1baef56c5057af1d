import * as assert from "node:assert/strict";

import { getAllDnssec } from "../../../sandbox/clouds/cloudflare/dnssec";
import { emulatedZones, zones } from "./emulated-zones";

const where = `/zones/${zones.free}/dnssec`;

describe("DNSSEC of an emulated zone", () => {
  const { call, got, refusal, changes, restart, store } = emulatedZones();

  it("is disabled at first, without keys", async () => {
    const { status, ds, digest, key_tag, modified_on } = await got("GET", where);
    assert.deepEqual([status, ds, digest, key_tag, modified_on], ["disabled", null, null, null, null]);
    assert.deepEqual(getAllDnssec(store()), []);
  });

  it("is pending once asked for, since no registrar has the DS record", async () => {
    const asked = await got("PATCH", where, { status: "active" });
    assert.equal(asked.status, "pending");
    assert.deepEqual(
      [asked.flags, asked.algorithm, asked.key_type, asked.digest_type, asked.digest_algorithm],
      [257, "13", "ECDSAP256SHA256", "2", "SHA256"],
    );
    assert.match(String(asked.digest), /^[0-9A-F]{64}$/);
    assert.equal(asked.ds, `example.com. 3600 IN DS ${Number(asked.key_tag)} 13 2 ${String(asked.digest)}`);
    assert.equal(Buffer.from(String(asked.public_key), "base64").length, 64);
    assert.ok(Number(asked.key_tag) >= 0 && Number(asked.key_tag) <= 65535);
    assert.deepEqual(getAllDnssec(store()), [{ zone: zones.free, status: "pending" }]);
    restart();
    assert.deepEqual(await got("GET", where), asked);
  });

  it("has the same key for a zone every time, and another for another zone", async () => {
    const first = await got("PATCH", where, { status: "active" });
    await got("PATCH", where, { status: "disabled" });
    const again = await got("PATCH", where, { status: "active" });
    assert.deepEqual([again.ds, again.public_key], [first.ds, first.public_key]);
    const other = await got("PATCH", `/zones/${zones.pro}/dnssec`, { status: "active" });
    assert.notEqual(other.public_key, first.public_key);
  });

  it("stays as it is when a change does not say a status", async () => {
    assert.equal((await got("PATCH", where, {})).status, "disabled");
    await got("PATCH", where, { status: "active" });
    const { status, dnssec_use_nsec3: nsec3 } = await got("PATCH", where, { dnssec_use_nsec3: true });
    assert.deepEqual([status, nsec3], ["pending", true]);
  });

  it("is disabled after a PATCH and a DELETE, twice too", async () => {
    await got("PATCH", where, { status: "active" });
    assert.equal((await got("PATCH", where, { status: "disabled" })).status, "disabled");
    for (let i = 0; i < 2; i++) assert.equal((await call("DELETE", where)).status, 200);
    assert.equal((await got("GET", where)).status, "disabled");
  });

  it("refuses what it does not know", async () => {
    for (const body of [{ status: "pending" }, { state: "active" }, { dnssec_presigned: "yes" }])
      assert.equal((await refusal("PATCH", where, body)).code, 9207);
    assert.equal((await call("GET", `/zones/${"9".repeat(32)}/dnssec`)).status, 404);
  });

  it("writes every change down", async () => {
    const before = await got("GET", where);
    const after = await got("PATCH", where, { status: "active" });
    await got("DELETE", where);
    const common = { zone: zones.free, kind: "dnssec", id: zones.free };
    assert.deepEqual(changes(), [
      { ...common, op: "update", before, after },
      { ...common, op: "delete", before: after },
    ]);
  });
});
