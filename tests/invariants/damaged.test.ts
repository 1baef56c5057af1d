import * as assert from "node:assert/strict";

import { broken, type Damaged } from "./damage";
import { damagedAny } from "./damaged-any";
import { damagedCcm } from "./damaged-ccm";
import { damagedGateway } from "./damaged-gateway";
import { damagedNginx } from "./damaged-nginx";
import { damagedTraefik } from "./damaged-traefik";
import { Whole } from "./whole";

describe("the invariants", () => {
  const check = (whole: Whole, all: readonly Damaged[]) => {
    before(() => whole.make());
    it("hold when nothing is broken", () => whole.check());
    for (const [type, name, damage, complaint] of all)
      it(`complain: ${complaint.source.replaceAll("\\", "")} (${type} ${name})`, () =>
        assert.throws(() => whole.check(broken(type, name, damage)), complaint));
  };
  for (const [controller, its] of [
    ["traefik", damagedTraefik],
    ["nginx", damagedNginx],
    ["gateway", damagedGateway],
  ] as const)
    describe(`with ${controller}`, () => check(new Whole(controller), [...damagedAny, ...its]));
  describe("with a load balancer of the cloud controller manager's", () =>
    check(new Whole("traefik", "ccm"), damagedCcm));
});
