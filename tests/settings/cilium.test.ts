import * as assert from "node:assert/strict";

import { app } from "../../settings/apps/schema";
import { cilium } from "../../settings/cilium/schema";
import { runRules } from "../../settings/rules";
import { rejects, accepts, overlap } from "./configurations";

const pool = (...ranges: string[]) => ({ "cilium.ipam": "cluster-pool", "cilium.pool": ranges });
const mesh = (clusterMesh: object) => ({ "cilium.clusterMesh": clusterMesh });
const nodes = "cluster.nodeCidr 10.0.0.0/16";
const name = "lower-case letters, digits and dashes, 32 at most, and not default";
const known = "the versions whose values this program knows";
const publicBroker = {
  "apps.broker": {
    image: "ghcr.io/org/broker:v1.0.0",
    port: 1883,
    service: {
      type: "LoadBalancer",
      loadBalancer: { name: "broker-lb", location: "fsn1", usePrivateIp: false },
    },
  },
};
const minor = 'want a minor version of Cilium in quotes, such as "1.15"';

describe("egress to names of any number of labels", () => {
  const egress = { "apps.admin.egress": [{ host: "**.example.org", ports: [443] }] };
  rejects({
    "apps.admin.egress.0.host: not supported by Cilium 1.18.9: names of any number of labels (**); want cilium.version 1.19 to 1.20, or no such key":
      { ...egress, "cilium.version": "1.18.9" },
  });
  accepts([egress]);
});

describe("the settings of Cilium", () => {
  accepts([
    { "cilium.version": "1.15.0" },
    { "cilium.version": "1.20.2" },
    { "cilium.version": "1.20.15" },
    { "cilium.version": "1.18.4", "cilium.upgradeCompatibility": "1.15", "cilium.dropEvents": true },
    { "cilium.version": "1.18.4", "cilium.upgradeCompatibility": "1.18" },
    { "cilium.upgradeCompatibility": "1.9" },
    { "cilium.version": "1.16.0", "cilium.dropEvents": true },
    { "cilium.version": "1.15.19", "cilium.dropEvents": false },
    { "cilium.nodePortAddresses": ["10.0.0.0/16", "2001:db8::/64"] },
    { "cilium.nodePortAddresses": ["0.0.0.0/0"], ...publicBroker },
    { "cilium.version": "1.15.19", ...publicBroker },
    mesh({ id: 255, name: "9-b" }),
    mesh({ id: 7, name: "a".repeat(32) }),
    pool("10.42.0.0/16"),
    pool("10.44.0.0/22", "10.48.0.0/24"),
    pool("10.44.0.0/24", "10.45.0.0/24", "10.46.0.0/24"),
  ]);

  rejects([
    `cilium.version: got 1.14.19, want 1.15 to 1.20, ${known}`,
    `cilium.version: got 1.21.0, want 1.15 to 1.20, ${known}`,
    'cilium.version: got "v1.15.0", want it without the v',
    'cilium.version: got "1.15", want a version such as 1.15.0',
    `cilium.upgradeCompatibility: got 1.15, ${minor}`,
    `cilium.upgradeCompatibility: got "1.15.0", ${minor}`,
    [
      pool("10.0.0.0/8"),
      overlap("cilium.pool.0", "10.0.0.0/8", nodes),
      overlap("cilium.pool.0", "10.0.0.0/8", "cluster.serviceCidr 10.43.0.0/16"),
    ],
    [
      { ...pool("10.0.0.0/16"), "cilium.version": "1.3.0" },
      `cilium.version: got 1.3.0, want 1.15 to 1.20, ${known}`,
      overlap("cilium.pool.0", "10.0.0.0/16", nodes),
    ],
  ]);
  rejects({
    "cilium.dropEvents: not supported by Cilium 1.15.19: events of dropped packets; want cilium.version 1.16 to 1.20, or no such key":
      { "cilium.version": "1.15.19", "cilium.dropEvents": true },
    "cilium.nodePortAddresses: not supported by Cilium 1.15.19: node ports at some addresses only; want cilium.version 1.16 to 1.20, or no such key":
      { "cilium.version": "1.15.19", "cilium.nodePortAddresses": ["0.0.0.0/0"] },
    "apps.broker.service.loadBalancer.usePrivateIp: got false, but node ports answer in cluster.nodeCidr only; want true, or cilium.nodePortAddresses with the nodes' public addresses, such as [0.0.0.0/0]":
      publicBroker,
    "cilium.upgradeCompatibility: got 1.19, want the version that the cluster was installed with, at most that of cilium.version 1.18.4":
      { "cilium.version": "1.18.4", "cilium.upgradeCompatibility": "1.19" },
    [`cilium.clusterMesh.name: got "default", want ${name}`]: mesh({ id: 1, name: "default" }),
    [`cilium.clusterMesh.name: got "Fsn1", want ${name}`]: mesh({ id: 1, name: "Fsn1" }),
    [`cilium.clusterMesh.name: got "a-", want ${name}`]: mesh({ id: 1, name: "a-" }),
    [`cilium.clusterMesh.name: got "${"a".repeat(33)}", want ${name}`]: mesh({ id: 1, name: "a".repeat(33) }),
    "cilium.pool: is missing with ipam: cluster-pool, want ranges for the pods, such as [10.42.0.0/16]": {
      "cilium.ipam": "cluster-pool",
    },
    "cilium.pool: cannot be combined with ipam: kubernetes, by which k3s assigns the nodes' ranges": {
      "cilium.pool": ["10.42.0.0/16"],
    },
    'cilium.pool.0: got "10.42.1.0/16", want an IPv4 range that begins with its first address, such as 10.0.0.0/16':
      pool("10.42.1.0/16"),
    [overlap("cilium.pool.1", "10.0.64.0/18", nodes)]: pool("10.42.0.0/16", "10.0.64.0/18"),
    [overlap("cilium.pool.1", "10.42.128.0/17", "cilium.pool.0 10.42.0.0/16")]: pool(
      "10.42.0.0/16",
      "10.42.128.0/17",
    ),
    "cilium.pool.0: got 10.42.0.0/25, want a /24 or larger: a node gets a /24": pool("10.42.0.0/25"),
    "cilium.pool: has room for 2 nodes, a /24 each, want room for the 3 of cluster.nodes":
      pool("10.42.0.0/23"),
  });

  const faultsWith = (version: string, apps: Record<string, object>) =>
    runRules({
      cilium: cilium.parse({ version }),
      apps: Object.fromEntries(
        Object.entries(apps).map(([key, each]) => [key, app.parse({ port: 80, ...each })]),
      ),
    });

  it("rejects every existing app if Cilium has no policies without default deny", () => {
    const apps = { grafana: { existing: true }, api: { image: "api:1" }, prometheus: { existing: true } };
    assert.deepEqual(
      faultsWith("1.15.19", apps).map(({ path }) => path),
      ["apps.grafana.existing", "apps.prometheus.existing"],
    );
    assert.deepEqual(faultsWith("1.16.0", apps), []);
  });
});
