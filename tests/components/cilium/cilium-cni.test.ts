import * as assert from "node:assert/strict";

import { resolveCharts } from "../../../components/charts";
import { buildClusterwidePolicies } from "../../../components/cilium/clusterwide-policies";
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
};

const make = (changes: Partial<CiliumCniArgs> = {}) =>
  run(() => new CiliumCni("cilium", { ...args, ...changes }, { providers: providers() }));

describe("CiliumCni", () => {
  it("is one release in kube-system", async () => {
    const { resources } = await make();
    assert.deepEqual(childrenOf(resources, "cilium"), ["kubernetes:helm.sh/v3:Release cilium"]);
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

  describe("with clusterDefaultDeny", () => {
    const closed = { clusterDefaultDeny: true, appsNamespace: "production" };
    const policies = buildClusterwidePolicies(closed);

    it("creates every policy", async () => {
      const { resources } = await make(closed);
      assert.deepEqual(childrenOf(resources, "cilium"), [
        ...policies
          .map(({ name }) => `kubernetes:cilium.io/v2:CiliumClusterwideNetworkPolicy cilium-${name}`)
          .sort(),
        "kubernetes:helm.sh/v3:Release cilium",
      ]);
      for (const { name, spec } of policies) {
        const { inputs } = find(resources, ":CiliumClusterwideNetworkPolicy", `cilium-${name}`);
        assert.deepEqual(inputs.metadata, { name });
        assert.deepEqual(inputs.spec, spec);
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
      const { resources } = await make({ ...closed, acmeServer });
      const { inputs } = find(resources, ":CiliumClusterwideNetworkPolicy", "cilium-platform-certificates");
      assert.match(JSON.stringify(inputs.spec), /"9000"/);
    });
  });
});
