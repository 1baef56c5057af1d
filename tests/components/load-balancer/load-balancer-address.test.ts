import * as assert from "node:assert/strict";

import type * as pulumi from "@pulumi/pulumi";

import { Imports } from "../../../components/pulumi/import-existing";
import {
  HetznerLoadBalancer,
  type HetznerLoadBalancerArgs,
} from "../../../components/load-balancer/hetzner-load-balancer";
import { ccmNameConflict, nameConflict } from "../../../components/load-balancer/load-balancer-address";
import { attempt, find, type RunOptions } from "../../harness";
import { providers } from "../providers";

const token = "hcloud:index/getLoadBalancers:getLoadBalancers";

const args: HetznerLoadBalancerArgs = {
  name: "k3s-lb",
  type: "lb11",
  location: { location: "fsn1" },
  algorithm: "round_robin",
  networkId: 4711,
  targets: { labelSelector: "cluster=k3s", servers: [], ips: [] },
  labels: {},
  ipv6: true,
  proxyProtocol: true,
  deleteProtection: false,
  allowReplacement: false,
  reachesPublic: false,
};

const build =
  (changed: Partial<HetznerLoadBalancerArgs> = {}, transformations: pulumi.ResourceTransformation[] = []) =>
  () =>
    new HetznerLoadBalancer(
      "load-balancer",
      { ...args, ...changed },
      { providers: providers(), transformations },
    );

const place = { location: "fsn1" };
const mark = { "pulumi-stack": "organization.platform-networking.test" };

const standing = (name: string, labels: Record<string, string> = {}) => ({
  id: 4711,
  name,
  ipv4: "203.0.113.7",
  ipv6: "2001:db8::7",
  labels,
  location: "fsn1",
  networkZone: "eu-central",
  deleteProtection: false,
});

const answering = (loadBalancers: object[], options: RunOptions = {}) => ({
  answers: { [token]: { loadBalancers } },
  ...options,
});

describe("HetznerLoadBalancer, before it is made", () => {
  it("looks once, through the provider that makes it", async () => {
    const { calls } = await attempt(build());
    assert.deepEqual(calls, [{ token, inputs: {}, provider: "hcloud" }]);
  });

  it("reports one of its name in preview", async () => {
    const { logs } = await attempt(build(), answering([standing("k3s-lb")], { preview: true }));
    assert.deepEqual(logs, [
      { severity: "error", message: nameConflict("load-balancer", standing("k3s-lb"), place) },
    ]);
  });

  it("refuses to take the place of one of its name", async () => {
    const { fault, resources } = await attempt(build(), answering([standing("k3s-lb")]));
    assert.ok(
      fault?.message.includes(nameConflict("load-balancer", standing("k3s-lb"), place)),
      fault?.message,
    );
    assert.deepEqual(
      resources.filter(({ type }) => type.endsWith(":LoadBalancerTarget")),
      [],
    );
  });

  it("does not mind load balancers of other names", async () => {
    const { fault } = await attempt(build(), answering([standing("k3s-lb-2"), standing("other")]));
    assert.equal(fault, undefined);
  });

  it("lets its successor come first, so that the look comes before any deletion", async () => {
    const { resources } = await attempt(build());
    assert.equal(find(resources, ":LoadBalancer", "load-balancer").createBeforeDelete, true);
  });

  it("goes first and does not look where it may lose its addresses", async () => {
    const { fault, calls, resources } = await attempt(
      build({ allowReplacement: true }),
      answering([standing("k3s-lb")]),
    );
    assert.equal(fault, undefined);
    assert.deepEqual(calls, []);
    const { createBeforeDelete, deleteBeforeReplace } = find(resources, ":LoadBalancer", "load-balancer");
    assert.deepEqual([createBeforeDelete, deleteBeforeReplace], [false, true]);
  });

  it("takes over what stands there, if it is told to", async () => {
    const { transformation } = new Imports({ "load-balancer": "4711" });
    const { fault, resources } = await attempt(build({}, [transformation]), answering([standing("k3s-lb")]));
    assert.equal(fault, undefined);
    assert.equal(find(resources, ":LoadBalancer", "load-balancer").importId, "4711");
  });

  it("does not go on without having seen what Hetzner has", async () => {
    const { fault } = await attempt(build(), { answers: { [token]: new Error("no connection") } });
    assert.match(fault?.message ?? "", /no connection/);
  });
});

const seen =
  "Hetzner has a load balancer k3s-lb already, 4711, with the addresses 203.0.113.7 and 2001:db8::7.";
const accept = "pulumi config set --path 'platform-networking:loadBalancer.allowReplacement' k3s-lb";
const ofService = standing("k3s-lb", { "hcloud-ccm/service-uid": "6a5c" });

describe("takenName", () => {
  it("says both ways out", () =>
    assert.equal(
      nameConflict("load-balancer", standing("k3s-lb"), place),
      `${seen} It does not have this stack's label. If a version before the label made it, a change of its location or ` +
        `network zone would replace it and lose its addresses: take the change back, or accept the loss: ${accept}. ` +
        "If another made it, take it over: " +
        `pulumi config set --path 'platform-networking:import["load-balancer"]' 4711.`,
    ));

  it("knows one that an interrupted run of this stack made by its label", () =>
    assert.equal(
      nameConflict("load-balancer", standing("k3s-lb", mark), place),
      `${seen} An interrupted run of this stack made it. Take it over: ` +
        `pulumi config set --path 'platform-networking:import["load-balancer"]' 4711`,
    ));

  it("does not offer to take over one of this stack that another place would replace", () =>
    assert.equal(
      nameConflict("load-balancer", standing("k3s-lb", mark), { location: "nbg1" }),
      `${seen} This stack made it, and a change of its location or network zone would replace it and lose its ` +
        `addresses: take the change back, or accept the loss: ${accept}.`,
    ));

  it("warns of a Service that would take it along", () =>
    assert.ok(
      nameConflict("load-balancer", ofService, place).endsWith(
        " It belongs to a Service in a cluster, which takes it along when it goes: set protect: true in the same update. If " +
          "this stack made that Service with protect: true, first set protect: false and run pulumi up with managedBy: " +
          "ccm: else this update moves DNS and fails when it comes to delete the Service.",
      ),
    ));
});

describe("takenByService", () => {
  it("says how one that Pulumi made is handed over with its addresses", () =>
    assert.equal(
      ccmNameConflict("load-balancer", standing("k3s-lb")),
      `${seen} The cloud controller manager would take it over by its name. If this stack made it, with managedBy: pulumi, ` +
        "this update would then delete it: set managedBy: pulumi and protect: false, run pulumi up, and take it out of the " +
        "state with all that is on it (pulumi state delete --target-dependents <its URN>), which deletes nothing at Hetzner. Then let it be taken over: " +
        `${accept}.`,
    ));

  it("says what becomes of one that a Service has", () =>
    assert.equal(
      ccmNameConflict("load-balancer", ofService),
      `${seen} It belongs to a Service, and goes with it: a Service in another namespace or place gets another load ` +
        `balancer. Take the change back, or accept the loss of the addresses: ${accept}.`,
    ));
});
