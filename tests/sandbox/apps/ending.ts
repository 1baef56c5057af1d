import * as assert from "node:assert/strict";

import type { World } from "../edge/world";
import { type Finished } from "../start";
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

    it("leaves nothing", () =>
      assert.match(run.output, /Of the stack prod the clouds and the cluster hold nothing any more\./));
  });
}
