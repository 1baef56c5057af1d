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

  it("allows the declared flows and nothing else, for every pair, port and half", () =>
    fc.assert(
      fc.asyncProperty(graphs(40), circumstances, async (apps, around) => {
        const found = await differences(engine, buildWorld(apps, around));
        assert.deepEqual(found.slice(0, 5), [], `${found.length} halves of flows differ`);
      }),
      { numRuns: 200 },
    ));

  it("gets the default deny that the program registers", async () => {
    const { resources } = await run(
      () => new AppNamespace("apps", { namespace }, { providers: providers() }),
    );
    const { inputs } = find(resources, ":CiliumNetworkPolicy", "apps-default-deny");
    assert.deepEqual(inputs, defaultDeny(namespace));
  });
});
