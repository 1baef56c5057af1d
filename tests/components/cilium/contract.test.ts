import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { parse } from "yaml";

import { clusterwidePolicies } from "../../../components/cilium/clusterwide";
import { ciliumValues, type CiliumValuesArgs } from "../../../components/cilium/values";
import { root } from "../../config";
import { faultsOf, unknownPaths, type Schema } from "../../json-schema";

/** Cilium's chart and its definitions as upstream publishes them, at the version that is pinned. */
const reference = path.resolve(root, "../shared/reference");
const read = (...file: string[]): string => fs.readFileSync(path.join(reference, ...file), "utf8");

interface Definition {
  readonly spec: {
    readonly scope: string;
    readonly versions: readonly {
      readonly name: string;
      readonly schema: { readonly openAPIV3Schema: Schema };
    }[];
  };
}

const least: CiliumValuesArgs = {
  version: "1.20.2",
  apiServer: { host: "127.0.0.1", port: 6444 },
  nodes: 3,
  encryption: true,
};
const everything: CiliumValuesArgs = {
  ...least,
  ipam: "cluster-pool",
  pool: ["10.42.0.0/16"],
  clusterMesh: { id: 255, name: "fsn1" },
  dropEvents: true,
  upgradeCompatibility: "1.15",
};

describe("the contract with Cilium", () => {
  before(function () {
    if (!fs.existsSync(reference)) this.skip();
  });

  for (const [what, args] of [
    ["the least", least],
    ["everything", everything],
    ["the oldest version", { ...least, version: "1.15.0" }],
  ] as const)
    it(`sets no chart value that the chart does not have, with ${what}`, () => {
      const values = ciliumValues(args);
      const schema = JSON.parse(read("charts", "cilium", "values.schema.json")) as Schema;
      const unknown = unknownPaths(values, parse(read("charts", "cilium", "values.yaml")), schema, schema);
      // The chart reads it, and tells of it in a comment alone.
      assert.deepEqual(
        unknown.filter((each) => each !== "socketLB.hostNamespaceOnly"),
        [],
      );
      assert.deepEqual(faultsOf(values, schema, { root: schema, closed: false }), []);
    });

  it("writes cluster-wide policies as their definition asks", () => {
    const folder = path.join("crds", "cilium");
    const file = fs
      .readdirSync(path.join(reference, folder))
      .find((name) => /clusterwidenetworkpolicies/.test(name));
    const { spec } = parse(read(folder, file ?? "")) as Definition;
    assert.equal(spec.scope, "Cluster");
    const schema = spec.versions.find(({ name }) => name === "v2")?.schema.openAPIV3Schema;
    assert.ok(schema);
    for (const { name, spec: policy } of clusterwidePolicies({ appsNamespace: "production" })) {
      const object = { metadata: {}, spec: policy };
      assert.deepEqual(faultsOf(object, schema, { root: schema, closed: true }), [], name);
    }
  });
});
