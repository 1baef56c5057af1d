import { strict as assert } from "node:assert";

import { toImportedInputs, toInputs, restrict } from "../../../sandbox/plugins/kubernetes/live-inputs";
import {
  parseConditions,
  findConditions,
  readTimeoutSeconds,
} from "../../../sandbox/plugins/kubernetes/wait-for";

describe("kubernetes stand-in: what of the live object counts", () => {
  const cases: readonly (readonly [string, unknown, unknown, unknown])[] = [
    ["a changed field shows", { a: 1, b: { c: 2 } }, { a: 1, b: { c: 3 } }, { a: 1, b: { c: 3 } }],
    ["a field that is gone shows", { a: 1, b: 2 }, { a: 1 }, { a: 1 }],
    ["a foreign field does not", { a: { b: 1 } }, { a: { b: 1, c: 2 }, d: 3 }, { a: { b: 1 } }],
    ["dropped empty values do not", { a: {}, b: [], c: null }, {}, { a: {}, b: [], c: null }],
    [
      "a sidecar does not",
      [{ name: "app", image: "x" }],
      [
        { name: "proxy", image: "p" },
        { name: "app", image: "x", pullPolicy: "Always" },
      ],
      [{ name: "app", image: "x" }],
    ],
    ["an element that is gone shows", [{ name: "a" }, { name: "b" }], [{ name: "b" }], [{ name: "b" }]],
    ["plain lists go by place", ["a", "b"], ["a", "c", "d"], ["a", "c"]],
    ["another type of value shows", { a: { b: 1 } }, { a: "text" }, { a: "text" }],
  ];
  for (const [what, program, live, expected] of cases)
    it(what, () => assert.deepEqual(restrict(program, live), expected));

  it("reads stringData back from data", () => {
    const data = { a: Buffer.from("pä").toString("base64"), c: Buffer.from("new").toString("base64"), z: "" };
    assert.deepEqual(
      toInputs({ kind: "Secret", stringData: { a: "pä", b: "gone", c: "old" } }, { kind: "Secret", data }),
      {
        kind: "Secret",
        stringData: { a: "pä", c: "new" },
      },
    );
  });
  it("imports just what an earlier run set, if one did", () => {
    const fieldsV1 = {
      "f:metadata": { "f:labels": { "f:l": {} } },
      "f:spec": {
        "f:ports": { 'k:{"port":80,"protocol":"TCP"}': { ".": {}, "f:port": {} } },
        "f:selector": {},
        "f:tags": { 'v:"x"': {} },
      },
    };
    const managedFields = [
      { manager: "other", operation: "Update", fieldsV1: { "f:spec": { "f:more": {} } } },
      { manager: "pulumi-kubernetes", operation: "Apply", fieldsV1 },
    ];
    const ports = [
      { port: 80, protocol: "TCP" },
      { port: 81, protocol: "TCP" },
    ];
    const spec = { ports, selector: { a: "b" }, tags: ["x", "y"], more: 1 };
    const metadata = { name: "a", namespace: "n", uid: "u", labels: { l: "1", m: "2" }, managedFields };
    assert.deepEqual(toImportedInputs({ apiVersion: "v1", kind: "Service", metadata, spec }), {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "a", namespace: "n", labels: { l: "1" } },
      spec: { ports: [{ port: 80 }], selector: { a: "b" }, tags: ["x"] },
    });
  });
  it("imports what a program could say", () => {
    const metadata = { name: "a", namespace: "n", labels: { l: "1" }, annotations: undefined };
    const live = {
      kind: "X",
      metadata: { ...metadata, uid: "u", managedFields: [] },
      spec: { s: 1 },
      status: {},
    };
    assert.deepEqual(toImportedInputs(live), { kind: "X", metadata, spec: { s: 1 } });
  });
});

