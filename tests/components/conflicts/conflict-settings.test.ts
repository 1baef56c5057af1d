import * as assert from "node:assert/strict";

import { findPlannedNodePorts } from "../../../components/conflicts/conflict-settings";
import { changed } from "../../config";
import { prod, read, type Changes } from "../../settings/configurations";

/** The ingress' node ports by path, for prod with these changes. */
async function ingressPorts(changes: Changes): Promise<readonly string[]> {
  const ports = findPlannedNodePorts(await read(changed(prod, changes)));
  return ports
    .filter(({ path }) => path.startsWith("loadBalancer."))
    .map(({ path, port }) => `${path} ${port}`);
}

describe("findPlannedNodePorts", () => {
  it("returns Traefik's node ports, each once", async () =>
    assert.deepEqual(await ingressPorts({}), [
      "loadBalancer.nodePorts.http 30080",
      "loadBalancer.nodePorts.https 30443",
    ]));

  it("returns those of ingress-nginx, with its health port", async () =>
    assert.deepEqual(await ingressPorts({ "ingress.controller": "nginx" }), [
      "loadBalancer.nodePorts.http 31080",
      "loadBalancer.nodePorts.https 31443",
      "loadBalancer.nodePorts.nginxHealth 31254",
    ]));

  it("returns none of the ingress with managedBy: ccm", async () =>
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
