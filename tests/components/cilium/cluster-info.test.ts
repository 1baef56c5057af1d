import * as assert from "node:assert/strict";
import * as http from "node:http";
import type { AddressInfo } from "node:net";

import { inspectCluster } from "../../../components/cilium/cluster-info";

/** Responses of an API server by path: a status or an object. Other paths are 404. */
type Responses = Readonly<Record<string, object | number>>;

/** Calls `use` with a kubeconfig of an API server with these responses; returns the requests with their tokens. */
async function withApiServer(
  responses: Responses,
  use: (kubeconfig: string) => Promise<void>,
): Promise<string[]> {
  const requests: string[] = [];
  const server = http.createServer((request, reply) => {
    requests.push(`${request.method ?? ""} ${request.url ?? ""} ${request.headers.authorization ?? ""}`);
    const response = responses[request.url ?? ""] ?? 404;
    reply.writeHead(typeof response === "number" ? response : 200).end(JSON.stringify(response));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  try {
    await use(kubeconfig(`http://127.0.0.1:${port}`));
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  return requests.sort();
}

const kubeconfig = (server: string): string =>
  JSON.stringify({
    clusters: [{ name: "c", cluster: { server, "insecure-skip-tls-verify": true } }],
    users: [{ name: "u", user: { token: "secret-token" } }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
    "current-context": "x",
  });

const paths = {
  nodes: "/api/v1/nodes",
  daemonSets: "/apis/apps/v1/namespaces/kube-system/daemonsets",
  helmCharts: "/apis/helm.cattle.io/v1/namespaces/kube-system/helmcharts",
  config: "/api/v1/namespaces/kube-system/configmaps/cilium-config",
};

const daemonSet = (name: string, ...images: string[]) => ({
  metadata: { name },
  spec: { template: { spec: { containers: images.map((image) => ({ image })) } } },
});

const allocatable = { cpu: "1900m", memory: "3919428Ki", pods: "110" };

const allResponses: Responses = {
  [paths.nodes]: {
    items: [
      {
        metadata: {
          name: "s1",
          annotations: {
            "k3s.io/node-args": '["server","--flannel-backend","none"]',
            "flannel.alpha.coreos.com/backend-type": "vxlan",
          },
        },
        spec: { podCIDR: "10.42.0.0/24", providerID: "hcloud://1" },
        status: { nodeInfo: { kernelVersion: "6.8.0-45-generic" }, allocatable },
      },
      {
        metadata: { name: "bare" },
        spec: {},
        status: { nodeInfo: { kernelVersion: "5.10.0" }, allocatable },
      },
    ],
  },
  [paths.daemonSets]: { items: [daemonSet("cilium", "quay.io/cilium/cilium:v1.20.2", "second:1")] },
  [paths.helmCharts]: { items: [{ metadata: { name: "traefik" }, spec: {} }] },
  [paths.config]: { data: { ipam: "kubernetes" } },
};

describe("inspectCluster", () => {
  it("returns nodes, DaemonSets, HelmCharts of k3s and the configuration of Cilium", async () => {
    const requests = await withApiServer(allResponses, async (config) =>
      assert.deepEqual(await inspectCluster(config), {
        nodes: [
          {
            name: "s1",
            kernel: "6.8.0-45-generic",
            podCidr: "10.42.0.0/24",
            k3sArgs: ["server", "--flannel-backend", "none"],
            flannel: true,
            allocatable: { cpu: "1900m", memory: "3919428Ki" },
          },
          {
            name: "bare",
            kernel: "5.10.0",
            podCidr: undefined,
            k3sArgs: undefined,
            flannel: false,
            allocatable: { cpu: "1900m", memory: "3919428Ki" },
          },
        ],
        daemonSets: [{ name: "cilium", image: "quay.io/cilium/cilium:v1.20.2" }],
        helmCharts: ["traefik"],
        ciliumConfig: { ipam: "kubernetes" },
      }),
    );
    assert.deepEqual(
      requests,
      Object.values(paths)
        .map((path) => `GET ${path} Bearer secret-token`)
        .sort(),
    );
  });

  it("inspects a cluster without k3s and without Cilium", async () => {
    const nothing = { [paths.helmCharts]: 404, [paths.config]: 404 };
    await withApiServer({ ...allResponses, ...nothing }, async (config) => {
      const { helmCharts, ciliumConfig } = await inspectCluster(config);
      assert.deepEqual([helmCharts, ciliumConfig], [[], {}]);
    });
  });

  for (const [path, status] of [
    [paths.nodes, 404],
    [paths.nodes, 403],
    [paths.daemonSets, 500],
    [paths.helmCharts, 403],
  ] as const)
    it(`fails on ${status} at ${path}`, async () => {
      await withApiServer({ ...allResponses, [path]: status }, async (config) => {
        await assert.rejects(inspectCluster(config), { message: `GET ${path} returned ${status}` });
      });
    });

  it("fails if the API server is unreachable, without the token in the message", async () => {
    let stopped = "";
    await withApiServer({}, (config) => Promise.resolve(void (stopped = config)));
    await assert.rejects(inspectCluster(stopped), (error: Error) => {
      assert.match(error.message, /ECONNREFUSED/);
      assert.equal(error.message.includes("secret-token"), false);
      return true;
    });
  });

  it("fails if the kubeconfig has no cluster", () =>
    assert.rejects(
      inspectCluster(JSON.stringify({ clusters: [], contexts: [], users: [], "current-context": "x" })),
      {
        message: "the kubeconfig has no cluster for its current context",
      },
    ));
});
