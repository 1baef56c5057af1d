import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { withController } from "./controllers/settings";
import { assertChanged, emptySandbox, stackFile, start, succeeded, type Finished } from "./start";

const hosts = ["admin", "api", "grafana", "www"].map((name) => `${name}.example.com`).concat("example.com");

/** When, by lines of what the engine printed, `what` was done to each host's rule of that kind. */
function moments({ output }: Finished, kind: RegExp, what: "created" | "deleted"): number[] {
  const lines = output.split("\n");
  return hosts.map((host) =>
    lines.findIndex((line) => kind.test(line) && line.includes(`-${host}`) && line.includes(` ${what} `)),
  );
}

const namespaces = { traefik: "traefik", nginx: "ingress-nginx", gateway: "traefik" } as const;

const rules: Readonly<Record<string, RegExp>> = {
  traefik: /:Ingress (?!.*-nginx )/,
  nginx: /:Ingress .*-nginx /,
  gateway: /:HTTPRoute /,
};

describe("the controllers in the sandbox", () => {
  const folder = emptySandbox();
  const up = (controller: string): Promise<Finished> => {
    const file = path.join(folder, `${controller}.yaml`);
    fs.writeFileSync(file, stackFile("prod", withController(controller)));
    return succeeded(start("up", "--stack", "prod", "--stack-file", file, "--save-at-end"));
  };

  it("takes everything that Traefik is told", async () => {
    const made = await up("traefik");
    assert.ok(moments(made, rules.traefik ?? /^$/, "created").every((line) => line >= 0));
  });

  // Traefik and its Gateway are one installation: between the two the load balancer has nowhere to turn to.
  for (const [from, to, turns] of [
    ["traefik", "nginx", 2],
    ["nginx", "gateway", 2],
    ["gateway", "traefik", 0],
  ] as const)
    it(`goes from ${from} to ${to} by one word, and no host is without a rule for a moment`, async () => {
      const moved = await up(to);
      const lines = moved.output.split("\n");
      const created = moments(moved, rules[to] ?? /^$/, "created");
      const deleted = moments(moved, rules[from] ?? /^$/, "deleted");
      assert.ok(
        [...created, ...deleted].every((line) => line >= 0),
        moved.output,
      );
      const turned = lines
        .map((line, index) => (/LoadBalancerService .* updated /.test(line) ? index : -1))
        .filter((line) => line >= 0);
      assert.equal(turned.length, turns);
      assert.ok(
        Math.max(...created) < Math.min(...turned, ...deleted),
        "a rule went before the new one came",
      );
      assert.ok(
        Math.max(-1, ...turned) < Math.min(...deleted),
        "a rule went before the load balancer turned",
      );
      // An app admits both controllers in between, and only the new one after it.
      if (turns === 0) return;
      const at = (namespace: string, what: "created" | "deleted") =>
        ["api-gateway-policy", "api-gateway-8080-ingress", "api-gateway-ingress", "cilium-platform"].map(
          (prefix) =>
            lines.findIndex(
              (line) => line.includes(` ${prefix}-${namespace} `) && line.includes(` ${what} `),
            ),
        );
      const [admitted, refused] = [at(namespaces[to], "created"), at(namespaces[from], "deleted")];
      assert.ok(Math.min(...admitted, ...refused) >= 0, moved.output);
      assert.ok(
        Math.max(...admitted) < Math.min(...turned),
        "the load balancer turned to a controller that was refused",
      );
      assert.ok(Math.max(...turned) < Math.min(...refused), "the controller in use was refused");
    });

  it("is left alone by a second up", async () => {
    assertChanged(await up("traefik"));
  });
});
