import * as assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import { browser } from "./network/network-addresses";
import { fails } from "./broken";
import { visit } from "./browser";
import { unhealthySeconds } from "./settings";
import { losesNothing, Steady } from "./steady";
import { world } from "./the-world";
import { until } from "./until";

/** Requests that each take so many seconds, one after the other led to all copies in turn. */
const slow = (count: number, seconds: number, of: number) =>
  Promise.all(
    Array.from({ length: count }, () =>
      visit(`https://example.com/slow?${seconds * 1000}`, { from: browser(of) }).then(
        ({ status }) => status,
        () => 0,
      ),
    ),
  );

describe("a copy of the controller", () => {
  it("dies with its node, and after the health check no request is lost", async () => {
    const copy = world.copies("traefik").all[2];
    assert.ok(copy !== undefined);
    world.edge.forget();
    const underWay = slow(6, 3, 60);
    await sleep(1000);
    copy.door.shut();
    await copy.program.kill();
    assert.ok(
      (await underWay).some((status) => status !== 200),
      "what is under way on a node that dies is lost: if not, nothing here can tell",
    );
    await until(
      "its leaving",
      () => Promise.resolve(world.balancer.healthy(443).length === 2),
      unhealthySeconds,
    );
    await losesNothing(2, 61);
  });

  it("would go on losing some, if the load balancer did not check", () =>
    world.twin({ balancer: { checks: false } }, () => fails(() => losesNothing(2, 62))));

  it("is drained, and no request is lost, the one that takes its time among them", async () => {
    const copy = world.copies("traefik").all[1];
    assert.ok(copy !== undefined);
    world.edge.forget();
    const underWay = slow(6, 14, 63);
    await sleep(1000);
    copy.program.signal("SIGTERM");
    const steady = new Steady(64);
    assert.deepEqual([...new Set(await underWay)], [200]);
    await copy.program.ended;
    assert.ok((await steady.end()) > 500);
    assert.equal(world.balancer.healthy(443).length, 1);
  });
});
