import * as assert from "node:assert/strict";

import type { ZoneLogEntry } from "../../sandbox/clouds/client";
import { gaps, resolving, shared, shown, zoneStates } from "../sandbox/edge/zone-history";

type Change = Pick<ZoneLogEntry, "op" | "id" | "kind" | "before" | "after">;

const create = (id: string, after?: object, kind = "dns_record"): Change => ({
  ...{ op: "create", id, kind, ...(after && { after: { ...after } }) },
});
const update = (id: string, after: object, kind = "dns_record"): Change => ({
  ...{ op: "update", id, kind, after: { ...after } },
});
const remove = (id: string, kind = "dns_record"): Change => ({ op: "delete", id, kind, before: {} });

/** A log with these changes, one second apart. */
const log = (...changes: readonly Change[]): ZoneLogEntry[] =>
  changes.map((change, index) => ({
    ...{ seq: index + 1, at: new Date(1000 * (index + 1)).toISOString(), zone: "z", ...change },
  }));

const record = (name: string, type: string, content = "") => ({ name, type, content });
const a = record("a.example.com", "A");

describe("The states of a zone", () => {
  it("are the one before the first change and one after each", () =>
    assert.deepEqual(
      zoneStates(log(create("1", a), remove("1"), create("2", a))).map(({ seq, at, records }) => [
        ...[seq, at, [...records.keys()]],
      ]),
      [
        [0, 0, []],
        [1, 1000, ["1"]],
        [2, 2000, []],
        [3, 3000, ["2"]],
      ],
    ));

  for (const [what, entries] of [
    ["changes what is not there", log(update("1", a))],
    ["deletes what is not there", log(remove("1"))],
    ["creates what is there", log(create("1", a), create("1", a))],
    ["creates nothing", log(create("1"))],
    ["begins in the middle", log(create("1", a), create("2", a)).slice(1)],
  ] as const)
    it(`are refused of a log that ${what}`, () => assert.throws(() => zoneStates(entries)));
});

describe("The names that resolve", () => {
  for (const [what, records, expected] of [
    ["of an A record", [record("four.example.com", "A")], ["four.example.com"]],
    ["of an AAAA record", [record("six.example.com", "AAAA")], ["six.example.com"]],
    ["of a TXT record", [record("text.example.com", "TXT")], []],
    [
      "of a CNAME and its target in the zone",
      [record("www.example.com", "CNAME", "example.com"), record("example.com", "AAAA")],
      ["example.com", "www.example.com"],
    ],
    [
      "of a CNAME whose target is outside of the zone",
      [record("docs.example.com", "CNAME", "notexample.com")],
      ["docs.example.com"],
    ],
    ["of a CNAME to nothing", [record("www.example.com", "CNAME", "example.com")], []],
    [
      "of CNAMEs in a circle",
      [record("x.example.com", "CNAME", "y.example.com"), record("y.example.com", "CNAME", "x.example.com")],
      [],
    ],
  ] as const)
    it(`${what}: ${expected.join(", ") || "none"}`, () =>
      assert.deepEqual([...resolving(records, "example.com")].sort(), expected));
});

describe("A gap", () => {
  it("is a moment without an answer at a name that has one before and after, and at its aliases", () => {
    const alias = record("www.example.com", "CNAME", "a.example.com");
    const states = zoneStates(log(create("1", a), create("2", alias), remove("1"), create("3", a)));
    assert.deepEqual(gaps(states.slice(2), "example.com"), [
      { name: "a.example.com", seq: 3 },
      { name: "www.example.com", seq: 3 },
    ]);
  });

  it("is none where a name comes for the first time, or goes for good", () => {
    const states = zoneStates(log(create("1", a), remove("1")));
    assert.deepEqual([gaps(states, "example.com"), gaps(states.slice(1), "example.com")], [[], []]);
  });
});

describe("The edge shows", () => {
  const kind = "origin_pull_certificate";
  const upload = (id: string) => create(id, { certificate: id, status: "" }, kind);
  const deploy = (id: string) => update(id, { certificate: id, status: "active" }, kind);
  const pulls = (enabled: boolean) => update("z", { enabled }, "origin_pull_settings");

  for (const [what, changes, expected] of [
    ["nothing while origin pulls are off", [upload("1"), deploy("1")], [undefined, undefined]],
    [
      "Cloudflare's shared certificate until one of the zone's is active",
      [pulls(true), upload("1"), deploy("1")],
      [shared, shared, "1"],
    ],
    [
      "the certificate that became active last, and the one before it when that goes",
      [pulls(true), upload("1"), upload("2"), deploy("2"), deploy("1"), remove("1", kind), pulls(false)],
      [shared, shared, shared, "2", "1", "2", undefined],
    ],
  ] as const)
    it(what, () =>
      assert.deepEqual(
        zoneStates(log(...changes))
          .slice(1)
          .map(shown),
        expected,
      ),
    );
});
