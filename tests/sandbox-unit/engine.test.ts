import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { engineErrors } from "../../sandbox/engine/engine";
import { StepCounts } from "../../sandbox/engine/step-counts";
import { countChanges, writeReport } from "../../sandbox/report";
import { temporary } from "./temporary";

const home = temporary("engine-");

describe("The step counts of a command", () => {
  const event = { sequence: 1, timestamp: 1 };

  it("are those of the engine's own summary", () => {
    const steps = new StepCounts();
    const resourceChanges = { create: 2, same: 1 };
    const summary = { maybeCorrupt: false, durationSeconds: 1, policyPacks: {} };
    steps.add({ ...event, summaryEvent: { ...summary, resourceChanges } });
    assert.deepEqual([steps.counts, steps.isIncomplete], [resourceChanges, false]);
  });

  it("are counted when the engine is killed before its summary", () => {
    const steps = new StepCounts();
    const metadata = { op: "create", urn: "urn:x", type: "x", provider: "" } as const;
    for (let i = 0; i < 2; i++) steps.add({ ...event, resOutputsEvent: { metadata } });
    assert.deepEqual([steps.counts, steps.isIncomplete], [{ create: 2 }, true]);
  });
});

describe("The engine's error lines", () => {
  it("are all that is told of what a failed command printed, each once", () => {
    const printed =
      "code: -2\n stdout:\n stderr: x\nerror: no stack\nthere\nerror: no stack\nerror: no project\n";
    assert.equal(engineErrors(printed), "no stack\nno project");
  });

  it("are the whole text when there are none", () =>
    assert.equal(engineErrors(" spawn ENOENT\n"), "spawn ENOENT"));
});

describe("The report", () => {
  for (const [steps, changes] of [
    [{}, { create: 0, update: 0, same: 0, delete: 0, replace: 0 }],
    [
      { create: 1, import: 1, update: 2, same: 3, delete: 4, replace: 5, refresh: 6 },
      { create: 2, update: 2, same: 9, delete: 4, replace: 5 },
    ],
  ] as const)
    it(`has every kind of change of ${JSON.stringify(steps)}`, () =>
      assert.deepEqual(countChanges(steps), changes));

  it("is JSON in the file that was asked for, or an error that names it", () => {
    const report = {
      command: "up",
      stack: "dev",
      engineVersion: "3.259.0",
      changes: countChanges({ create: 1 }),
      outputs: { password: "[secret]" },
      seconds: 1.5,
      peakMegabytes: 100,
    };
    const file = path.join(home(), "report.json");
    writeReport(file, report);
    assert.deepEqual(JSON.parse(fs.readFileSync(file, "utf8")), report);
    assert.throws(
      () => writeReport("/nowhere/report.json", report),
      /could not be written to \/nowhere\/report\.json/,
    );
  });
});
