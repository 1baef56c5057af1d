import * as assert from "node:assert/strict";
import { mock } from "node:test";

import * as pulumi from "@pulumi/pulumi";

import { resolveInput } from "../../../components/pulumi/hooks";

describe("an input of a hook", () => {
  it("is resolved, if it is a secret too", async () => {
    assert.equal(await resolveInput(pulumi.secret("x")), "x");
  });

  it("fails after half a minute if it never resolves", async () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    try {
      const result = resolveInput(pulumi.output(new Promise<string>(() => undefined)));
      mock.timers.tick(30_000);
      await assert.rejects(result, { message: "an input of a hook has no value after 30 s" });
    } finally {
      mock.timers.reset();
    }
  });
});
