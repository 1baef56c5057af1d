import * as assert from "node:assert/strict";

import { changed } from "../config";
import { prod, read, rejects, rejectsUnder, type Changes } from "./configurations";

const at = (changes: Changes): Changes =>
  Object.fromEntries(Object.entries(changes).map(([path, value]) => [`loadBalancer.${path}`, value]));

/** The prod stack with a load balancer of the cloud controller manager's. */
const byCcm = (changes: Changes = {}): Changes => ({
  ...at({ managedBy: "ccm", networkId: undefined, labelSelector: undefined, privateIp: "10.0.0.2" }),
  ...at(changes),
});

const given = (key: string, why: string) =>
  `loadBalancer.${key}: cannot be combined with managedBy: ccm: ${why}`;
const nodes = "the manager's targets are the cluster's nodes";

describe("invalid load balancers with managedBy: ccm", () => {
  rejectsUnder("loadBalancer", [
    [
      byCcm({ "ccm.healthCheck": { path: "/ping", validateCertificate: false } }),
      "ccm.healthCheck.path: cannot be combined with protocol: tcp, want protocol: http or https",
      "ccm.healthCheck.validateCertificate: cannot be combined with protocol: tcp, want " +
        "protocol: http or https",
    ],
  ]);
  rejectsUnder("loadBalancer", {
    "privateIp: is missing with managedBy: ccm, want a free address of the manager's network: the ingress controller trusts connections from it, and the Service's status does not contain it":
      byCcm({ privateIp: undefined }),
    "ccm.subnet: got 10.0.1.0/24, which does not contain privateIp 10.0.0.2, want the subnet that does":
      byCcm({ "ccm.subnet": "10.0.1.0/24" }),
    'ccm.subnet: got "10.0.0.1/24", want an IPv4 range that begins with its first address, such as 10.0.0.0/16':
      byCcm({ "ccm.subnet": "10.0.0.1/24" }),
    "managedBy: got ccm, which cannot be combined with awaitReady: false: its addresses are known when the Service is ready":
      { ...byCcm(), awaitReady: false },
    "type: got lb11, which can have at most 25 targets, but cluster.nodes are 26; want loadBalancer.type: lb21, or fewer":
      { ...byCcm(), "cluster.nodes": 26 },
    ": got neither, set exactly one of location and networkZone": byCcm({ location: undefined }),
  });
  rejects({
    [given("networkId", "the manager has its own network")]: byCcm({ networkId: 4711 }),
    [given("labelSelector", `${nodes}: ccm.nodeSelector selects among them`)]: byCcm({
      labelSelector: "cluster=k3s",
    }),
    [given("servers", nodes)]: byCcm({ servers: [101] }),
    [given("ips", nodes)]: byCcm({ ips: ["203.0.113.50"] }),
    [given("services", "its Service has the ports of the ingress controller only")]: byCcm({
      services: [{ name: "ssh", listenPort: 22, destinationPort: 2222 }],
    }),
    [given("labels", "the manager sets the labels itself")]: byCcm({ labels: { a: "b" } }),
  });
});

describe("a load balancer with managedBy: ccm", () => {
  const settings = async (changes: Changes = {}) => (await read(changed(prod, byCcm(changes)))).loadBalancer;

  it("requires a name, a location and a private address", async () =>
    assert.deepEqual(await settings(), {
      managedBy: "ccm",
      name: "k3s-lb",
      type: "lb11",
      algorithm: "round_robin",
      location: { location: "fsn1" },
      privateIp: "10.0.0.2",
      nodePorts: { http: 30080, https: 30443, nginxHealth: 31254 },
      proxyProtocol: true,
      healthCheck: { intervalSeconds: 15, timeoutSeconds: 10, retries: 3 },
      ipv6: true,
      allowReplacement: false,
      reverseDns: undefined,
      nodeSelector: undefined,
      subnet: undefined,
    }));

  it("has at most the targets of its type, or a node selector", async () => {
    const taken = await read(changed(prod, { ...byCcm(), "cluster.nodes": 25 }));
    assert.equal(taken.loadBalancer.type, "lb11");
    await read(changed(prod, { ...byCcm({ "ccm.nodeSelector": "role=edge" }), "cluster.nodes": 100 }));
  });

  it("has the manager's own settings", async () => {
    const { healthCheck, ...configured } = await settings({
      "ccm.nodeSelector": "role in (edge,web)",
      "ccm.subnet": "10.0.0.0/24",
      "ccm.healthCheck": { protocol: "http", port: 30080, path: "/ping", statusCodes: ["2??"] },
      "healthCheck.intervalSeconds": 5,
    });
    assert.ok(configured.managedBy === "ccm");
    assert.deepEqual([configured.nodeSelector, configured.subnet], ["role in (edge,web)", "10.0.0.0/24"]);
    assert.deepEqual(healthCheck, {
      protocol: "http",
      port: 30080,
      path: "/ping",
      statusCodes: ["2??"],
      intervalSeconds: 5,
      timeoutSeconds: 5,
      retries: 3,
    });
  });
});
