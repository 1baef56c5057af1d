import * as assert from "node:assert/strict";

import { MeshScrapes } from "../../../components/linkerd/proxy-metrics-access";
import {
  buildControlPlaneValues,
  buildTrustManagerValues,
  buildVizValues,
  type MeshValuesArgs,
} from "../../../components/linkerd/linkerd-values";
import { valueFaults } from "../../chart-values";
import { chartDefaults, crdSchema } from "../../fixtures/upstream";
import { run, type Recorded } from "../../harness";
import { faultsOf } from "../../json-schema";
import { providers } from "../providers";
import { createMesh } from "./created-mesh";

const everything: MeshValuesArgs = {
  trustDomain: "mesh.example.com",
  ha: true,
  defaultInboundPolicy: "deny",
  tracing: {
    endpoint: "collector.observability:4317",
    meshIdentity: { serviceAccountName: "collector", namespace: "observability" },
  },
  prometheus: "http://prometheus.monitoring:9090",
  dashboardHosts: ["linkerd.example.com"],
};
const least: MeshValuesArgs = { trustDomain: "cluster.local", ha: false };

describe("the contract with Linkerd", () => {
  for (const [what, args] of Object.entries({ least, everything })) {
    it(`holds for the values of linkerd-control-plane with ${what}`, () =>
      assert.deepEqual(valueFaults("linkerd-control-plane", buildControlPlaneValues(args)), []));

    it(`holds for the values of linkerd-viz with ${what}`, () =>
      assert.deepEqual(valueFaults("linkerd-viz", buildVizValues(args)), []));

    it(`holds for the values of trust-manager with ${what}`, () =>
      assert.deepEqual(valueFaults("trust-manager", buildTrustManagerValues(args)), []));
  }

  it("rejects a value that the chart does not have, at any depth", () => {
    const values = { proxy: { defaultInboundPolici: "deny" }, controllerReplica: 3, disableHeartBeat: true };
    assert.deepEqual(valueFaults("linkerd-control-plane", values), [
      "proxy.defaultInboundPolici is not known",
      "controllerReplica is not known",
    ]);
  });

  it("sets all values of upstream's high-availability values file, except for disabled components", () => {
    const [, upstream = {}] = chartDefaults("linkerd-control-plane");
    const values = buildControlPlaneValues({ ...least, ha: true });
    // The heartbeat is disabled, and the chart's default disruption budget is one pod.
    const others = ["heartbeatResources", "controller"];
    const missing = Object.keys(upstream).filter((key) => !(key in values) && !others.includes(key));
    assert.deepEqual(missing, []);
  });

  /** The errors of the custom resources of these API groups, by resource. */
  function findErrors(resources: readonly Recorded[], groups: readonly string[]) {
    const found = resources.filter(({ type }) => groups.includes(type.split(/[:/]/)[1] ?? ""));
    const errors = found.map(({ name, inputs }) => {
      const schema = crdSchema(inputs.apiVersion as string, inputs.kind as string);
      assert.ok(schema, `no CRD for ${name}`);
      return [name, faultsOf({ spec: inputs.spec }, schema, { root: schema, closed: true })] as const;
    });
    return { count: found.length, errors: errors.filter(([, each]) => each.length > 0) };
  }

  it("holds for every issuer, certificate and bundle", async () => {
    const { resources } = await createMesh({ ...everything, nodes: 3, trustPreviousAnchor: true });
    assert.deepEqual(findErrors(resources, ["cert-manager.io", "trust.cert-manager.io"]), {
      count: 16,
      errors: [],
    });
  });

  it("holds for the policies that admit Prometheus", async () => {
    const { resources } = await run(
      () =>
        new MeshScrapes(
          "scrapes",
          { namespaces: { apps: "production" }, trustDomain: "cluster.local" },
          { providers: providers() },
        ),
    );
    assert.deepEqual(findErrors(resources, ["policy.linkerd.io"]), { count: 3, errors: [] });
  });
});
