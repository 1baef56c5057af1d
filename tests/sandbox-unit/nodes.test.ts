import assert from "node:assert/strict";
import * as http from "node:http";
import type { AddressInfo } from "node:net";

import { runPreflightChecks } from "../../components/cilium/preflight-checks";
import { clusterNodes, toSeed } from "../../sandbox/clouds/seed";
import { ensureNodes, type ClusterNode } from "../../sandbox/cluster/nodes";

interface Written {
  readonly metadata: {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly podCIDR: string;
    readonly podCIDRs: readonly string[];
    readonly providerID: string;
  };
  readonly status: { readonly nodeInfo: { readonly kernelVersion: string } };
}

/** What an API server that has these nodes is asked to change, and the nodes that it is given. */
async function asked(there: readonly string[], wanted: readonly ClusterNode[], status = 201) {
  const changes: string[] = [];
  const written: Written[] = [];
  const server = http.createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      assert.equal(request.headers.authorization, "Bearer token");
      if (request.method === "GET") {
        const items = there.map((name) => ({ metadata: { name } }));
        response.end(JSON.stringify({ items }));
        return;
      }
      changes.push(`${request.method ?? ""} ${request.url ?? ""}`);
      if (request.method === "POST") written.push(JSON.parse(body) as Written);
      response.writeHead(status).end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  try {
    await ensureNodes({ server: `http://127.0.0.1:${port}`, ca: "", token: "token" }, wanted);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  return { changes: changes.sort(), written };
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

  it("are written as k3s and the cloud controller would, so that nothing stands in Cilium's way", async () => {
    const { changes, written } = await asked([], nodes);
    assert.deepEqual(changes, Array<string>(3).fill("POST /api/v1/nodes?fieldManager=kubelet"));
    const byName = written.toSorted((one, other) => (one.metadata.name < other.metadata.name ? -1 : 1));
    assert.deepEqual(
      byName.map(({ metadata, spec }) => [metadata.name, spec.providerID, spec.podCIDR, ...spec.podCIDRs]),
      nodes.map(({ id, name }, at) => [name, `hcloud://${id}`, `10.42.${at}.0/24`, `10.42.${at}.0/24`]),
    );
    const seen = {
      nodes: byName.map(({ metadata, spec, status }) => ({
        name: metadata.name,
        kernel: status.nodeInfo.kernelVersion,
        podCidr: spec.podCIDR,
        k3sArgs: JSON.parse(metadata.annotations["k3s.io/node-args"] ?? "[]") as string[],
        flannel: false,
      })),
      daemonSets: [],
      helmCharts: [],
      ciliumConfig: {},
    };
    assert.deepEqual(
      seen.nodes.map(({ k3sArgs }) => k3sArgs[0]),
      ["server", "agent", "agent"],
    );
    const wanted = { version: "1.20.2", nodes: 3, encryption: true, ipam: "kubernetes" } as const;
    assert.deepEqual(runPreflightChecks(wanted, seen, true), []);
  });

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
    it(what, async () => assert.deepEqual((await asked(there, wanted)).changes, changes));

  it("fail the start where the API server refuses one", () =>
    assert.rejects(asked([], nodes, 422), /the API server answers 422/));
});
