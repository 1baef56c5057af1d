import * as assert from "node:assert/strict";

import { buildCiliumValues, type CiliumValuesArgs } from "../../../components/cilium/cilium-values";
import type { Values } from "../../harness";
import { readPath } from "../../invariants/resources";

const args: CiliumValuesArgs = {
  version: "1.20.2",
  apiServer: { host: "127.0.0.1", port: 6444 },
  nodes: 3,
  encryption: true,
};

describe("buildCiliumValues", () => {
  const values = buildCiliumValues(args);

  const rows: [
    what: string,
    changed: Partial<CiliumValuesArgs>,
    wanted: Readonly<Record<string, unknown>>,
  ][] = [
    [
      "replaces kube-proxy, and connects to the API server without it",
      {},
      { kubeProxyReplacement: true, k8sServiceHost: "127.0.0.1", k8sServicePort: 6444 },
    ],
    [
      "uses each Node's podCIDR by default",
      {},
      { ipam: { mode: "kubernetes" }, k8s: { requireIPv4PodCIDR: true } },
    ],
    [
      "allocates addresses from a pool with cluster-pool",
      { ipam: "cluster-pool", pool: ["10.42.0.0/16"] },
      {
        ipam: { mode: "cluster-pool", operator: { clusterPoolIPv4PodCIDRList: ["10.42.0.0/16"] } },
        k8s: undefined,
      },
    ],
    ["leaves ClusterIPs to Linkerd's proxy", {}, { socketLB: { hostNamespaceOnly: true } }],
    ["reads no Secrets", {}, { "tls.secretSync": { enabled: false } }],
    ["leaves other CNI plugins in place", {}, { cni: { exclusive: false } }],
    [
      "encrypts between nodes, and drops what is not encrypted",
      { encryption: true },
      { encryption: { enabled: true, type: "wireguard", strictMode: { ingress: { enabled: true } } } },
    ],
    ["has node ports at any address by default", {}, { nodePort: undefined }],
    [
      "limits the addresses of node ports",
      { nodePortAddresses: ["10.0.0.0/16"] },
      { nodePort: { addresses: ["10.0.0.0/16"] } },
    ],
    ["does not encrypt", { encryption: false }, { encryption: { enabled: false, type: "wireguard" } }],
    ["runs one replica of the operator on one node", { nodes: 1 }, { "operator.replicas": 1 }],
    ["runs two on two nodes", { nodes: 2 }, { "operator.replicas": 2 }],
    ["runs two on three nodes", { nodes: 3 }, { "operator.replicas": 2 }],
    ["enables Hubble's relay", {}, { "hubble.relay.enabled": true }],
    ["enables Hubble's UI", {}, { "hubble.ui.enabled": true }],
    ["keeps Hubble's certificates on upgrades", {}, { "hubble.tls": { auto: { method: "cronJob" } } }],
    ["sets no cluster ID by default", {}, { cluster: undefined }],
    [
      "sets the cluster's ID and name",
      { clusterMesh: { id: 7, name: "fsn1" } },
      { cluster: { id: 7, name: "fsn1" } },
    ],
    ["sets no compatibility by default", {}, { upgradeCompatibility: undefined }],
    ["sets upgradeCompatibility", { upgradeCompatibility: "1.15" }, { upgradeCompatibility: "1.15" }],
    ["has no events of dropped packets by default", {}, { "hubble.dropEventEmitter": undefined }],
  ];
  for (const [what, changed, wanted] of rows)
    it(what, () => {
      const changedValues = buildCiliumValues({ ...args, ...changed }) as Values;
      for (const [path, value] of Object.entries(wanted))
        assert.deepEqual(readPath(changedValues, path), value, path);
    });

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

  for (const [version, known] of [
    ["1.15.19", false],
    ["1.16.0", true],
  ] as const)
    it(`${known ? "limits" : "does not limit"} the addresses of node ports in ${version}`, () => {
      const { nodePort } = buildCiliumValues({ ...args, version, nodePortAddresses: ["10.0.0.0/16"] });
      assert.deepEqual(nodePort, known ? { addresses: ["10.0.0.0/16"] } : undefined);
    });

  it("does not differ otherwise between versions", () => {
    const { MTU: mtu, encryption, ...oldest } = buildCiliumValues({ ...args, version: "1.15.0" });
    assert.equal(mtu, 1450);
    assert.deepEqual(encryption, { enabled: true, type: "wireguard" });
    const { tls, ...same } = values;
    assert.ok(tls);
    assert.deepEqual({ ...oldest, encryption: values.encryption }, same);
  });
});
