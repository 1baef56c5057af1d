import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { engineErrors } from "../../sandbox/engine/engine";
import { StepCounts } from "../../sandbox/engine/step-counts";
import { countChanges, writeReport } from "../../sandbox/report";
import { temporary } from "./temporary";

const home = temporary("engine-");

describe("The step counts of a command", () => {
  it("takes the counts from the engine's own summary", () => {
    const steps = new StepCounts();
    steps.add({
      sequence: 1,
      timestamp: 1,
      summaryEvent: {
        maybeCorrupt: false,
        durationSeconds: 1,
        resourceChanges: { create: 2, same: 1 },
        policyPacks: {},
      },
    });
    assert.deepEqual(steps.counts, { create: 2, same: 1 });
    assert.equal(steps.isIncomplete, false);
  });

  it("counts by itself when the engine is killed before its summary", () => {
    const steps = new StepCounts();
    const metadata = { op: "create", urn: "urn:x", type: "x", provider: "" } as const;
    steps.add({ sequence: 1, timestamp: 1, resOutputsEvent: { metadata } });
    steps.add({ sequence: 2, timestamp: 1, resOutputsEvent: { metadata } });
    assert.deepEqual(steps.counts, { create: 2 });
    assert.equal(steps.isIncomplete, true);
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
  it("has every kind of change, also where nothing was done", () => {
    assert.deepEqual(countChanges({}), { create: 0, update: 0, same: 0, delete: 0, replace: 0 });
    assert.deepEqual(
      countChanges({ create: 1, import: 1, update: 2, same: 3, delete: 4, replace: 5, refresh: 6 }),
      {
        create: 2,
        update: 2,
        same: 9,
        delete: 4,
        replace: 5,
      },
    );
  });

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
