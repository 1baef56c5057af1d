import * as assert from "node:assert/strict";

import { chartsFrom } from "../../components/charts";
import { CiliumCni, ciliumValues, type CiliumCniArgs } from "../../components/cilium-cni";
import { childrenOf, find, run, value } from "../harness";
import { providers } from "./providers";

const args: CiliumCniArgs = {
  chart: chartsFrom().cilium,
  apiServer: { host: "127.0.0.1", port: 6444 },
  nodes: 3,
  encryption: true,
};

const make = () => run(() => new CiliumCni("cilium", args, { providers: providers() }));

describe("CiliumCni", () => {
  it("is one release in kube-system", async () => {
    const { resources } = await make();
    assert.deepEqual(childrenOf(resources, "cilium"), ["kubernetes:helm.sh/v3:Release cilium"]);
    const { inputs, provider } = find(resources, ":Release", "cilium");
    assert.equal(provider, "kubernetes");
    const { values, ...rest } = inputs;
    assert.deepEqual(rest, {
      chart: "oci://quay.io/cilium/charts/cilium",
      version: "1.20.2",
      name: "cilium",
      namespace: "kube-system",
      atomic: true,
      timeout: 600,
      compat: "true",
    });
    assert.deepEqual(values, ciliumValues(args));
  });

  it("tells the version that is installed", async () => {
    const { result } = await make();
    assert.equal(await value(result.version), "1.20.2");
  });
});

describe("ciliumValues", () => {
  const values = ciliumValues(args);

  it("does kube-proxy's work, and finds the API server without it", () => {
    assert.equal(values.kubeProxyReplacement, true);
    assert.equal(values.k8sServiceHost, "127.0.0.1");
    assert.equal(values.k8sServicePort, 6444);
  });

  it("takes the pods' ranges from k3s, not from a pool that holds Hetzner's network", () => {
    assert.deepEqual(values.ipam, { mode: "kubernetes" });
    assert.deepEqual(values.k8s, { requireIPv4PodCIDR: true });
  });

  it("leaves ClusterIPs to Linkerd's proxy, and its CNI plugin in place", () => {
    assert.deepEqual(values.socketLB, { hostNamespaceOnly: true });
    assert.deepEqual(values.cni, { exclusive: false });
  });

  for (const encryption of [true, false])
    it(`${encryption ? "encrypts" : "does not encrypt"} between nodes if told ${encryption}`, () =>
      assert.deepEqual(ciliumValues({ ...args, encryption }).encryption, {
        enabled: encryption,
        type: "wireguard",
      }));

  for (const [nodes, replicas] of [
    [1, 1],
    [2, 2],
    [3, 2],
  ] as const)
    it(`runs ${replicas} of its operator on ${nodes} nodes`, () =>
      assert.deepEqual(ciliumValues({ ...args, nodes }).operator, { replicas }));

  it("shows the flows in Hubble, whose certificates stay the same between upgrades", () => {
    const hubble = values.hubble as Record<string, unknown>;
    assert.deepEqual([hubble.relay, hubble.ui], [{ enabled: true }, { enabled: true }]);
    assert.deepEqual(hubble.tls, { auto: { method: "cronJob" } });
  });
});
