import * as assert from "node:assert/strict";

import { findDifferences } from "../../doctor/differences";
import { anyObject } from "../../doctor/kinds";

const live = (fields: Readonly<Record<string, unknown>>, managedFields: readonly unknown[] = []) =>
  anyObject.parse({ metadata: { name: "web", managedFields }, ...fields });

const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "v1:x" };

describe("differences between a declared and a live object", () => {
  const same: readonly (readonly [string, unknown, unknown])[] = [
    ["a default that only the live object has", { replicas: 1 }, { replicas: 1, paused: false }],
    ["a quantity in another form", { cpu: "1000m", memory: "1Gi" }, { cpu: "1", memory: "1024Mi" }],
    ["a number as text", { port: 80 }, { port: "80" }],
    [
      "a declared null, empty list, empty text or false",
      { a: null, b: [], c: "", d: false },
      { a: { x: 1 } },
    ],
    ["a secret value", { data: secret }, { data: { key: "eA==" } }],
    [
      "named items of another order, with one more",
      [{ name: "b" }, { name: "a" }],
      [{ name: "a" }, { name: "b" }, { name: "c" }],
    ],
  ];
  for (const [name, declared, actual] of same)
    it(`are not ${name}`, () =>
      assert.deepEqual(findDifferences({ spec: { it: declared } }, live({ spec: { it: actual } })), []));

  const different: readonly (readonly [string, unknown, unknown, string])[] = [
    ["another value", { selector: { app: "web" } }, { selector: { app: "api" } }, "spec.selector.app"],
    ["an absent value", { replicas: 2 }, {}, "spec.replicas"],
    ["another quantity", { memory: "1Gi" }, { memory: "1G" }, "spec.memory"],
    ["a list of another length", { args: ["a"] }, { args: ["a", "b"] }, "spec.args"],
    ["an item of a list", { args: ["a"] }, { args: ["b"] }, "spec.args[0]"],
    [
      "a named item that is absent",
      { ports: [{ name: "http", port: 80 }] },
      { ports: [{ name: "grpc" }] },
      "spec.ports[0]",
    ],
    ["a key with a dot", { labels: { "a.b/c": "1" } }, { labels: {} }, 'spec.labels["a.b/c"]'],
  ];
  for (const [name, declared, actual, field] of different)
    it(`are ${name}, at ${field}`, () =>
      assert.deepEqual(
        findDifferences({ spec: declared }, live({ spec: actual })).map((each) => each.field),
        [field],
      ));

  it("name the manager that wrote the field last", () => {
    const managed = (manager: string, time: string, fieldsV1: unknown) => ({ manager, time, fieldsV1 });
    const object = live({ spec: { selector: { app: "api" } } }, [
      managed("pulumi", "2026-01-01T00:00:00Z", { "f:spec": { "f:selector": { "f:app": {} } } }),
      managed("kubectl-edit", "2026-02-01T00:00:00Z", { "f:spec": { "f:selector": {} } }),
      managed("other", "2026-03-01T00:00:00Z", { "f:spec": { "f:type": {} } }),
    ]);
    const [difference] = findDifferences({ spec: { selector: { app: "web" } } }, object);
    assert.equal(difference?.manager, "kubectl-edit");
  });

  it("ignore status and what identifies the object", () =>
    assert.deepEqual(
      findDifferences({ apiVersion: "v1", kind: "Pod", status: { phase: "Running" } }, live({ status: {} })),
      [],
    ));
});
