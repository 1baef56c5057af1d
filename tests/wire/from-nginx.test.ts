import * as assert from "node:assert/strict";

import { Steady } from "./steady";
import { world } from "./the-world";

describe("going from ingress-nginx to Traefik", () => {
  it("loses none of fifty requests a second", async () => {
    const steady = new Steady(70);
    await world.deploy("traefik");
    const sent = await steady.end();
    assert.ok(sent > 500, `only ${sent} were sent`);
    assert.equal(world.copies("traefik").all.length, 3);
    assert.throws(() => world.copies("nginx"), /not running/);
  });
});

describe("going from Traefik to ingress-nginx and back", () => {
  for (const [index, controller] of (["nginx", "traefik"] as const).entries())
    it(`loses none of fifty requests a second on the way to ${controller}`, async () => {
      const steady = new Steady(71 + index);
      await world.deploy(controller);
      const sent = await steady.end();
      assert.ok(sent > 500, `only ${sent} were sent`);
      assert.equal(world.copies(controller).all.length, 3);
      assert.throws(() => world.copies(controller === "nginx" ? "traefik" : "nginx"), /not running/);
    });
});
