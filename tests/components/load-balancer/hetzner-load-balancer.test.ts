import * as assert from "node:assert/strict";

import type { HetznerLoadBalancerArgs } from "../../../components/load-balancer/hetzner-load-balancer";
import { find, run, value } from "../../harness";
import { buildLoadBalancer } from "./created-load-balancer";

const make = (changed?: Partial<HetznerLoadBalancerArgs>) => run(buildLoadBalancer(changed));

const attachment = "hcloud:index/loadBalancerNetwork:LoadBalancerNetwork lb-network";

const stackLabels = { "pulumi-stack": "organization.platform-networking.test" };

describe("HetznerLoadBalancer", () => {
  it("has the configured name, location and labels", async () => {
    const { resources } = await make({ labels: { "example.com/team": "edge" }, deleteProtection: true });
    assert.deepEqual(find(resources, ":LoadBalancer", "lb").inputs, {
      name: "k3s-lb",
      loadBalancerType: "lb11",
      location: "fsn1",
      algorithm: { type: "least_connections" },
      labels: { "example.com/team": "edge", ...stackLabels },
      deleteProtection: true,
    });
  });

  it("accepts a network zone instead of a location", async () => {
    const { resources } = await make({ location: { networkZone: "eu-central" } });
    const { inputs } = find(resources, ":LoadBalancer", "lb");
    assert.equal(inputs.networkZone, "eu-central");
    assert.equal("location" in inputs, false);
  });

  for (const ip of ["10.0.0.2", undefined])
    it(`has ${ip ?? "an address chosen by Hetzner"} in the nodes' network`, async () => {
      const { resources } = await make({ privateIp: ip });
      assert.deepEqual(find(resources, ":LoadBalancerNetwork", "lb-network").inputs, {
        loadBalancerId: 42,
        networkId: 4711,
        ...(ip !== undefined && { ip }),
      });
    });

  it("deletes an attachment before it creates its replacement", async () => {
    const { resources } = await make();
    const first = resources.filter((each) => each.deleteBeforeReplace).map(({ name }) => name);
    assert.deepEqual(first, ["lb-network"]);
  });

  it("returns its ID and addresses, with the attachment's private address", async () => {
    const { result, outputs } = await make();
    assert.equal(await value(result.privateIpv4), "10.0.0.3");
    assert.deepEqual(outputs.find(({ of }) => of.endsWith(" lb"))?.outputs, {
      loadBalancerId: "42",
      ipv4: "203.0.113.7",
      ipv6: "2001:db8::7",
      privateIpv4: "10.0.0.3",
      proxyProtocol: true,
    });
  });

  it("returns no IPv6 address if it is not used", async () => {
    const { result, outputs } = await make({ ipv6: false });
    assert.equal(result.ipv6, undefined);
    assert.equal("ipv6" in (outputs.find(({ of }) => of.endsWith(" lb"))?.outputs ?? {}), false);
  });
});

describe("the targets of a HetznerLoadBalancer", () => {
  const all = { labelSelector: "cluster=k3s", servers: [101, 102], ips: ["203.0.113.50", "2001:db8::50"] };

  const rows = [
    ["lb-nodes", { type: "label_selector", labelSelector: "cluster=k3s", usePrivateIp: true }],
    ["lb-server-101", { type: "server", serverId: 101, usePrivateIp: true }],
    ["lb-server-102", { type: "server", serverId: 102, usePrivateIp: true }],
    ["lb-ip-203.0.113.50", { type: "ip", ip: "203.0.113.50" }],
    ["lb-ip-2001:db8::50", { type: "ip", ip: "2001:db8::50" }],
  ] as const;

  it("are those of the arguments", async () => {
    const names = async (targets: HetznerLoadBalancerArgs["targets"]) =>
      (await make({ targets })).resources
        .filter(({ type }) => type.endsWith(":LoadBalancerTarget"))
        .map(({ name }) => name)
        .sort();
    assert.deepEqual(await names(all), rows.map(([name]) => name).sort());
    assert.deepEqual(await names({ servers: [], ips: ["203.0.113.50"] }), ["lb-ip-203.0.113.50"]);
    assert.deepEqual(await names({ servers: [102], ips: [] }), ["lb-server-102"]);
  });

  for (const [name, inputs] of rows) {
    const isPrivate = inputs.type !== "ip";
    it(`include ${name} after the attachment, and ${isPrivate ? "replace" : "do not replace"} it with the attachment`, async () => {
      const found = find((await make({ targets: all })).resources, ":LoadBalancerTarget", name);
      assert.deepEqual(found.inputs, { loadBalancerId: 42, ...inputs });
      assert.ok(found.dependencies.includes(attachment));
      assert.deepEqual(found.replaceWith, isPrivate ? [attachment] : []);
    });
  }
});

describe("the reverse DNS of a HetznerLoadBalancer", () => {
  const rdns = async (changed: Partial<HetznerLoadBalancerArgs>) =>
    (await make(changed)).resources
      .filter(({ type }) => type.endsWith(":Rdns"))
      .map(({ name, inputs }) => [name, inputs]);
  const of = (ipAddress: string) => ({ loadBalancerId: 42, ipAddress, dnsPtr: "lb.example.com" });

  it("is Hetzner's by default", async () => assert.deepEqual(await rdns({}), []));

  it("is set for both addresses", async () =>
    assert.deepEqual(await rdns({ reverseDns: "lb.example.com" }), [
      ["lb-rdns-ipv4", of("203.0.113.7")],
      ["lb-rdns-ipv6", of("2001:db8::7")],
    ]));

  it("is not set for an unused IPv6 address", async () =>
    assert.equal((await rdns({ reverseDns: "lb.example.com", ipv6: false })).length, 1));
});
