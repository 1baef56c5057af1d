import * as assert from "node:assert/strict";

import fc from "fast-check";

import { AppNamespace } from "../../components/app/app-namespace";
import { providers } from "../components/providers";
import { find, run } from "../harness";
import type { Circumstances } from "./declared";
import { engineForSuite } from "./engine";
import { graphs } from "./graphs";
import { defaultDeny, differences, buildWorld } from "./world";

const namespace = "production";

const circumstances: fc.Arbitrary<Circumstances> = fc.record({
  namespace: fc.constant(namespace),
  clusterDefaultDeny: fc.boolean(),
  allowLocalhost: fc.constantFrom("always", "policy"),
});

describe("Cilium with the policies of a call graph", () => {
  const engine = engineForSuite();

  /** How much was asked, and how long it took. */
  const asked = { cases: 0, apps: 0, flows: 0, engineMs: 0, allMs: 0 };
  after(() => {
    const { cases, apps, flows, engineMs, allMs } = asked;
    const each = (total: number) => (total / Math.max(1, cases)).toFixed(0);
    console.log(
      `    ${cases} graphs of ${each(apps)} apps, ${each(flows)} flows in each: ` +
        `${each(allMs)} ms a graph, ${each(engineMs)} of them in the engine`,
    );
  });
  const timed = {
    ask: async (question: Parameters<typeof engine.ask>[0]) => {
      const began = performance.now();
      const decisions = await engine.ask(question);
      asked.engineMs += performance.now() - began;
      asked.flows += decisions.length;
      return decisions;
    },
  };

  it("allows the declared flows and nothing else, for every pair, port and half", async () => {
    await fc.assert(
      fc.asyncProperty(graphs(40), circumstances, async (apps, around) => {
        const began = performance.now();
        const found = await differences(timed, buildWorld(apps, around));
        asked.cases += 1;
        asked.apps += apps.length;
        asked.allMs += performance.now() - began;
        assert.deepEqual(found.slice(0, 5), [], `${found.length} halves of flows differ`);
      }),
      { numRuns: 200 },
    );
  });

  it("gets the default deny that the program registers", async () => {
    const { resources } = await run(
      () => new AppNamespace("apps", { namespace }, { providers: providers() }),
    );
    const { inputs } = find(resources, ":CiliumNetworkPolicy", "apps-default-deny");
    assert.deepEqual(inputs, defaultDeny(namespace));
  });
});
