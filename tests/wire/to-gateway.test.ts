import * as assert from "node:assert/strict";

import { browser, addresses } from "./network/network-addresses";
import { applyChanges, assertFailsSoon } from "./expect-failure";
import { keepAliveAgent, request } from "./browser";
import {
  assertRequiresPassword,
  assertForgedHeadersIgnored,
  assertForgedHeadersIgnoredPastTheEdge,
  pastTheEdge,
  assertReachesApi,
  assertRefusesOldTls,
  assertClientAddress,
} from "./checks";
import { kube } from "./deployment";
import { canaryWeight } from "./settings";
import { SteadyTraffic } from "./steady-traffic";
import { environment } from "./shared-environment";

describe("the change from Traefik's Ingresses to Gateway API", () => {
  it("loses none of fifty requests a second", async () => {
    const steady = new SteadyTraffic(80);
    await environment.deploy("gateway");
    assert.ok((await steady.end()) > 500);
  });

  it("changes nothing for browsers and apps", async () => {
    await assertReachesApi();
    await assertClientAddress();
    await assertForgedHeadersIgnored();
    await assertForgedHeadersIgnoredPastTheEdge(environment);
    await assertRequiresPassword(environment, "grafana");
    await assertRefusesOldTls(environment);
  });

  it("admits only the edge", async () => {
    const past = pastTheEdge(environment);
    assert.equal((await request("https://example.com/", past)).status, 200);
    assert.equal((await request("https://example.com/", { ...past, from: addresses.stranger })).status, 403);
  });
});

/** Sends a thousand requests. @returns the number that the canary serves. */
async function countCanaryRequests(): Promise<number> {
  const agent = keepAliveAgent();
  let left = 1000;
  let canary = 0;
  await Promise.all(
    Array.from({ length: 20 }, async () => {
      while (left-- > 0) {
        const { status, seen } = await request("https://shop.example.com/", { from: browser(81), agent });
        assert.equal(status, 200);
        if (seen?.app === "shop-canary") canary++;
        else assert.equal(seen?.app, "shop");
      }
    }),
  );
  agent.destroy();
  return canary;
}

/** Asserts that the canary gets its share of the requests, within a quarter of the weight. */
async function assertCanaryShare(): Promise<void> {
  const canary = await countCanaryRequests();
  assert.ok(
    Math.abs(canary - canaryWeight * 10) <= canaryWeight * 2.5,
    `${canary} of 1000 reached the canary`,
  );
}

describe(`a canary with the weight ${canaryWeight}`, () => {
  it("gets 150 to 250 of 1,000 requests from Traefik", assertCanaryShare);

  it("would get another number with another weight", async () => {
    const at = "/apis/gateway.networking.k8s.io/v1/namespaces/production/httproutes/shop-shop-example-com";
    const { spec } = (await kube(at)) as {
      spec: { rules: readonly { backendRefs: readonly { name: string; weight: number }[] }[] };
    };
    const rules = spec.rules.map(({ backendRefs, ...rule }) => ({
      ...rule,
      backendRefs: backendRefs.map((ref) => ({ ...ref, weight: 50 })),
    }));
    const putBack = await applyChanges([{ at, change: { spec: { rules } } }]);
    await assertFailsSoon(assertCanaryShare).finally(putBack);
  });
});
