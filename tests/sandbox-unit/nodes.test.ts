import assert from "node:assert/strict";
import * as http from "node:http";
import type { AddressInfo } from "node:net";

import { clusterNodes, toSeed } from "../../sandbox/clouds/seed";
import { ensureNodes, type ClusterNode } from "../../sandbox/cluster/nodes";

/** The changes that an API server with these nodes receives. */
async function changesFor(there: readonly string[], wanted: readonly ClusterNode[], status = 201) {
  const changes: string[] = [];
  const server = http.createServer((request, response) => {
    const items = there.map((name) => ({ metadata: { name } }));
    if (request.method === "GET") response.end(JSON.stringify({ items }));
    else {
      changes.push(`${request.method ?? ""} ${request.url ?? ""}`);
      response.writeHead(status).end("{}");
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  try {
    await ensureNodes({ server: `http://127.0.0.1:${port}`, ca: "", token: "token" }, wanted);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  return changes.sort();
}

const nodes = clusterNodes("prod", { nodes: 3, nodeCidr: "10.0.0.0/16" });

describe("The nodes of the sandbox's cluster", () => {
  it("are the servers that Hetzner has for the stack", () => {
    const { hetzner } = toSeed(
      "prod",
      {
        "net:loadBalancer": { networkId: 1, labelSelector: "cluster=k3s" },
        "net:cluster": { nodes: 3, nodeCidr: "10.0.0.0/16" },
      },
      "net",
    );
    assert.deepEqual(
      nodes,
      hetzner.servers.map(({ id, name }) => ({ id, name })),
    );
    assert.equal(nodes.length, 3);
  });

  for (const cluster of [undefined, {}, { nodes: "three", nodeCidr: "10.0.0.0/16" }, { nodes: 0 }])
    it(`are one where the settings say ${JSON.stringify(cluster)}`, () =>
      assert.equal(clusterNodes("dev", cluster).length, 1));

  const names = nodes.map(({ name }) => name);
  for (const [what, there, wanted, changes] of [
    ["stay when they are there", names, nodes, []],
    [
      "go when the cluster is to have fewer",
      [...names.slice(0, 1), "old-1"],
      nodes.slice(0, 2),
      ["DELETE /api/v1/nodes/old-1", "POST /api/v1/nodes?fieldManager=kubelet"],
    ],
  ] as const)
    it(what, async () => assert.deepEqual(await changesFor(there, wanted), changes));

  it("fail the start where the API server refuses one", () =>
    assert.rejects(changesFor([], nodes, 422), /the API server answers 422/));
});
