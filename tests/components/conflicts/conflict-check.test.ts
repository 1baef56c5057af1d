import * as assert from "node:assert/strict";

import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import { Imports } from "../../../components/pulumi/import-existing";
import type { ReadApi } from "../../../components/conflicts/cluster-api";
import { ConflictCheck } from "../../../components/conflicts/conflict-check";
import { attempt, find } from "../../harness";

/** An API server with these namespaces. */
const withNamespaces =
  (...names: string[]): ReadApi =>
  (path, shape, { absent } = {}) => {
    const answer =
      path === "/api/v1"
        ? { resources: [{ name: "namespaces", kind: "Namespace" }] }
        : { items: names.map((name) => ({ metadata: { name } })) };
    return Promise.resolve(
      absent !== undefined && !path.startsWith("/api/v1") ? absent : shape.parse(answer),
    );
  };

const unreachable: ReadApi = () => Promise.reject(new Error("connect ECONNREFUSED"));

/** Two namespaces, with a provider that is created now or exists already. */
const build =
  (
    get: ReadApi,
    {
      isFirstRun = true,
      imports = {},
    }: {
      readonly isFirstRun?: boolean;
      readonly imports?: Record<string, string>;
    } = {},
  ) =>
  () => {
    const check = new ConflictCheck({
      kubeconfig: "",
      referenced: [],
      nodePorts: [],
      connect: () => Promise.resolve(get),
    });
    const hooks: pulumi.ResourceHookBinding = isFirstRun ? { beforeCreate: [check.hook] } : {};
    const provider = new kubernetes.Provider("kubernetes", {}, { hooks });
    const transformations = [new Imports(imports).transformation, check.transformation];
    for (const name of ["one", "two"])
      new kubernetes.core.v1.Namespace(name, { metadata: { name } }, { provider, transformations });
  };

describe("ConflictCheck", () => {
  for (const preview of [true, false])
    it(`reports all conflicts of a first run in ${preview ? "a preview" : "an update"}, and creates nothing`, async () => {
      const { fault, resources } = await attempt(build(withNamespaces("one", "two")), { preview });
      assert.match(fault?.message ?? "", /Namespace one already exists.*\n.*Namespace two already exists/);
      assert.deepEqual(
        resources.filter(({ type }) => type.endsWith(":Namespace")),
        [],
      );
    });

  it("reports conflicts of a later run", async () => {
    const { fault } = await attempt(build(withNamespaces("two"), { isFirstRun: false }), { preview: true });
    assert.match(fault?.message ?? "", /Namespace two already exists/);
  });

  it("logs how to import an object that the API server has already, though no check found it", async () => {
    let isCreated = false;
    const get: ReadApi = (...args) => withNamespaces(...(isCreated ? ["two"] : []))(...args);
    const { fault, logs } = await attempt(build(get, { isFirstRun: false }), {
      answers: {
        "kubernetes:core/v1:Namespace": (inputs) => {
          if ((inputs.metadata as { name: string }).name === "one") return {};
          isCreated = true;
          return new Error('resource "two" already exists');
        },
      },
    });
    assert.match(fault?.message ?? "", /already exists/);
    assert.match(logs.map(({ message }) => message).join("\n"), /import\["two"\]' two/);
  });

  it("annotates objects with the stack's full name", async () => {
    const { fault, resources } = await attempt(build(withNamespaces()));
    assert.equal(fault, undefined);
    assert.deepEqual(find(resources, ":Namespace", "one").inputs.metadata, {
      name: "one",
      annotations: { "platform-networking/stack": "organization/platform-networking/test" },
    });
  });

  it("accepts imported objects", async () => {
    const { fault, resources } = await attempt(build(withNamespaces("one"), { imports: { one: "one" } }));
    assert.equal(fault, undefined);
    assert.equal(find(resources, ":Namespace", "one").importId, "one");
  });

  it("warns once in a preview if the cluster is unreachable, and fails an update", async () => {
    const { fault, logs } = await attempt(build(unreachable), { preview: true });
    assert.equal(fault, undefined);
    assert.equal(logs.filter(({ message }) => message.includes("ECONNREFUSED")).length, 1);
    const up = await attempt(build(unreachable));
    assert.match(
      up.fault?.message ?? "",
      /Cannot reach the cluster to check for conflicts: connect ECONNREFUSED/,
    );
  });
});
