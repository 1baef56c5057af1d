import * as assert from "node:assert/strict";

import { clouds, start, succeeded } from "../start";
import { demands } from "./origin-history";
import { dns } from "./settings";
import { zoneStates } from "./zone-history";
import { demandsIn, gapsIn, refusalsIn, type World } from "./world";

/** Turning things off, the other stack, and the end. */
export function ending(world: World): void {
  describe("Turning the client certificate and the making of tokens off", () => {
    it("lets the ingress stop asking before the edge stops showing, in one up", async () => {
      const off = await world.up({
        ...dns("business", []),
        originLock: { clientCertificate: false, allowList: true },
        createTokens: false,
        // Else the end would have to begin with an up that lifts it.
        protect: false,
      });
      assert.deepEqual(await refusalsIn(off), []);
      assert.deepEqual(gapsIn(off), []);
      assert.ok(
        demands("prod").findLast(({ at }) => at < off.began)?.cas !== undefined,
        "it still asked when the up began",
      );
      assert.equal(demandsIn(off).at(-1)?.cas, undefined);
    });

    it("leaves neither certificate nor token at Cloudflare; that origins are asked stays on", async () => {
      const { origin_pulls, tokens } = (await clouds.inventory()).cloudflare;
      const { certificates, settings } = origin_pulls;
      assert.deepEqual([certificates, tokens, settings.map(({ enabled }) => enabled)], [[], [], [true]]);
    });
  });

  describe("The zone's other stack", () => {
    it("writes records of its own names, and nothing of the whole zone", async () => {
      const before = await clouds.zoneLog();
      await succeeded(start("up", "--stack", "dev"));
      const changes = (await clouds.zoneLog()).slice(before.length);
      const touched = changes.map(({ kind, op, after }) => `${kind} ${op} ${String(after?.name)}`);
      assert.deepEqual([...new Set(touched)].sort(), [
        "dns_record create *.dev.example.com",
        "dns_record create dev-lb.example.com",
        "dns_record create dev.example.com",
      ]);
    });

    it("leaves the zone to its owner when it goes", async () => {
      const before = zoneStates(await clouds.zoneLog()).length;
      const { output } = await succeeded(start("destroy"));
      const log = await clouds.zoneLog();
      assert.ok(log.slice(before - 1).every(({ kind, op }) => kind === "dns_record" && op === "delete"));
      assert.match(output, /Of the stack dev the clouds and the cluster hold nothing any more\./);
    });
  });

  describe("The end of the stack that owns the zone", () => {
    it("leaves nothing but settings of the zone, and says so", async () => {
      const { output } = await world.destroy();
      const { dnssec, settings, origin_pulls } = (await clouds.inventory()).cloudflare;
      assert.deepEqual(
        dnssec.map(({ status }) => status),
        ["disabled"],
      );
      assert.ok(settings.length > 0);
      assert.match(output, /Of the stack prod the clouds and the cluster hold nothing any more\./);
      const kept = settings.length + origin_pulls.settings.length;
      assert.ok(
        output.includes(
          `Kept at Cloudflare, where a setting of a zone cannot be deleted: ${kept} zone settings.`,
        ),
        output,
      );
    });
  });
}