describe("kubernetes stand-in: waiting", () => {
  const ready = { type: "Ready", status: "True" };
  const object = {
    spec: { l: [{ n: "x" }, { n: "y" }] },
    status: { phase: "Running", n: 3, conditions: [ready, { type: "Bad", status: "False", message: "so" }] },
  };
  const noApi = { get: () => Promise.resolve(undefined) };
  const cases: readonly (readonly [string, RegExp | undefined])[] = [
    ["jsonpath={.status.phase}=Running", undefined],
    ["jsonpath={.status.phase}=Failed", /^\.status\.phase is Running, not Failed$/],
    ["jsonpath={.status.other}=x", /^\.status\.other is not there, not x$/],
    ["jsonpath={.status.n}=3", undefined],
    ["jsonpath={.spec.l[0].n}=x", undefined],
    ["jsonpath={.spec.l[0].n}=y", /is x, not y$/],
    ["jsonpath={.spec.l[2].n}=x", /not there/],
    ['jsonpath={.status.conditions[?(@.type=="None")].status}=True', /not there/],
    ['jsonpath={.status.conditions[?(@.type=="Ready")].status}=True', undefined],
    ["condition=Ready", undefined],
    ["condition=ready=true", undefined],
    ["condition=Bad", /condition Bad is False, not True \(so\)/],
    ["condition=Bad=False", undefined],
    ["condition=None", /is not there/],
    ['["condition=Ready", "condition=Bad"]', /Bad/],
  ];
  for (const [clause, missing] of cases)
    it(clause, async () => {
      const found = await Promise.all(
        parseConditions(clause).map(async (condition) => condition(object, noApi)),
      );
      if (missing === undefined) assert.deepEqual(found.filter(Boolean), []);
      else assert.match(found.join(), missing);
    });

  const annotations = { "pulumi.com/skipAwait": "true", "pulumi.com/timeoutSeconds": "7" };
  for (const [count, apiVersion, kind, inputs] of [
    [1, "apps/v1", "Deployment", {}],
    [1, "networking.k8s.io/v1", "Ingress", {}],
    [1, "v1", "Service", { spec: { type: "LoadBalancer" } }],
    [0, "v1", "Service", { spec: { type: "ClusterIP" } }],
    [1, "v1", "Service", { spec: { selector: { app: "a" } } }],
    [0, "cert-manager.io/v1", "Certificate", {}],
    [0, "apps/v1", "Deployment", { metadata: { annotations } }],
  ] as const)
    it(`waits for ${count} condition of a ${kind} ${JSON.stringify(inputs)}`, () =>
      assert.equal(findConditions({ apiVersion, kind }, inputs).length, count));
  it("gives up when the annotation says", () => {
    assert.equal(readTimeoutSeconds({ metadata: { annotations } }), 7);
    assert.equal(readTimeoutSeconds({}), 600);
  });
  it("says what a Deployment lacks", async () => {
    const [condition] = findConditions({ apiVersion: "apps/v1", kind: "Deployment" }, {});
    const metadata = { generation: 2 };
    assert.ok(condition);
    assert.match((await condition({ metadata, status: {} }, noApi)) ?? "", /no controller/);
    const status = { observedGeneration: 2, updatedReplicas: 2, availableReplicas: 1 };
    const missing = (replicas: number) => condition({ metadata, spec: { replicas }, status }, noApi);
    assert.equal(await missing(2), "1 of 2 replicas are available");
    assert.equal(await missing(1), undefined);
  });
  for (const ready of [true, false])
    it(`waits for a ready endpoint of a Service: ${ready}`, async () => {
      const type = { apiVersion: "v1", kind: "Service" };
      const [condition] = findConditions(type, { spec: { selector: { app: "a" } } });
      const get = (path: string) => {
        const items = path.includes("service-name=a") ? [{ endpoints: [{ conditions: { ready } }] }] : [];
        return Promise.resolve({ apiVersion: "v1", kind: "List", metadata: { name: "" }, items });
      };
      const missing = await condition?.({ metadata: { name: "a", namespace: "b" } }, { get });
      assert.equal(missing, ready ? undefined : "the Service has no ready endpoint");
    });
});
