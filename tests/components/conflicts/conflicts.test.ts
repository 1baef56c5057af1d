import * as assert from "node:assert/strict";

import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import { Imports } from "../../../components/pulumi/import-existing";
import type { ReadApi } from "../../../components/conflicts/cluster-api";
import { Conflicts } from "../../../components/conflicts/conflicts";
import { attempt, find } from "../../harness";

/** An API server that has the namespaces `there`. */
const having =
  (...there: string[]): ReadApi =>
  (path, shape, { absent } = {}) => {
    const answer =
      path === "/api/v1"
        ? { resources: [{ name: "namespaces", kind: "Namespace" }] }
        : { items: there.map((name) => ({ metadata: { name } })) };
    return Promise.resolve(
      absent !== undefined && !path.startsWith("/api/v1") ? absent : shape.parse(answer),
    );
  };

const silent: ReadApi = () => Promise.reject(new Error("connect ECONNREFUSED"));

/** Two namespaces by a provider that is new, or one that is there already. */
const build =
  (
    get: ReadApi,
    { isNew = true, adopt = {} }: { readonly isNew?: boolean; readonly adopt?: Record<string, string> } = {},
  ) =>
  () => {
    const conflicts = new Conflicts({
      kubeconfig: "",
      referenced: [],
      nodePorts: [],
      connect: () => Promise.resolve(get),
    });
    const hooks: pulumi.ResourceHookBinding = isNew ? { beforeCreate: [conflicts.hook] } : {};
    const provider = new kubernetes.Provider("kubernetes", {}, { hooks });
    const transformations = [new Imports(adopt).transformation, conflicts.transformation];
    for (const name of ["one", "two"])
      new kubernetes.core.v1.Namespace(name, { metadata: { name } }, { provider, transformations });
  };

describe("Conflicts", () => {
  for (const preview of [true, false])
    it(`refuses a new provider with all that is in the way${preview ? ", in preview already" : ""}, and nothing is made`, async () => {
      const { fault, resources } = await attempt(build(having("one", "two")), { preview });
      assert.match(fault?.message ?? "", /Namespace one exists already.*\n.*Namespace two exists already/);
      assert.deepEqual(
        resources.filter(({ type }) => type.endsWith(":Namespace")),
        [],
      );
    });

  it("refuses what an existing stack creates", async () => {
    const { fault } = await attempt(build(having("two"), { isNew: false }), { preview: true });
    assert.match(fault?.message ?? "", /Namespace two exists already/);
  });

  it("annotates what it lets pass with the stack's full name", async () => {
    const { fault, resources } = await attempt(build(having()));
    assert.equal(fault, undefined);
    assert.deepEqual(find(resources, ":Namespace", "one").inputs.metadata, {
      name: "one",
      annotations: { "platform-networking/stack": "organization/platform-networking/test" },
    });
  });

  it("lets what is adopted be there", async () => {
    const { fault, resources } = await attempt(build(having("one"), { adopt: { one: "one" } }));
    assert.equal(fault, undefined);
    assert.equal(find(resources, ":Namespace", "one").importId, "one");
  });

  it("warns once in a preview where nobody answers, and ends an up", async () => {
    const { fault, logs } = await attempt(build(silent), { preview: true });
    assert.equal(fault, undefined);
    assert.equal(logs.filter(({ message }) => message.includes("ECONNREFUSED")).length, 1);
    const up = await attempt(build(silent));
    assert.match(up.fault?.message ?? "", /cannot be reached.*ECONNREFUSED/);
  });
});
