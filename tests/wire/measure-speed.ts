import * as http from "node:http";

import { browser } from "./network/network-addresses";
import { keepAliveAgent, request, type RequestOptions } from "./browser";
import { kube } from "./deployment";

/** Twenty at a time, for three seconds. @returns requests a second. */
async function perSecond(url: string, wanted: RequestOptions): Promise<number> {
  const began = Date.now();
  let count = 0;
  await Promise.all(
    Array.from({ length: 20 }, async () => {
      while (Date.now() - began < 3000) {
        await request(url, wanted);
        count++;
      }
    }),
  );
  return count / ((Date.now() - began) / 1000);
}

/** Requests a second through the whole path beside those straight to the backend, in words. */
export async function measureSpeed(): Promise<string> {
  const { spec } = (await kube("/api/v1/namespaces/production/services/web-frontend")) as {
    spec: { clusterIP: string };
  };
  const agents = [keepAliveAgent(), new http.Agent({ keepAlive: true, maxSockets: 20 })] as const;
  const through = await perSecond("https://example.com/", { from: browser(50), agent: agents[0] });
  const straight = await perSecond("http://example.com/", {
    from: browser(50),
    at: spec.clusterIP,
    agent: agents[1],
  });
  for (const agent of agents) agent.destroy();
  return `${through.toFixed(0)} requests a second through the path, ${straight.toFixed(0)} straight to the backend: ${(through / straight).toFixed(2)}`;
}
