import * as assert from "node:assert/strict";
import { mock } from "node:test";

import * as pulumi from "@pulumi/pulumi";

import { hook, resolveInput } from "../../../components/pulumi/hooks";
import { run } from "../../harness";

describe("an error of a hook", () => {
  /** The message of an error that a hook throws. */
  async function messageOf(error: Error): Promise<string> {
    const { result } = await run(() =>
      hook("failing", () => {
        throw error;
      }),
    );
    await assert.rejects(async () => result.callback({} as pulumi.ResourceHookArgs));
    return error.message;
  }

  it("names its line, since the SDK passes the message alone", async () => {
    assert.match(await messageOf(new TypeError("why")), /^why\n +at .*hooks\.test\.ts:\d+:\d+/);
  });

  it("is the message alone if it is meant for the user", async () => {
    assert.equal(await messageOf(new pulumi.RunError("why")), "why");
  });
});

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
