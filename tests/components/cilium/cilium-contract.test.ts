import * as assert from "node:assert/strict";

import { buildClusterwidePolicies } from "../../../components/cilium/clusterwide-policies";
import { buildCiliumValues, type CiliumValuesArgs } from "../../../components/cilium/cilium-values";
import { valueFaults } from "../../chart-values";
import { crdSchema, crdsOf } from "../../fixtures/upstream";
import { faultsOf } from "../../json-schema";

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
  for (const [what, args] of [
    ["the least", least],
    ["everything", everything],
    ["the oldest version", { ...least, version: "1.15.0" }],
  ] as const)
    it(`sets no chart value that the chart does not have, with ${what}`, () => {
      assert.deepEqual(valueFaults("cilium", buildCiliumValues(args)), []);
    });

  it("creates clusterwide policies that match the CRD", () => {
    const kind = "CiliumClusterwideNetworkPolicy";
    assert.equal(crdsOf("cilium").find(({ spec }) => spec.names.kind === kind)?.spec.scope, "Cluster");
    const schema = crdSchema("cilium.io/v2", kind);
    assert.ok(schema);
    for (const { name, spec: policy } of buildClusterwidePolicies({ appsNamespace: "production" })) {
      const object = { metadata: {}, spec: policy };
      assert.deepEqual(faultsOf(object, schema, { root: schema, closed: true }), [], name);
    }
  });
});
