import * as fs from "node:fs";
import * as path from "node:path";

import { root, runProgram, secretConfig, yamlFile, type StackConfig } from "./config";
import { assertInvariants, buildExpected, cloudResponses } from "./invariants/all";

describe("each of the examples", () => {
  for (const file of fs.readdirSync(path.join(root, "examples")).filter((each) => each.endsWith(".yaml")))
    it(`${file} satisfies every invariant`, async () => {
      const { config } = yamlFile(path.join("examples", file)) as { config: StackConfig };
      const all = { ...config, ...secretConfig };
      const run = await runProgram(all, { answers: cloudResponses });
      assertInvariants(run, buildExpected(all, run.result));
    });
});
