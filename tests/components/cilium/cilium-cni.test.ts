import * as assert from "node:assert/strict";

import { resolveCharts } from "../../../components/charts";
import { buildClusterwidePolicies } from "../../../components/cilium/clusterwide-policies";
import type { ClusterwidePolicySpec } from "../../../components/custom-resources/cilium-resources";
import { buildCiliumValues } from "../../../components/cilium/cilium-values";
import { CiliumCni, type CiliumCniArgs } from "../../../components/cilium/cilium-cni";
import { attempt, childrenOf, find, run, value } from "../../harness";
import { good } from "./cluster-fixtures";
import { providers } from "../providers";

const args: CiliumCniArgs = {
  chart: resolveCharts().cilium,
  apiServer: { host: "127.0.0.1", port: 6444 },
  nodes: 3,
  encryption: true,
  closedNamespaces: ["linkerd"],
};

const make = (changes: Partial<CiliumCniArgs> = {}) =>
  run(() => new CiliumCni("cilium", { ...args, ...changes }, { providers: providers() }));

describe("CiliumCni", () => {
  it("is one release in kube-system, and the policies of the platform's pods", async () => {
    const { resources } = await make();
    assert.deepEqual(childrenOf(resources, "cilium"), [
      ...["hubble", "linkerd", "no-metadata"].map(
        (each) => `kubernetes:cilium.io/v2:CiliumClusterwideNetworkPolicy cilium-platform-${each}`,
      ),
      "kubernetes:helm.sh/v3:Release cilium",
    ]);
    const { inputs, provider } = find(resources, ":Release", "cilium");
    assert.equal(provider, "kubernetes");
    const { values, ...rest } = inputs;
    const { chart, version } = args.chart;
    assert.deepEqual(
      [rest.chart, rest.version, rest.name, rest.namespace],
      [chart, version, "cilium", "kube-system"],
    );
    assert.deepEqual(values, buildCiliumValues({ ...args, version }));
  });

  it("installs another version, with the values that it supports", async () => {
    const { resources, result } = await make({ version: "1.15.0", dropEvents: true });
    const { inputs } = find(resources, ":Release", "cilium");
    assert.deepEqual([inputs.chart, inputs.version], ["oci://quay.io/cilium/charts/cilium", "1.15.0"]);
    assert.deepEqual(inputs.values, buildCiliumValues({ ...args, version: "1.15.0" }));
    assert.equal(await value(result.version), "1.15.0");
  });

  it("checks the cluster before the installation, in previews too", async () => {
    const inspect = () => Promise.resolve({ ...good, helmCharts: ["traefik"] });
    for (const preview of [true, false]) {
      const { fault } = await attempt(
        () => new CiliumCni("cilium", { ...args, kubeconfig: "x", inspect }, { providers: providers() }),
        { preview },
      );
      assert.match(fault?.message ?? "", /cilium-preflight/);
    }
  });

  it("checks again before an update", async () => {
    const { resources } = await make({ kubeconfig: "x", inspect: () => Promise.resolve(good) });
    assert.deepEqual(find(resources, ":Release", "cilium").hooks.beforeUpdate, ["cilium-preflight"]);
  });

  describe("the policy about the metadata service", () => {
    const name = "cilium-platform-no-metadata";
    const isCreated = async (changes: Partial<CiliumCniArgs>) =>
      (await make(changes)).resources.some((each) => each.name === name);

    it("denies it outside of clusterDefaultDeny without closing anything else, after Cilium", async () => {
      const { resources } = await make({
        metadata: { allow: [{ namespace: "backup", labels: { app: "agent" } }] },
      });
      const { inputs, dependencies } = find(resources, ":CiliumClusterwideNetworkPolicy", name);
      assert.deepEqual(inputs.metadata, { name: "platform-no-metadata" });
      const found: unknown = inputs.specs;
      const specs = found as readonly ClusterwidePolicySpec[];
      const namespaceLabel = "k8s:io.kubernetes.pod.namespace";
      assert.deepEqual(
        specs.map(({ endpointSelector }) => endpointSelector),
        [
          {
            matchExpressions: [
              { key: namespaceLabel, operator: "Exists" },
              { key: namespaceLabel, operator: "NotIn", values: ["backup", "kube-system"] },
            ],
          },
          {
            matchLabels: { [namespaceLabel]: "backup" },
            matchExpressions: [{ key: "app", operator: "NotIn", values: ["agent"] }],
          },
          {
            matchLabels: { [namespaceLabel]: "kube-system" },
            matchExpressions: [{ key: "app.kubernetes.io/name", operator: "NotIn", values: ["hcloud-csi"] }],
          },
          { matchLabels: { [namespaceLabel]: "kube-system", "app.kubernetes.io/name": "hcloud-csi" } },
          { matchLabels: { [namespaceLabel]: "backup", app: "agent" } },
        ],
      );
      for (const { enableDefaultDeny } of specs)
        assert.deepEqual(enableDefaultDeny, { ingress: false, egress: false });
      assert.deepEqual(
        dependencies.map((each) => each.replace(/^.*:/, "")),
        ["Release cilium"],
      );
    });

    it("exists in Cilium 1.15 only where every namespace is closed, after the policies that allow", async () => {
      const old = { version: "1.15.0" };
      assert.deepEqual(
        [await isCreated(old), await isCreated({ ...old, clusterDefaultDeny: true })],
        [false, true],
      );
      assert.equal(await isCreated({ version: "1.16.0" }), true);
      const { resources } = await make({ ...old, clusterDefaultDeny: true });
      const { inputs, dependencies } = find(resources, ":CiliumClusterwideNetworkPolicy", name);
      assert.doesNotMatch(JSON.stringify(inputs), /enableDefaultDeny/);
      assert.deepEqual(
        dependencies.map((each) => each.replace(/^.*:/, "")).sort(),
        buildClusterwidePolicies({ ...args, clusterDefaultDeny: true })
          .slice(0, -1)
          .map((each) => `CiliumClusterwideNetworkPolicy cilium-${each.name}`)
          .sort(),
      );
    });
  });

  describe("with clusterDefaultDeny", () => {
    const closed = { ...args, clusterDefaultDeny: true, appsNamespace: "production" };
    const policies = buildClusterwidePolicies(closed);

    it("creates every policy", async () => {
      const { resources } = await make(closed);
      assert.deepEqual(childrenOf(resources, "cilium"), [
        ...policies
          .map(({ name }) => name)
          .concat("platform-no-metadata")
          .map((name) => `kubernetes:cilium.io/v2:CiliumClusterwideNetworkPolicy cilium-${name}`)
          .sort(),
        "kubernetes:helm.sh/v3:Release cilium",
      ]);
      for (const { name, specs } of policies) {
        const { inputs } = find(resources, ":CiliumClusterwideNetworkPolicy", `cilium-${name}`);
        assert.deepEqual(inputs.metadata, { name });
        assert.deepEqual(inputs.specs, specs);
      }
    });

    it("creates the default deny after the allow policies, and those after Cilium, which installs the CRDs", async () => {
      const { resources } = await make(closed);
      for (const { name } of policies) {
        const { dependencies } = find(resources, ":CiliumClusterwideNetworkPolicy", `cilium-${name}`);
        const wanted =
          name === "platform-default-deny"
            ? policies.slice(0, -1).map((each) => `CiliumClusterwideNetworkPolicy cilium-${each.name}`)
            : ["Release cilium"];
        assert.deepEqual(dependencies.map((each) => each.replace(/^.*:/, "")).sort(), wanted.sort());
      }
    });

    it("allows cert-manager to connect to another CA", async () => {
      const acmeServer = "https://ca.example.net:9000/directory";
      const { resources } = await make({ acmeServer, closedNamespaces: ["cert-manager"] });
      const { inputs } = find(resources, ":CiliumClusterwideNetworkPolicy", "cilium-platform-cert-manager");
      assert.match(JSON.stringify(inputs.specs), /"9000"/);
    });
  });
});
