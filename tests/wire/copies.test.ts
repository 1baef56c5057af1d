import * as assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import { browser } from "./network/network-addresses";
import { assertFails } from "./expect-failure";
import { request } from "./browser";
import { unhealthySeconds } from "./settings";
import { assertNothingLost, SteadyTraffic } from "./steady-traffic";
import { environment } from "./shared-environment";
import { until } from "./wait-until";

/** Requests that each take so many seconds, one after the other led to all copies in turn. */
const slow = (count: number, seconds: number, of: number) =>
  Promise.all(
    Array.from({ length: count }, () =>
      request(`https://example.com/slow?${seconds * 1000}`, { from: browser(of) }).then(
        ({ status }) => status,
        () => 0,
      ),
    ),
  );

describe("a copy of the controller", () => {
  it("dies with its node, and after the health check no request is lost", async () => {
    const copy = environment.copies("traefik").all[2];
    assert.ok(copy !== undefined);
    environment.edge.forget();
    const underWay = slow(6, 3, 60);
    await sleep(1000);
    copy.nodePort.close();
    await copy.program.kill();
    assert.ok(
      (await underWay).some((status) => status !== 200),
      "what is under way on a node that dies is lost: if not, nothing here can tell",
    );
    await until(
      "its leaving",
      () => Promise.resolve(environment.balancer.healthy(443).length === 2),
      unhealthySeconds,
    );
    await assertNothingLost(2, 61);
  });

  it("would go on losing some, if the load balancer did not check", () =>
    environment.twin({ balancer: { checks: false } }, () => assertFails(() => assertNothingLost(2, 62))));

  it("is drained, and no request is lost, the one that takes its time among them", async () => {
    const copy = environment.copies("traefik").all[1];
    assert.ok(copy !== undefined);
    environment.edge.forget();
    const underWay = slow(6, 14, 63);
    await sleep(1000);
    copy.program.signal("SIGTERM");
    const steady = new SteadyTraffic(64);
    assert.deepEqual([...new Set(await underWay)], [200]);
    await copy.program.ended;
    assert.ok((await steady.end()) > 500);
    assert.equal(environment.balancer.healthy(443).length, 1);
  });
});
