import * as assert from "node:assert/strict";

import { buildCiliumValues, type CiliumValuesArgs } from "../../../components/cilium/cilium-values";

const args: CiliumValuesArgs = {
  version: "1.20.2",
  apiServer: { host: "127.0.0.1", port: 6444 },
  nodes: 3,
  encryption: true,
};

describe("buildCiliumValues", () => {
  const values = buildCiliumValues(args);

  it("replaces kube-proxy, and connects to the API server without it", () => {
    assert.equal(values.kubeProxyReplacement, true);
    assert.equal(values.k8sServiceHost, "127.0.0.1");
    assert.equal(values.k8sServicePort, 6444);
  });

  it("uses each Node's podCIDR by default", () => {
    assert.deepEqual(values.ipam, { mode: "kubernetes" });
    assert.deepEqual(values.k8s, { requireIPv4PodCIDR: true });
  });

  it("allocates addresses from a pool with cluster-pool", () => {
    const { ipam, k8s } = buildCiliumValues({ ...args, ipam: "cluster-pool", pool: ["10.42.0.0/16"] });
    assert.deepEqual(ipam, {
      mode: "cluster-pool",
      operator: { clusterPoolIPv4PodCIDRList: ["10.42.0.0/16"] },
    });
    assert.equal(k8s, undefined);
  });

  it("leaves ClusterIPs to Linkerd's proxy, and other CNI plugins in place", () => {
    assert.deepEqual(values.socketLB, { hostNamespaceOnly: true });
    assert.deepEqual(values.cni, { exclusive: false });
  });

  for (const encryption of [true, false])
    it(`${encryption ? "encrypts" : "does not encrypt"} between nodes with encryption: ${encryption}`, () =>
      assert.deepEqual(buildCiliumValues({ ...args, encryption }).encryption, {
        enabled: encryption,
        type: "wireguard",
      }));

  for (const [nodes, replicas] of [
    [1, 1],
    [2, 2],
    [3, 2],
  ] as const)
    it(`runs ${replicas} replicas of the operator on ${nodes} nodes`, () =>
      assert.deepEqual(buildCiliumValues({ ...args, nodes }).operator, { replicas }));

  it("enables Hubble, whose certificates do not change on upgrades", () => {
    const hubble = values.hubble as Record<string, unknown>;
    assert.deepEqual([hubble.relay, hubble.ui], [{ enabled: true }, { enabled: true }]);
    assert.deepEqual(hubble.tls, { auto: { method: "cronJob" } });
  });

  it("sets no cluster ID, no compatibility and no events by default", () => {
    for (const key of ["cluster", "upgradeCompatibility", "MTU"]) assert.equal(key in values, false, key);
    assert.equal("dropEventEmitter" in (values.hubble as object), false);
  });

  it("sets the cluster's ID and name", () =>
    assert.deepEqual(buildCiliumValues({ ...args, clusterMesh: { id: 7, name: "fsn1" } }).cluster, {
      id: 7,
      name: "fsn1",
    }));

  it("sets upgradeCompatibility", () =>
    assert.equal(buildCiliumValues({ ...args, upgradeCompatibility: "1.15" }).upgradeCompatibility, "1.15"));

  for (const [version, mtu] of [
    ["1.15.0", 1450],
    ["1.16.19", 1450],
    ["1.17.0", undefined],
    ["1.20.2", undefined],
  ] as const)
    it(`${mtu === undefined ? "leaves the MTU to Cilium" : "sets the MTU of the private network"} in ${version}`, () =>
      assert.equal(buildCiliumValues({ ...args, version }).MTU, mtu));

  for (const [version, known] of [
    ["1.15.19", false],
    ["1.16.0", true],
  ] as const)
    it(`${known ? "enables" : "leaves out"} events of dropped packets in ${version}`, () => {
      const { hubble } = buildCiliumValues({ ...args, version, dropEvents: true });
      const { dropEventEmitter } = hubble as { dropEventEmitter?: unknown };
      assert.deepEqual(dropEventEmitter, known ? { enabled: true } : undefined);
    });

  it("does not differ otherwise between versions", () => {
    const { MTU: mtu, ...oldest } = buildCiliumValues({ ...args, version: "1.15.0" });
    assert.equal(mtu, 1450);
    assert.deepEqual(oldest, values);
  });
});
