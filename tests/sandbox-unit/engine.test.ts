import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import type { EngineEvent } from "@pulumi/pulumi/automation";

import {
  answerLost,
  doubtfulOperations,
  engineErrors,
  forgetDoubtful,
  Journal,
} from "../../sandbox/engine/journal";
import { changesOf, writeReport } from "../../sandbox/report";
import { temporary } from "./temporary";

const urn = "urn:pulumi:dev::net::hcloud:index/loadBalancer:LoadBalancer::lb";
const home = temporary("engine-");

function failed(message: string): EngineEvent[] {
  const type = "hcloud:index/loadBalancer:LoadBalancer";
  const state = {
    type,
    urn,
    custom: true,
    id: "",
    parent: "",
    inputs: { name: "lb" },
    outputs: {},
    provider: "",
  };
  return [
    {
      sequence: 1,
      timestamp: 1,
      resOpFailedEvent: {
        metadata: { op: "create", urn, type, new: state, provider: "" },
        status: 0,
        steps: 1,
      },
    },
    { sequence: 2, timestamp: 1, diagnosticEvent: { urn, message, color: "never", severity: "error" } },
  ];
}

describe("The journal of a run", () => {
  it("remembers a create whose answer was lost, until it is looked into", () => {
    const folder = home();
    const journal = new Journal(folder, "dev");
    failed('Post "http://127.0.0.1/v1/load_balancers": EOF').forEach((event) => journal.note(event));
    journal.close();
    const [doubtful] = doubtfulOperations(folder, "dev");
    assert.equal(doubtful?.type, "creating");
    assert.equal(doubtful.resource.urn, urn);
    assert.deepEqual(doubtful.resource.inputs, { name: "lb" });
    assert.deepEqual(doubtfulOperations(folder, "prod"), []);
    forgetDoubtful(folder, "dev");
    assert.deepEqual(doubtfulOperations(folder, "dev"), []);
  });

  it("does not doubt a refusal", () => {
    const folder = home();
    const journal = new Journal(folder, "dev");
    failed("name is already used (uniqueness_error)").forEach((event) => journal.note(event));
    journal.close();
    assert.deepEqual(doubtfulOperations(folder, "dev"), []);
  });

  it("tells a lost answer from a refusal, and from a request that never got there", () => {
    for (const message of [
      "fetch failed",
      "read ECONNRESET",
      "socket hang up",
      "unexpected EOF",
      "i/o timeout",
    ])
      assert.equal(answerLost(message), true, message);
    for (const message of ["404 Not Found", "protected", "dial tcp 127.0.0.1:1: connect: connection refused"])
      assert.equal(answerLost(message), false, message);
  });

  it("takes the counts from the engine's own summary", () => {
    const journal = new Journal(home(), "dev");
    journal.note({
      sequence: 1,
      timestamp: 1,
      summaryEvent: {
        maybeCorrupt: false,
        durationSeconds: 1,
        resourceChanges: { create: 2, same: 1 },
        policyPacks: {},
      },
    });
    assert.deepEqual(journal.counts, { create: 2, same: 1 });
    assert.equal(journal.cutOff, false);
  });

  it("counts by itself when the engine is killed before its summary", () => {
    const journal = new Journal(home(), "dev");
    const metadata = { op: "create", urn, type: "x", provider: "" } as const;
    journal.note({ sequence: 1, timestamp: 1, resOutputsEvent: { metadata } });
    journal.note({ sequence: 2, timestamp: 1, resOutputsEvent: { metadata } });
    assert.deepEqual(journal.counts, { create: 2 });
    assert.equal(journal.cutOff, true);
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
    assert.deepEqual(changesOf({}), { create: 0, update: 0, same: 0, delete: 0, replace: 0 });
    assert.deepEqual(
      changesOf({ create: 1, import: 1, update: 2, same: 3, delete: 4, replace: 5, refresh: 6 }),
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
      changes: changesOf({ create: 1 }),
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
