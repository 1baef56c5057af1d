import * as assert from "node:assert/strict";

import { HetznerLoadBalancer, type HetznerLoadBalancerArgs } from "../../components/hetzner-load-balancer";
import { childrenOf, find, run, value } from "../harness";
import { providers } from "./providers";

const args: HetznerLoadBalancerArgs = {
  name: "k3s-lb",
  type: "lb11",
  place: { location: "fsn1" },
  algorithm: "least_connections",
  networkId: 4711,
  labelSelector: "cluster=k3s",
  nodePorts: { http: 30080, https: 30443 },
  proxyProtocol: true,
  deleteProtection: false,
};

const make = (changed: Partial<HetznerLoadBalancerArgs> = {}, protect?: boolean) =>
  run(
    () =>
      new HetznerLoadBalancer(
        "door",
        { ...args, ...changed },
        { providers: providers(), ...(protect !== undefined && { protect }) },
      ),
  );

const parts = [
  "hcloud:index/loadBalancer:LoadBalancer door",
  "hcloud:index/loadBalancerNetwork:LoadBalancerNetwork door-network",
  "hcloud:index/loadBalancerService:LoadBalancerService door-http",
  "hcloud:index/loadBalancerService:LoadBalancerService door-https",
  "hcloud:index/loadBalancerTarget:LoadBalancerTarget door-nodes",
];

describe("HetznerLoadBalancer", () => {
  it("is a load balancer, its place in the nodes' network, its targets and a service per public port", async () => {
    const { resources } = await make();
    assert.deepEqual(childrenOf(resources, "door"), parts);
    for (const { provider } of resources.filter(({ parent }) => parent !== ""))
      assert.equal(provider, "hcloud");
  });

  it("stands where the settings say, under the name they say", async () => {
    const { resources } = await make();
    assert.deepEqual(find(resources, ":LoadBalancer", "door").inputs, {
      name: "k3s-lb",
      loadBalancerType: "lb11",
      location: "fsn1",
      algorithm: { type: "least_connections" },
      deleteProtection: false,
    });
  });

  it("takes a network zone in place of a location", async () => {
    const { resources } = await make({ place: { networkZone: "eu-central" } });
    const { inputs } = find(resources, ":LoadBalancer", "door");
    assert.equal(inputs.networkZone, "eu-central");
    assert.equal("location" in inputs, false);
  });

  it("reaches the nodes over the private network, by their labels", async () => {
    const { resources } = await make();
    assert.deepEqual(find(resources, ":LoadBalancerNetwork", "door-network").inputs, {
      loadBalancerId: 42,
      networkId: 4711,
    });
    assert.deepEqual(find(resources, ":LoadBalancerTarget", "door-nodes").inputs, {
      loadBalancerId: 42,
      type: "label_selector",
      labelSelector: "cluster=k3s",
      usePrivateIp: true,
    });
  });

  for (const [role, listenPort, destinationPort] of [
    ["http", 80, 30080],
    ["https", 443, 30443],
  ] as const) {
    it(`passes TCP ${listenPort} to the node port of ${role}, and checks that very port`, async () => {
      const { resources } = await make();
      assert.deepEqual(find(resources, ":LoadBalancerService", `door-${role}`).inputs, {
        loadBalancerId: "42",
        protocol: "tcp",
        listenPort,
        destinationPort,
        proxyprotocol: true,
        healthCheck: { protocol: "tcp", port: destinationPort, interval: 15, timeout: 10, retries: 3 },
      });
    });
  }

  for (const proxyProtocol of [true, false])
    it(`says proxyProtocol ${proxyProtocol} to both services and to whoever stands behind`, async () => {
      const { resources, result } = await make({ proxyProtocol });
      for (const role of ["http", "https"])
        assert.equal(
          find(resources, ":LoadBalancerService", `door-${role}`).inputs.proxyprotocol,
          proxyProtocol,
        );
      assert.equal(result.proxyProtocol, proxyProtocol);
    });

  it("lets a new attachment and a new service come only after the old one is gone", async () => {
    const { resources } = await make();
    const first = resources.filter((each) => each.deleteBeforeReplace).map(({ name }) => name);
    assert.deepEqual(first.sort(), ["door-http", "door-https", "door-network"]);
  });

  it("makes the targets after the attachment, and anew with it", async () => {
    const attachment = "hcloud:index/loadBalancerNetwork:LoadBalancerNetwork door-network";
    const targets = find((await make()).resources, ":LoadBalancerTarget", "door-nodes");
    assert.ok(targets.dependencies.includes(attachment));
    assert.deepEqual(targets.replaceWith, [attachment]);
  });

  it("hands protect down to every part, and deleteProtection to Hetzner", async () => {
    const { resources } = await make({ deleteProtection: true }, true);
    assert.deepEqual(
      resources
        .filter((each) => each.custom && each.protect)
        .map(({ type, name }) => `${type} ${name}`)
        .sort(),
      parts,
    );
    assert.equal(find(resources, ":LoadBalancer", "door").inputs.deleteProtection, true);
  });

  it("guards nothing unless told to", async () => {
    const { resources } = await make();
    assert.ok(resources.every(({ protect }) => !protect));
  });

  it("tells its addresses, of which the private one is the attachment's", async () => {
    const { result, outputs } = await make();
    const told = { ipv4: "203.0.113.7", ipv6: "2001:db8::7", privateIpv4: "10.0.0.3" };
    const { ipv4, ipv6, privateIpv4 } = result;
    assert.deepEqual(
      { ipv4: await value(ipv4), ipv6: await value(ipv6), privateIpv4: await value(privateIpv4) },
      told,
    );
    assert.deepEqual(outputs.find(({ of }) => of.endsWith(" door"))?.outputs, {
      ...told,
      proxyProtocol: true,
    });
  });
});
