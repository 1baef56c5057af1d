import * as assert from "node:assert/strict";

import { assertChanged, clouds, succeeded } from "../start";
import { inDashboard, limitCalls, takeFromToken, usualLimit } from "./account";
import { shown } from "./zone-history";
import { demandsIn, gapsIn, refusalsIn, zoneId, type Run, type World } from "./world";

interface Named {
  readonly id: string;
}

interface Ruleset extends Named {
  readonly rules: readonly { readonly ref: string }[];
}

/** Records created in the dashboard before the program's first run. */
const ruleset = {
  name: "default",
  kind: "zone",
  phase: "http_ratelimit",
  rules: [
    {
      action: "block",
      expression: '(http.request.uri.path eq "/login")',
      ratelimit: {
        characteristics: ["cf.colo.id", "ip.src"],
        period: 10,
        requests_per_period: 5,
        mitigation_timeout: 10,
      },
    },
  ],
};
const apex = { type: "A", name: "example.com", content: "203.0.113.99", ttl: 1, proxied: true };

/** From a zone that was in use before to one that is as the settings say. */
export function firstUp(world: World): void {
  describe("The first up of the whole edge", () => {
    const standing: Record<string, string> = {};
    let first: Run;
    const idOf = (resource: string) => standing[resource]?.split("/").at(-1) ?? "";

    it("warns in preview of a permission that the zone's list does not show", async () => {
      await takeFromToken("Zone WAF Write");
      const { output } = await world.run("preview");
      await takeFromToken();
      const lines = output.split("\n").map((line) => line.trim());
      assert.equal(
        lines.filter((line) =>
          line.startsWith(
            "warning: cloudflare:apiToken: the token seems to lack Zone WAF: Edit on example.com. Add it at ",
          ),
        ).length,
        1,
        output,
      );
      assert.deepEqual(
        lines.filter((line) => line.startsWith("error: cloudflare:apiToken")),
        [],
      );
    });

    it("reports everything that the dashboard created in one preview, with the import commands", async () => {
      const rules = await inDashboard<Named>("POST", "rulesets", ruleset);
      const record = await inDashboard<Named>("POST", "dns_records", apex);
      const command = /pulumi config set --path 'platform-networking:import\["([^"]+)"\]' (\S+)/g;
      const { code, output, changes } = await world.run("preview");
      assert.notEqual(code, 0);
      assert.deepEqual(changes, []);
      for (const [, resource = "", id = ""] of output.matchAll(command)) standing[resource] = id;
      assert.deepEqual(standing, {
        "dns-example.com": `${zoneId}/${record.id}`,
        "waf-http_ratelimit": `zones/${zoneId}/${rules.id}`,
      });
    });

    it("makes everything in one run, with those commands obeyed and 15 calls in two seconds", async () => {
      await limitCalls({ requests: 15, seconds: 2 });
      first = await world.up({ import: standing });
      await limitCalls(usualLimit);
      const { create = 0 } = first.report?.changes ?? {};
      assert.ok(create > 140, first.output);
      // Both that are taken over are updated, after they have been imported.
      assertChanged(first, { create, update: 2 });
      // Two spans of the limit may touch: twice as much, but no more.
      const times = first.changes.map(({ at }) => Date.parse(at));
      const busiest = times.map((from) => times.filter((at) => at >= from && at < from + 2000).length);
      assert.ok(times.length > 30 && Math.max(...busiest) <= 30, `${times.length}: ${busiest.join(", ")}`);
    });

    it("takes over in place: the same ids, our rules, the load balancer's address", async () => {
      const rules = await inDashboard<Ruleset>("GET", `rulesets/${idOf("waf-http_ratelimit")}`);
      assert.deepEqual(
        rules.rules.map(({ ref }) => ref),
        ["flood"],
      );
      const { hetzner, cloudflare } = await clouds.inventory();
      const record = cloudflare.dns_records.find(({ id }) => id === idOf("dns-example.com"));
      assert.equal(record?.content, hetzner.load_balancers[0]?.public_net.ipv4?.ip);
      assert.equal(record?.proxied, true);
    });

    it("leaves no moment without an answer at the name that was taken over", () => {
      assert.deepEqual(gapsIn(first), []);
      const ops = first.changes.filter(({ id }) => id === idOf("dns-example.com")).map(({ op }) => op);
      assert.deepEqual(ops, ["update"]);
    });

    it("asks for a certificate at the origin only when the edge shows it", async () => {
      assert.deepEqual(await refusalsIn(first), []);
      const last = demandsIn(first).at(-1);
      assert.equal(last?.cas?.length, 1);
      const edge = first.states.at(-1);
      assert.match((edge && shown(edge)) ?? "", /^-----BEGIN CERTIFICATE-----/);
    });

    it("is followed by one that changes nothing", async () => {
      const second = await world.up();
      assertChanged(second);
      assert.deepEqual(second.changes, []);
    });

    it("is followed by a refresh that finds DNSSEC waiting for the registrar, and nothing else", async () => {
      const refreshed = await succeeded(world.run("refresh"));
      assertChanged(refreshed, { update: 1 });
      assert.match(refreshed.output, /ZoneDnssec zone-dnssec.*\[diff: ~status\]/);
    });
  });
}
