import * as assert from "node:assert/strict";

import { SteadyTraffic } from "./steady-traffic";
import { environment } from "./shared-environment";

describe("going from ingress-nginx to Traefik", () => {
  it("loses none of fifty requests a second", async () => {
    const steady = new SteadyTraffic(70);
    await environment.deploy("traefik");
    const sent = await steady.end();
    assert.ok(sent > 500, `only ${sent} were sent`);
    assert.equal(environment.copies("traefik").all.length, 3);
    assert.throws(() => environment.copies("nginx"), /not running/);
  });
});

describe("going from Traefik to ingress-nginx and back", () => {
  for (const [index, controller] of (["nginx", "traefik"] as const).entries())
    it(`loses none of fifty requests a second on the way to ${controller}`, async () => {
      const steady = new SteadyTraffic(71 + index);
      await environment.deploy(controller);
      const sent = await steady.end();
      assert.ok(sent > 500, `only ${sent} were sent`);
      assert.equal(environment.copies(controller).all.length, 3);
      assert.throws(() => environment.copies(controller === "nginx" ? "traefik" : "nginx"), /not running/);
    });
});
