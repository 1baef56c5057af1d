import * as assert from "node:assert/strict";
import * as fs from "node:fs";

import { logZone, readZoneLog } from "../../../sandbox/clouds/cloudflare/zone-log";
import { emulatedZones, zones } from "./emulated-zones";

const zone = zones.free;
const change = { zone, kind: "setting", op: "update", id: "ssl" } as const;

describe("the log of the zones", () => {
  const { call, got, changes, restart, store, file } = emulatedZones();

  it("is empty at first", () => assert.deepEqual(readZoneLog(store()), []));

  it("numbers entries from 1 and dates them to the millisecond", () => {
    logZone(store(), change);
    logZone(store(), { ...change, before: "full", after: "strict" });
    const [first, second] = readZoneLog(store());
    assert.deepEqual({ ...first, at: "" }, { seq: 1, at: "", ...change });
    assert.deepEqual({ ...second, at: "" }, { seq: 2, at: "", ...change, before: "full", after: "strict" });
    assert.match(first?.at ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it("gives only what came after an entry", () => {
    for (let i = 0; i < 3; i++) logZone(store(), change);
    const seqs = (since: number) => readZoneLog(store(), since).map(({ seq }) => seq);
    assert.deepEqual([seqs(0), seqs(1), seqs(3), seqs(4)], [[1, 2, 3], [2, 3], [], []]);
  });

  it("goes on where it was after a restart", () => {
    logZone(store(), change);
    restart();
    logZone(store(), change);
    assert.deepEqual(
      readZoneLog(store()).map(({ seq }) => seq),
      [1, 2],
    );
  });

  it("forgets an entry that a kill cut short, and nothing else", () => {
    logZone(store(), change);
    fs.appendFileSync(file("clouds.zone-log.jsonl"), '{"seq":2,"at":"20');
    restart();
    assert.equal(readZoneLog(store()).length, 1);
    logZone(store(), { ...change, id: "brotli" });
    assert.deepEqual(
      readZoneLog(store()).map(({ seq, id }) => [seq, id]),
      [
        [1, "ssl"],
        [2, "brotli"],
      ],
    );
  });

  it("has every change of a record with what was before and after", async () => {
    const records = `/zones/${zone}/dns_records`;
    const made = await got("POST", records, { name: "www", type: "A", content: "203.0.113.5", ttl: 60 });
    const patched = await got("PATCH", `${records}/${String(made.id)}`, { ttl: 300 });
    const put = await got("PUT", `${records}/${String(made.id)}`, {
      name: "www",
      type: "A",
      content: "203.0.113.6",
    });
    await got("DELETE", `${records}/${String(made.id)}`);
    const common = { zone, kind: "dns_record", id: made.id };
    assert.deepEqual(changes(), [
      { ...common, op: "create", after: made },
      { ...common, op: "update", before: made, after: patched },
      { ...common, op: "update", before: patched, after: put },
      { ...common, op: "delete", before: put },
    ]);
  });

  it("has nothing of what was refused or only read", async () => {
    await call("POST", `/zones/${zone}/dns_records`, { name: "www", type: "A", content: "x" });
    await call("PATCH", `/zones/${zone}/settings/ssl`, { value: "tight" });
    await call("POST", `/zones/${zone}/rulesets`, {});
    await call("PATCH", `/zones/${zone}/dnssec`, { status: "on" });
    for (const what of ["dns_records", "settings", "settings/ssl", "dnssec", "rulesets"])
      await got("GET", `/zones/${zone}/${what}`);
    assert.deepEqual(readZoneLog(store()), []);
  });
});
