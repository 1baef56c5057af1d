import * as assert from "node:assert/strict";

import { assertChanged, clouds } from "../start";
import { takeFromToken } from "./account";
import { dns, furtherWith, loadBalancerNamed, wafOnBusiness } from "./settings";
import { shown } from "./zone-history";
import { demandsIn, gapsIn, refusalsIn, type Run, type World } from "./world";

/** The changes as `<kind> <op>`, each once. */
const kinds = ({ changes }: Run) => [...new Set(changes.map(({ kind, op }) => `${kind} ${op}`))].sort();

/** Changes that visitors must not notice. */
export function moves(world: World): void {
  describe("A move to the Business plan", () => {
    it("changes rulesets in place and nothing else, in one up", async () => {
      const moved = await world.up({ ...dns("business"), ...wafOnBusiness() });
      const { update = 0 } = moved.report?.changes ?? {};
      assertChanged(moved, { update });
      // The refresh before it found DNSSEC pending; putting that to rights is one harmless call.
      assert.deepEqual(kinds(moved), ["dnssec update", "ruleset update"]);
      assert.equal(moved.changes.filter(({ kind }) => kind === "ruleset").length, 2);
      assert.deepEqual(gapsIn(moved), []);
      assert.deepEqual(await refusalsIn(moved), []);
    });

    it("is followed by an up that changes nothing", async () => assertChanged(await world.up()));
  });

  describe("A rotation of the origin's CA", () => {
    it("never lets the ingress turn the edge away, nor a name go dark, in one up", async () => {
      const rotated = await world.up({
        originLock: { clientCertificate: true, allowList: true, generation: 2 },
      });
      assert.deepEqual(await refusalsIn(rotated), []);
      assert.deepEqual(gapsIn(rotated), []);
      assert.deepEqual(kinds(rotated), [
        "origin_pull_certificate create",
        "origin_pull_certificate delete",
        "origin_pull_certificate update",
      ]);
      assert.equal(
        new Set(rotated.states.map(shown)).size,
        2,
        "the edge shows the old one, then the new one",
      );
      assert.equal(demandsIn(rotated).at(-1)?.cas?.length, 2, "the ingress trusts the CA before it too");
    });
  });

  describe("A change of records' content and of the load balancer's name", () => {
    it("is made in place, with no name dark at any moment, in one up", async () => {
      const before = await clouds.inventory();
      const changed = await world.up({
        ...dns("business", furtherWith("status", { type: "A", content: "203.0.113.11", proxied: false })),
        ...loadBalancerNamed("k3s-edge-lb"),
      });
      // No more than these two: so the rotation before it had nothing left to do.
      assertChanged(changed, { update: 2 });
      assert.deepEqual(kinds(changed), ["dns_record update"]);
      assert.deepEqual(gapsIn(changed), []);
      const addresses = ({ hetzner }: typeof before) => hetzner.load_balancers.map((one) => one.public_net);
      const after = await clouds.inventory();
      assert.deepEqual(addresses(after), addresses(before));
      assert.deepEqual(
        after.hetzner.load_balancers.map(({ name }) => name),
        ["k3s-edge-lb"],
      );
    });
  });

  describe("An up with a token that lacks a permission which no list of the zone shows", () => {
    const headers = () => wafOnBusiness("SAMEORIGIN");

    it("fails with the name of the permission", async () => {
      await takeFromToken("Zone Transform Rules Write");
      const { code, output, changes } = await world.run("up", headers());
      await takeFromToken();
      assert.notEqual(code, 0);
      const sentence =
        "waf-http_response_headers_transform: the token in cloudflare:apiToken lacks Transform Rules: Edit.";
      assert.ok(output.includes(sentence), output);
      assert.deepEqual(changes, []);
    });

    it("converges as soon as the token has it", async () => assertChanged(await world.up(), { update: 1 }));
  });
}
