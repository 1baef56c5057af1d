import * as assert from "node:assert/strict";

import { findPlannedNodePorts } from "../../../components/conflicts/conflict-settings";
import { changed } from "../../config";
import { prod, read, type Changes } from "../../settings/refusals";

/** The paths and node ports of the ingress, of prod with these changes. */
async function ingressPorts(changes: Changes): Promise<readonly string[]> {
  const ports = findPlannedNodePorts(await read(changed(prod, changes)));
  return ports
    .filter(({ path }) => path.startsWith("loadBalancer."))
    .map(({ path, port }) => `${path} ${port}`);
}

describe("the node ports that the settings claim", () => {
  it("are Traefik's, each once: its health is asked for at one of them", async () =>
    assert.deepEqual(await ingressPorts({}), [
      "loadBalancer.nodePorts.http 30080",
      "loadBalancer.nodePorts.https 30443",
    ]));

  it("are ingress-nginx's own, with the key of its health", async () =>
    assert.deepEqual(await ingressPorts({ "ingress.controller": "nginx" }), [
      "loadBalancer.nodePorts.http 31080",
      "loadBalancer.nodePorts.https 31443",
      "loadBalancer.nodePorts.nginxHealth 31254",
    ]));

  it("are none of the ingress where the cloud controller manager makes the load balancer", async () =>
    assert.deepEqual(
      await ingressPorts({
        "loadBalancer.managedBy": "ccm",
        "loadBalancer.labelSelector": undefined,
        "loadBalancer.networkId": undefined,
        "loadBalancer.privateIp": "10.0.0.7",
      }),
      [],
    ));
});
