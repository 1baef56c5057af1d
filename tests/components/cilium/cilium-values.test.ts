import * as assert from "node:assert/strict";

import { buildCiliumValues, type CiliumValuesArgs } from "../../../components/cilium/cilium-values";

const args: CiliumValuesArgs = {
  version: "1.20.2",
  apiServer: { host: "127.0.0.1", port: 6444 },
  nodes: 3,
  encryption: true,
};

describe("ciliumValues", () => {
  const values = buildCiliumValues(args);

  it("does kube-proxy's work, and finds the API server without it", () => {
    assert.equal(values.kubeProxyReplacement, true);
    assert.equal(values.k8sServiceHost, "127.0.0.1");
    assert.equal(values.k8sServicePort, 6444);
  });

  it("takes the pods' ranges from k3s, not from a pool that holds Hetzner's network", () => {
    assert.deepEqual(values.ipam, { mode: "kubernetes" });
    assert.deepEqual(values.k8s, { requireIPv4PodCIDR: true });
  });

  it("gives the pods' ranges out of a pool if told so, and asks k3s for none", () => {
    const { ipam, k8s } = buildCiliumValues({ ...args, ipam: "cluster-pool", pool: ["10.42.0.0/16"] });
    assert.deepEqual(ipam, {
      mode: "cluster-pool",
      operator: { clusterPoolIPv4PodCIDRList: ["10.42.0.0/16"] },
    });
    assert.equal(k8s, undefined);
  });

  it("leaves ClusterIPs to Linkerd's proxy, and its CNI plugin in place", () => {
    assert.deepEqual(values.socketLB, { hostNamespaceOnly: true });
    assert.deepEqual(values.cni, { exclusive: false });
  });

  for (const encryption of [true, false])
    it(`${encryption ? "encrypts" : "does not encrypt"} between nodes if told ${encryption}`, () =>
      assert.deepEqual(buildCiliumValues({ ...args, encryption }).encryption, {
        enabled: encryption,
        type: "wireguard",
      }));

  for (const [nodes, replicas] of [
    [1, 1],
    [2, 2],
    [3, 2],
  ] as const)
    it(`runs ${replicas} of its operator on ${nodes} nodes`, () =>
      assert.deepEqual(buildCiliumValues({ ...args, nodes }).operator, { replicas }));

  it("shows the flows in Hubble, whose certificates stay the same between upgrades", () => {
    const hubble = values.hubble as Record<string, unknown>;
    assert.deepEqual([hubble.relay, hubble.ui], [{ enabled: true }, { enabled: true }]);
    assert.deepEqual(hubble.tls, { auto: { method: "cronJob" } });
  });

  it("says nothing that it was not told: no cluster's id, no compatibility, no events", () => {
    for (const key of ["cluster", "upgradeCompatibility", "MTU"]) assert.equal(key in values, false, key);
    assert.equal("dropEventEmitter" in (values.hubble as object), false);
  });

  it("tells the cluster from others by its id and name", () =>
    assert.deepEqual(buildCiliumValues({ ...args, clusterMesh: { id: 7, name: "fsn1" } }).cluster, {
      id: 7,
      name: "fsn1",
    }));

  it("keeps the datapath as it was in the version that the cluster began with", () =>
    assert.equal(buildCiliumValues({ ...args, upgradeCompatibility: "1.15" }).upgradeCompatibility, "1.15"));

  for (const [version, mtu] of [
    ["1.15.0", 1450],
    ["1.16.19", 1450],
    ["1.17.0", undefined],
    ["1.20.2", undefined],
  ] as const)
    it(`${mtu === undefined ? "lets Cilium find the MTU" : "says the MTU of the private network"} in ${version}`, () =>
      assert.equal(buildCiliumValues({ ...args, version }).MTU, mtu));

  for (const [version, known] of [
    ["1.15.19", false],
    ["1.16.0", true],
  ] as const)
    it(`${known ? "turns on" : "leaves out"} events of dropped packets in ${version}`, () => {
      const { hubble } = buildCiliumValues({ ...args, version, dropEvents: true });
      const { dropEventEmitter } = hubble as { dropEventEmitter?: unknown };
      assert.deepEqual(dropEventEmitter, known ? { enabled: true } : undefined);
    });

  it("is the same in every other version", () => {
    const { MTU: mtu, ...oldest } = buildCiliumValues({ ...args, version: "1.15.0" });
    assert.equal(mtu, 1450);
    assert.deepEqual(oldest, values);
  });
});
