import * as assert from "node:assert/strict";

import type { ZoneLogEntry } from "../../sandbox/clouds/client";
import { gaps, resolving, shared, shown, zoneStates } from "../sandbox/edge/zone-history";

type Change = Pick<ZoneLogEntry, "op" | "id"> & { readonly kind?: string; readonly value?: object };

/** A log with these changes, one second apart. */
const log = (...changes: readonly Change[]): ZoneLogEntry[] =>
  changes.map(({ op, id, kind = "dns_record", value }, index) => ({
    seq: index + 1,
    at: new Date(1000 * (index + 1)).toISOString(),
    zone: "z",
    kind,
    op,
    id,
    ...(value && (op === "delete" ? { before: { ...value } } : { after: { ...value } })),
  }));

const record = (name: string, type: string, content = "") => ({ name, type, content });
const a = record("a.example.com", "A");

describe("The states of a zone", () => {
  it("are the one before the first change and one after each", () => {
    const states = zoneStates(
      log(
        { op: "create", id: "1", value: a },
        { op: "delete", id: "1", value: a },
        { op: "create", id: "2", value: a },
      ),
    );
    assert.deepEqual(
      states.map(({ seq, at, records }) => [seq, at, [...records.keys()]]),
      [
        [0, 0, []],
        [1, 1000, ["1"]],
        [2, 2000, []],
        [3, 3000, ["2"]],
      ],
    );
  });

  for (const [what, entries] of [
    ["changes what is not there", log({ op: "update", id: "1", value: a })],
    ["deletes what is not there", log({ op: "delete", id: "1", value: a })],
    ["makes what is there", log({ op: "create", id: "1", value: a }, { op: "create", id: "1", value: a })],
    ["makes nothing", log({ op: "create", id: "1" })],
    [
      "begins in the middle",
      log({ op: "create", id: "1", value: a }, { op: "create", id: "2", value: a }).slice(1),
    ],
  ] as const)
    it(`are refused of a log that ${what}`, () => assert.throws(() => zoneStates(entries)));
});

describe("A name resolves", () => {
  const names = (...records: Parameters<typeof record>[]) =>
    [
      ...resolving(
        records.map((one) => record(...one)),
        "example.com",
      ),
    ].sort();

  it("with an A or an AAAA record, and with nothing else", () =>
    assert.deepEqual(
      names(["four.example.com", "A"], ["six.example.com", "AAAA"], ["text.example.com", "TXT"]),
      ["four.example.com", "six.example.com"],
    ));

  it("with a CNAME whose target resolves, in the zone or outside of it", () => {
    assert.deepEqual(names(["www.example.com", "CNAME", "example.com"], ["example.com", "AAAA"]), [
      "example.com",
      "www.example.com",
    ]);
    assert.deepEqual(names(["docs.example.com", "CNAME", "notexample.com"]), ["docs.example.com"]);
  });

  it("not with a CNAME to nothing, nor in a circle", () =>
    assert.deepEqual(
      names(
        ["www.example.com", "CNAME", "example.com"],
        ["x.example.com", "CNAME", "y.example.com"],
        ["y.example.com", "CNAME", "x.example.com"],
      ),
      [],
    ));
});

describe("A gap", () => {
  const alias = record("www.example.com", "CNAME", "a.example.com");

  it("is a moment without an answer at a name that has one before and after, and at what leads to it", () => {
    const states = zoneStates(
      log(
        { op: "create", id: "1", value: a },
        { op: "create", id: "2", value: alias },
        { op: "delete", id: "1", value: a },
        { op: "create", id: "3", value: a },
      ),
    );
    assert.deepEqual(gaps(states.slice(2), "example.com"), [
      { name: "a.example.com", seq: 3 },
      { name: "www.example.com", seq: 3 },
    ]);
  });

  it("is none where a name comes for the first time, or goes for good", () => {
    const came = zoneStates(log({ op: "create", id: "1", value: a }, { op: "delete", id: "1", value: a }));
    assert.deepEqual(gaps(came, "example.com"), []);
    assert.deepEqual(gaps(came.slice(1), "example.com"), []);
  });
});

const certificate = (id: string, status: string): Change => ({
  op: status === "active" ? "update" : "create",
  id,
  kind: "origin_pull_certificate",
  value: { certificate: id, status },
});
const pulls = (enabled: boolean): Change => ({
  op: "update",
  id: "z",
  kind: "origin_pull_settings",
  value: { enabled },
});

describe("The edge shows", () => {
  const after = (...changes: readonly Change[]) => zoneStates(log(...changes)).map(shown);

  it("nothing while origin pulls are off", () =>
    assert.deepEqual(after(certificate("1", ""), certificate("1", "active")), [
      undefined,
      undefined,
      undefined,
    ]));

  it("Cloudflare's shared certificate until one of the zone's is active", () =>
    assert.deepEqual(after(pulls(true), certificate("1", ""), certificate("1", "active")).slice(1), [
      shared,
      shared,
      "1",
    ]));

  it("the certificate that became active last, and the one before it when that goes", () =>
    assert.deepEqual(
      after(
        pulls(true),
        certificate("1", ""),
        certificate("2", ""),
        certificate("2", "active"),
        certificate("1", "active"),
        { op: "delete", id: "1", kind: "origin_pull_certificate", value: {} },
        pulls(false),
      ).slice(3),
      [shared, "2", "1", "2", undefined],
    ));
});
