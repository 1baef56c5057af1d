import * as assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import {
  buildControlPlaneValues,
  buildTrustManagerValues,
  buildVizValues,
} from "../../../components/linkerd/linkerd-values";
import { childrenOf, find, type Values } from "../../harness";
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
    const { labels, annotations } = find(resources, ":Namespace", "mesh").inputs.metadata as Values;
    assert.deepEqual(labels, {
      "linkerd.io/is-control-plane": "true",
      "linkerd.io/control-plane-ns": "linkerd",
      "config.linkerd.io/admission-webhooks": "disabled",
      "pod-security.kubernetes.io/enforce": "privileged",
    });
    assert.deepEqual(annotations, { "linkerd.io/inject": "disabled" });
    const viz = find(resources, ":Namespace", "mesh-viz").inputs.metadata as Values;
    assert.deepEqual(viz.labels, {
      "linkerd.io/extension": "viz",
      "pod-security.kubernetes.io/enforce": "privileged",
    });
  });

  it("installs the CNI plugin in a namespace of its own before the control plane that leaves the setup to it", async () => {
    const { resources } = await createMesh({ cni: true });
    assert.deepEqual(find(resources, ":Namespace", "mesh-cni").inputs.metadata, {
      name: "linkerd-cni",
      labels: {
        "linkerd.io/cni-resource": "true",
        "config.linkerd.io/admission-webhooks": "disabled",
        "pod-security.kubernetes.io/enforce": "privileged",
      },
    });
    const plugin = "kubernetes:helm.sh/v3:Release mesh-cni-chart";
    const { inputs, dependencies } = find(resources, ":Release", "mesh-control-plane");
    assert.equal((inputs.values as Values).cniEnabled, true);
    assert.ok(dependencies.includes(plugin));
    assert.equal(find(resources, ":Release", "mesh-cni-chart").inputs.namespace, "linkerd-cni");
  });

  it("installs no CNI plugin by default", async () => {
    const { resources } = await createMesh();
    assert.ok(!resources.some(({ name }) => name.startsWith("mesh-cni")));
    const { values } = find(resources, ":Release", "mesh-control-plane").inputs;
    assert.equal((values as Values).cniEnabled, false);
  });

  const prometheus = "http://prometheus.monitoring:9090";
  for (const [what, args, wanted] of [
    [
      "leave the dashboard to meshed callers under deny",
      { defaultInboundPolicy: "deny" },
      { "config.linkerd.io/default-inbound-policy": "cluster-authenticated" },
    ],
    ["are none under cluster-authenticated", { defaultInboundPolicy: "cluster-authenticated" }, undefined],
    ["are none under all-unauthenticated", { defaultInboundPolicy: "all-unauthenticated" }, undefined],
    ["name an external Prometheus", { prometheus }, { "viz.linkerd.io/external-prometheus": prometheus }],
  ] as const)
    it(`has annotations of linkerd-viz that ${what}`, async () => {
      const { metadata } = find((await createMesh(args)).resources, ":Namespace", "mesh-viz").inputs;
      assert.deepEqual((metadata as Values).annotations, wanted);
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
