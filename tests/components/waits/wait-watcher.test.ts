import * as assert from "node:assert/strict";

import * as kubernetes from "@pulumi/kubernetes";

import { WaitWatcher } from "../../../components/waits/wait-watcher";
import { attempt, find, value } from "../../harness";
import type { Answer } from "../../mocks";
import { condition, object, serve, type Manifest } from "./fake-cluster";

const deploymentType = "kubernetes:apps/v1:Deployment";
const web = object("apps/v1", "Deployment", "web", {
  status: condition("Progressing", "False", "ProgressDeadlineExceeded", "timed out progressing"),
});
const cause = "ProgressDeadlineExceeded: timed out progressing";
const noon = Date.parse("2026-11-30T12:00:00Z");
const started = {
  urn: `urn:pulumi:test::platform-networking::${deploymentType}::web`,
  type: deploymentType,
  newInputs: {
    metadata: { name: "web", namespace: "apps" },
    spec: { selector: {}, template: { spec: { containers: [] } } },
  },
};

/** Creates a watcher of a cluster, with a clock in seconds since noon. */
function watch(objects: readonly Manifest[], clock: { seconds: number }): WaitWatcher {
  return new WaitWatcher({
    kubeconfig: "",
    connect: () => Promise.resolve(serve(objects)),
    now: () => noon + clock.seconds * 1000,
  });
}

describe("WaitWatcher", () => {
  it("reports a wait after 20 s, after a minute and at doubling intervals, with the cause", async () => {
    const { logs } = await attempt(async () => {
      const clock = { seconds: 0 };
      const watcher = watch([web], clock);
      watcher.start(started);
      for (; clock.seconds <= 600; clock.seconds += 5) await watcher.report();
    });
    assert.deepEqual(
      logs.map(({ message }) => /for (\d+ \w+),/.exec(message)?.[1]),
      ["20 s", "1 min", "2 min", "4 min", "8 min"],
    );
    assert.deepEqual(logs[0], {
      severity: "warn",
      message: `Waiting for Deployment apps/web for 20 s, since 12:00:00 UTC: ${cause}`,
    });
  });

  it("reports a wait of which nothing has a reason, and a cluster that cannot be read", async () => {
    const { logs } = await attempt(async () => {
      const ready = { ...web, status: { readyReplicas: 1 } };
      const connections = [
        () => Promise.resolve(serve([ready])),
        () => Promise.reject(new Error("connect ECONNREFUSED")),
      ];
      for (const connect of connections) {
        let now = noon;
        const watcher = new WaitWatcher({ kubeconfig: "", connect, now: () => (now += 20_000) });
        watcher.start(started);
        await watcher.report();
      }
    });
    assert.deepEqual(
      logs.map(({ severity, message }) => `${severity} ${message.split("UTC: ")[1] ?? ""}`),
      ["info nothing reports a reason", "info cannot read the cluster: connect ECONNREFUSED"],
    );
  });

  /** Creates the Deployment, which takes a number of seconds, and then lets ten minutes pass. */
  const create = (seconds: number, result: Answer) => {
    const clock = { seconds: 0 };
    const answer = () => {
      clock.seconds += seconds;
      return result;
    };
    return attempt(
      async () => {
        const watcher = watch([web], clock);
        const provider = new kubernetes.Provider("kubernetes", {});
        const opts = { provider, transformations: [watcher.transformation] };
        const { id } = new kubernetes.apps.v1.Deployment("web", started.newInputs, opts);
        if (result instanceof Error) return;
        await value(id);
        clock.seconds += 600;
        await watcher.report();
      },
      { answers: { [deploymentType]: answer } },
    );
  };
  const timeOut = new Error("timed out");

  it("logs the cause of a time-out", async () =>
    assert.deepEqual((await create(600, timeOut)).logs, [
      { severity: "error", message: `Deployment apps/web is not ready after 10 min: ${cause}` },
    ]));

  it("logs nothing of an error without a wait", async () =>
    assert.deepEqual((await create(5, timeOut)).logs, []));

  it("logs the last known cause of a release that Helm has deleted", async () => {
    const objects = [
      { ...web, metadata: { ...web.metadata, annotations: { "meta.helm.sh/release-name": "r" } } },
    ];
    const { logs } = await attempt(async () => {
      const clock = { seconds: 0 };
      const watcher = watch(objects, clock);
      const release = { name: "r", namespace: "apps" };
      watcher.start({ urn: started.urn, type: "kubernetes:helm.sh/v3:Release", newInputs: release });
      clock.seconds = 300;
      await watcher.report();
      objects.pop();
      clock.seconds = 660;
      await watcher.explainFailure(started.urn);
    });
    assert.deepEqual(logs.at(-1), {
      severity: "error",
      message: `Release apps/r is not ready after 11 min: Deployment apps/web: ${cause}`,
    });
  });

  it("reports nothing of an operation that has ended, and changes nothing but hooks", async () => {
    const { logs, resources } = await create(5, {});
    assert.deepEqual(logs, []);
    const { inputs, hooks } = find(resources, ":Deployment", "web");
    assert.deepEqual(inputs, { apiVersion: "apps/v1", kind: "Deployment", ...started.newInputs });
    assert.deepEqual(hooks, {
      beforeCreate: ["wait-start"],
      afterCreate: ["wait-end"],
      beforeUpdate: ["wait-start"],
      afterUpdate: ["wait-end"],
      onError: ["wait-failure"],
    });
  });
});
