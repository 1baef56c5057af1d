import * as assert from "node:assert/strict";

import { SteadyTraffic } from "./steady-traffic";
import { environment } from "./shared-environment";

describe("the change from ingress-nginx to Traefik, back and again", () => {
  for (const [index, controller] of (["traefik", "nginx", "traefik"] as const).entries())
    it(`loses none of fifty requests a second on the way to ${controller}`, async () => {
      const steady = new SteadyTraffic(70 + index);
      await environment.deploy(controller);
      const sent = await steady.end();
      assert.ok(sent > 500, `only ${sent} were sent`);
      assert.equal(environment.replicas(controller).all.length, 3);
      assert.throws(() => environment.replicas(controller === "nginx" ? "traefik" : "nginx"), /not running/);
    });
});
