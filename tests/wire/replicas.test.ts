import * as assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import { browser } from "./network/network-addresses";
import { assertFails } from "./expect-failure";
import { request } from "./browser";
import { unhealthySeconds } from "./settings";
import { assertNothingLost, SteadyTraffic } from "./steady-traffic";
import { environment } from "./shared-environment";
import { until } from "./wait-until";

/** Simultaneous requests that take this number of seconds each, balanced over all replicas. */
const slow = (count: number, seconds: number, of: number) =>
  Promise.all(
    Array.from({ length: count }, () =>
      request(`https://example.com/slow?${seconds * 1000}`, { from: browser(of) }).then(
        ({ status }) => status,
        () => 0,
      ),
    ),
  );

describe("a replica of the controller", () => {
  it("fails with its node, and no request is lost after the health check", async () => {
    const replica = environment.replicas("traefik").all[2];
    assert.ok(replica !== undefined);
    environment.edge.forget();
    const underWay = slow(6, 3, 60);
    await sleep(1000);
    replica.nodePort.close();
    await replica.program.kill();
    assert.ok(
      (await underWay).some((status) => status !== 200),
      "no request in flight on the failed node is lost: the test cannot detect losses",
    );
    await until(
      "its removal from the load balancer",
      () => Promise.resolve(environment.balancer.healthy(443).length === 2),
      unhealthySeconds,
    );
    await assertNothingLost(2, 61);
  });

  it("would continue to lose requests without the load balancer's health check", () =>
    environment.withVariant({ balancer: { checks: false } }, () =>
      assertFails(() => assertNothingLost(2, 62)),
    ));

  it("is drained without a lost request, including slow ones", async () => {
    const replica = environment.replicas("traefik").all[1];
    assert.ok(replica !== undefined);
    environment.edge.forget();
    const underWay = slow(6, 14, 63);
    await sleep(1000);
    replica.program.signal("SIGTERM");
    const steady = new SteadyTraffic(64);
    assert.deepEqual([...new Set(await underWay)], [200]);
    await replica.program.ended;
    assert.ok((await steady.end()) > 500);
    assert.equal(environment.balancer.healthy(443).length, 1);
  });
});
