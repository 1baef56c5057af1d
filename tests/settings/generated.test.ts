import fc from "fast-check";

import { configs } from "./generated";
import { read } from "./configurations";

describe("any valid config", () => {
  it("is accepted", () =>
    fc.assert(
      fc.asyncProperty(configs, async (config) => {
        await read(config);
      }),
      { numRuns: 60 },
    )).timeout(300_000);
});
