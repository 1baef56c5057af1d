import * as assert from "node:assert/strict";

import type { World } from "../edge/world";
import { objects, type Finished } from "../start";
import { closing, clusterwide, isOpening } from "./first-up";
import { assertBefore, of } from "./steps";

/** The end of a stack of every kind of app. */
export function ending(world: World): void {
  describe("The end of every kind of app", () => {
    let run: Finished;

    it("comes without anything that it hangs on", async () => {
      run = await world.destroy();
      assert.ok((run.report?.seconds ?? Infinity) < 300, `${run.report?.seconds} s`);
    });

    it("opens the cluster first", () =>
      assertBefore(run, of(clusterwide, closing), isOpening, "what closes before what opens"));

    it("leaves nothing", async () => {
      assert.match(run.output, /Of the stack prod the clouds and the cluster hold nothing any more\./);
      for (const plural of [
        "apis/apps/v1/deployments",
        "apis/autoscaling/v2/horizontalpodautoscalers",
        "apis/cilium.io/v2/ciliumnetworkpolicies",
        "apis/cilium.io/v2/ciliumclusterwidenetworkpolicies",
        "apis/policy.linkerd.io/v1beta3/servers",
        "apis/gateway.networking.k8s.io/v1/httproutes",
      ])
        assert.deepEqual(await objects("prod", plural), [], plural);
    });
  });
}
