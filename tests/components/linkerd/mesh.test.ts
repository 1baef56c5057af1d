import * as assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import {
  buildControlPlaneValues,
  buildTrustManagerValues,
  buildVizValues,
} from "../../../components/linkerd/linkerd-values";
import { childrenOf, find } from "../../harness";
import { createMesh, attemptMesh } from "./created-mesh";

describe("Mesh", () => {
  it("has no linkerd-viz with viz: false", async () => {
    const { resources } = await createMesh({ viz: false });
    assert.ok(!resources.some(({ name }) => name.startsWith("mesh-viz")));
  });

  it("passes its arguments to the charts", async () => {
    const meshIdentity = { serviceAccountName: "collector", namespace: "observability" };
    const given = {
      defaultInboundPolicy: "deny",
      tracing: { endpoint: "collector.observability:4317", meshIdentity },
      prometheus: "http://prometheus.monitoring:9090",
      dashboardHosts: ["linkerd.example.com"],
    } as const;
    const { resources } = await createMesh(given);
    const shape = { trustDomain: "mesh.example.com", ha: false, ...given };
    const values = (name: string) => find(resources, ":Release", name).inputs.values;
    assert.deepEqual(values("mesh-control-plane"), buildControlPlaneValues(shape));
    assert.deepEqual(values("mesh-viz-chart"), buildVizValues(shape));
  });

  it("labels the control plane's namespace so that it does not inject itself", async () => {
    const { resources } = await createMesh();
    assert.deepEqual(find(resources, ":Namespace", "mesh").inputs.metadata, {
      name: "linkerd",
      labels: {
        "linkerd.io/is-control-plane": "true",
        "linkerd.io/control-plane-ns": "linkerd",
        "config.linkerd.io/admission-webhooks": "disabled",
        "pod-security.kubernetes.io/enforce": "privileged",
      },
      annotations: { "linkerd.io/inject": "disabled" },
    });
    assert.deepEqual(find(resources, ":Namespace", "mesh-viz").inputs.metadata, {
      name: "linkerd-viz",
      labels: { "linkerd.io/extension": "viz", "pod-security.kubernetes.io/enforce": "privileged" },
    });
  });

  for (const [policy, wanted] of [
    ["deny", { "config.linkerd.io/default-inbound-policy": "cluster-authenticated" }],
    ["cluster-authenticated", undefined],
    ["all-unauthenticated", undefined],
  ] as const)
    it(`leaves the dashboard to meshed callers ${wanted ? "even" : "as to anybody else"} under ${policy}`, async () => {
      const { resources } = await createMesh({ defaultInboundPolicy: policy });
      const { annotations } = find(resources, ":Namespace", "mesh-viz").inputs.metadata as {
        annotations?: unknown;
      };
      assert.deepEqual(annotations, wanted);
    });

  it("annotates linkerd-viz with an external Prometheus", async () => {
    const { resources } = await createMesh({ prometheus: "http://prometheus.monitoring:9090" });
    const { annotations } = find(resources, ":Namespace", "mesh-viz").inputs.metadata as {
      annotations?: unknown;
    };
    assert.deepEqual(annotations, {
      "viz.linkerd.io/external-prometheus": "http://prometheus.monitoring:9090",
    });
  });

  for (const nodes of [1, 2, 3, 4])
    for (const ha of [undefined, false, true]) {
      const wanted = ha ?? nodes >= 3;
      if (wanted && nodes < 3)
        it(`rejects ha: ${String(ha)} on ${nodes} nodes, and registers nothing`, async () => {
          const { fault, resources } = await attemptMesh({ nodes, ha });
          assert.ok(pulumi.RunError.isInstance(fault));
          assert.equal(fault.message, `Mesh "mesh": ha is true on ${nodes} nodes, want three nodes or false`);
          assert.deepEqual(childrenOf(resources, "mesh"), []);
        });
      else
        it(`is ${wanted ? "highly" : "plainly"} available on ${nodes} nodes where ha is ${String(ha)}`, async () => {
          const { resources } = await createMesh({ nodes, ha });
          const shape = { trustDomain: "mesh.example.com", ha: wanted };
          for (const [name, chart, namespace, values] of [
            ["mesh-trust-manager", "trust-manager", "cert-manager", buildTrustManagerValues(shape)],
            ["mesh-crds", "linkerd-crds", "linkerd", undefined],
            ["mesh-control-plane", "linkerd-control-plane", "linkerd", buildControlPlaneValues(shape)],
            ["mesh-viz-chart", "linkerd-viz", "linkerd-viz", buildVizValues(shape)],
          ] as const) {
            const { inputs } = find(resources, ":Release", name);
            assert.deepEqual([inputs.name, inputs.namespace, inputs.values], [chart, namespace, values]);
          }
        });
    }
});
