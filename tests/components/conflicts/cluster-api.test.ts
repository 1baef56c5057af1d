import * as assert from "node:assert/strict";
import * as http from "node:http";
import type { AddressInfo } from "node:net";

import { z } from "zod";

import { connectToCluster } from "../../../components/conflicts/cluster-api";

describe("connectToCluster", () => {
  it("retries while the API server returns 429 or 503", async () => {
    const statuses = [429, 503, 200];
    const server = http.createServer((_request, response) => {
      response.writeHead(statuses.shift() ?? 500).end('{"items":[]}');
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const kubeconfig = JSON.stringify({
        "current-context": "a",
        contexts: [{ name: "a", context: { cluster: "a", user: "a" } }],
        clusters: [
          { name: "a", cluster: { server: `http://127.0.0.1:${port}`, "insecure-skip-tls-verify": true } },
        ],
        users: [{ name: "a", user: {} }],
      });
      const get = await connectToCluster(kubeconfig);
      assert.deepEqual(await get("/apis/x", z.object({ items: z.array(z.string()) })), { items: [] });
      assert.deepEqual(statuses, []);
    } finally {
      server.close();
    }
  });
});
