import * as assert from "node:assert/strict";

import { Imports } from "../../../components/pulumi/import-existing";
import { ccmNameConflict, nameConflict } from "../../../components/load-balancer/load-balancer-address";
import { attempt, find, type RunOptions } from "../../harness";
import { existingLoadBalancer } from "../../through-service";
import { buildLoadBalancer as build, listFunction } from "./created-load-balancer";

const desired = { location: "fsn1" };
const stackLabels = { "pulumi-stack": "organization.platform-networking.test" };

const existing = (name: string, labels: Record<string, string> = {}) => ({
  ...existingLoadBalancer,
  name,
  labels,
});

const answering = (loadBalancers: object[], options: RunOptions = {}) => ({
  answers: { [listFunction]: { loadBalancers } },
  ...options,
});

describe("HetznerLoadBalancer name check", () => {
  const conflict = () => nameConflict(existing("k3s-lb"), "lb", desired);

  it("logs a conflict in a preview", async () => {
    const { logs } = await attempt(build(), answering([existing("k3s-lb")], { preview: true }));
    assert.deepEqual(logs, [{ severity: "error", message: conflict() }]);
  });

  it("creates a replacement first, unless there is a conflict: then it creates nothing that depends on it", async () => {
    const other = await attempt(build(), answering([existing("k3s-lb-2")]));
    assert.equal(other.fault, undefined);
    assert.equal(find(other.resources, ":LoadBalancer", "lb").createBeforeDelete, true);
    const { fault, resources } = await attempt(build(), answering([existing("k3s-lb")]));
    assert.ok(fault?.message.includes(conflict()), fault?.message);
    assert.deepEqual(
      resources.filter(({ type }) => type.endsWith(":LoadBalancerTarget")),
      [],
    );
  });

  it("deletes first and does not check if allowReplacement is set", async () => {
    const { fault, calls, resources } = await attempt(
      build({ allowReplacement: true }),
      answering([existing("k3s-lb")]),
    );
    assert.equal(fault, undefined);
    assert.deepEqual(calls, []);
    assert.equal(find(resources, ":LoadBalancer", "lb").deleteBeforeReplace, true);
  });

  it("imports the existing load balancer if configured", async () => {
    const { transformation } = new Imports({ lb: "4711" });
    const { fault, resources } = await attempt(build({}, [transformation]), answering([existing("k3s-lb")]));
    assert.equal(fault, undefined);
    assert.equal(find(resources, ":LoadBalancer", "lb").importId, "4711");
  });
});

const exists =
  "Hetzner already has a load balancer k3s-lb (4711) with the addresses 203.0.113.7 and 2001:db8::7";
const importIt = `Import it: pulumi config set --path 'platform-networking:import["load-balancer"]' 4711`;
const allow = "pulumi config set --path 'platform-networking:loadBalancer.allowReplacement' k3s-lb";
const withServiceLabel = existing("k3s-lb", { "hcloud-ccm/service-uid": "6a5c" });

describe("nameConflict", () => {
  const message = (labels: Record<string, string>, location = desired) =>
    nameConflict(existing("k3s-lb", labels), "load-balancer", location);

  it("prints the import command", () =>
    assert.equal(
      message({}),
      `${exists}, which this stack did not create (it lacks the stack's label). ${importIt}`,
    ));

  it("recognizes a load balancer of an interrupted run by its label", () =>
    assert.equal(
      message(stackLabels),
      `${exists}, created by an interrupted run of this stack. ${importIt}`,
    ));

  it("does not offer to import a load balancer that another location would replace", () =>
    assert.equal(
      message(stackLabels, { location: "nbg1" }),
      `${exists}, created by this stack. A change of its location or network zone replaces it and loses its addresses: ` +
        `undo the change, or allow the replacement: ${allow}`,
    ));

  it("warns of a Service whose deletion deletes it", () =>
    assert.match(
      nameConflict(withServiceLabel, "load-balancer", desired),
      /\. It belongs to a Kubernetes Service and is deleted with it: set protect: true .* Import it: pulumi config set /,
    ));
});

describe("ccmNameConflict", () => {
  it("lists the steps that keep Pulumi's load balancer and its addresses", () => {
    const message = ccmNameConflict(existing("k3s-lb"));
    assert.ok(
      message.startsWith(`${exists}. The cloud controller manager would take it over by its name`),
      message,
    );
    assert.ok(message.endsWith(`3. let the manager take it over: ${allow}`), message);
  });

  it("warns that a Service's load balancer is deleted with the Service", () =>
    assert.equal(
      ccmNameConflict(withServiceLabel),
      `${exists}. It belongs to a Service and is deleted with it: a Service in another namespace or location gets ` +
        `another load balancer. Undo the change, or accept the loss of the addresses: ${allow}`,
    ));
});
