import * as assert from "node:assert/strict";

import type { Run, World } from "../edge/world";
import { assertChanged, succeeded } from "../start";
import { rich } from "./settings";
import { assertBefore, of, stepsOf, type Step } from "./steps";

export const clusterwide = "CiliumClusterwideNetworkPolicy";
export const closing = "cilium-platform-default-deny";

/** The policy that denies the metadata service, whether the cluster is closed or not. */
const denying = "cilium-platform-no-metadata";

/** A policy that opens a part of the closed cluster. */
export const isOpening = ({ kind, name }: Step): boolean =>
  kind === clusterwide && name !== closing && name !== denying;

/** From the plain stack to one of every kind of app. */
export function firstUp(world: World): void {
  describe("The first up of the stack, and one more that gives it every kind of app", () => {
    const runs: Run[] = [];

    it("only makes, and then makes and changes, and neither replaces nor deletes anything", async () => {
      const plain = await world.up();
      const full = await world.up(rich);
      runs.push(plain, full);
      const { create: made = 0 } = plain.report?.changes ?? {};
      const { create = 0, update = 0 } = full.report?.changes ?? {};
      assertChanged(plain, { create: made });
      assertChanged(full, { create, update });
      assert.ok(made > 130 && create > 60, `${made} and ${create} made`);
    });

    it("closes the cluster when all is there that keeps it alive", () => {
      const [, full] = runs;
      assert.ok(full);
      const made = stepsOf(full).filter((step) => isOpening(step) && step.what === "created");
      assert.equal(made.length, 2);
      assertBefore(full, isOpening, of(clusterwide, closing), "what opens before what closes");
    });

    it("gives the canary its share when there is one", () => {
      const [, full] = runs;
      assert.ok(full);
      const routes = of("HTTPRoute", "auth-service/mesh", "auth-service/mesh/users");
      assertBefore(
        full,
        of("Service", "auth-service-canary"),
        routes,
        "the canary's Service before the routes",
      );
    });

    it("is followed by one that changes nothing, and by a refresh that finds no drift", async () => {
      assertChanged(await world.up());
      assertChanged(await succeeded(world.run("refresh")));
    });
  });
}
