import * as assert from "node:assert/strict";

import { countChanges } from "../../sandbox/report";
import { countSteps } from "./cli";
import { steps } from "./steps";
import { heading, isExpected, nothing, row, type Expected, type Ran } from "./table";

const ran = (code: number | null, counts: Record<string, number> = {}): Ran => ({
  code,
  changes: countChanges(counts),
});

describe("The table of test:real", () => {
  const cases: readonly [string, Ran, Expected, boolean][] = [
    ["an up that changes nothing", ran(0, { same: 170 }), nothing, true],
    ["an up that changes something", ran(0, { same: 169, update: 1 }), nothing, false],
    ["a failure that was not expected", ran(1), nothing, false],
    ["a command that was killed", ran(null), nothing, false],
    ["a refusal", ran(255), { ...nothing, fails: true }, true],
    ["a refusal that deletes", ran(255, { delete: 32 }), { ...nothing, fails: true }, false],
    ["a success that should be a refusal", ran(0), { ...nothing, fails: true }, false],
    ["some where some are wanted", ran(0, { create: 3 }), { ...nothing, create: "some" }, true],
    ["none where some are wanted", ran(0), { ...nothing, create: "some" }, false],
    ["two where one is wanted", ran(0, { update: 2 }), { update: 1 }, false],
    ["a replacement", ran(0, { replace: 1, "create-replacement": 1, "delete-replaced": 1 }), nothing, false],
    ["any count where none is given", ran(0, { create: 1, update: 2, delete: 3 }), {}, true],
  ];
  for (const [what, result, expected, ok] of cases)
    it(`calls ${what} ${ok ? "ok" : "not ok"}`, () => {
      assert.equal(isExpected(result, expected), ok);
      assert.match(row("up", result, expected), ok ? / ok$/ : / NOT OK$/);
    });

  it("has exit code, counts and what is expected in each line, below their headings", () => {
    const line = row("destroy", ran(255, { create: 1, update: 2, replace: 3, delete: 32 }), {
      ...nothing,
      fails: true,
    });
    assert.match(line, /^destroy +255 +1 +2 +3 +32 +exit not 0, no change +NOT OK$/);
    assert.equal(line.indexOf("exit not 0"), heading.indexOf("expected"));
    assert.match(row("up", ran(0), { create: "some", replace: 0 }), /exit 0, some created, 0 replaced/);
  });

  it("has a name of its own for each step but the second ups, short enough for its column", () => {
    const names = steps.map(({ what }) => what).filter((what) => what !== "  up again");
    assert.deepEqual(names, [...new Set(names)]);
    assert.ok(names.every((what) => what.length <= heading.indexOf(" exit")));
  });
});

describe("The steps of a command by the ordinary CLI", () => {
  const step = (planning: boolean) =>
    JSON.stringify({ resOutputsEvent: { metadata: { op: "delete", urn: "a" }, planning } });
  const summary = (isPreview: boolean, count: number) =>
    JSON.stringify({ summaryEvent: { resourceChanges: { delete: count }, isPreview } });
  for (const [what, lines, deleted] of [
    ["without those of the preview before it", [step(true), summary(true, 32), summary(false, 5)], 5],
    ["none when the preview is refused", [step(true), summary(true, 32)], 0],
    ["one by one when it was killed before it summed them up", [step(false), step(false)], 2],
  ] as const)
    it(`are counted ${what}`, () => assert.deepEqual(countSteps(lines), countChanges({ delete: deleted })));
});
