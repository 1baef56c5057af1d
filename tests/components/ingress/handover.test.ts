import * as assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import { Handover, waitForDrain } from "../../../components/ingress/handover";
import type { ControllerName } from "../../../components/ingress/controllers";
import { find, run } from "../../harness";
import { listen } from "../../logged";
import { providers } from "../providers";

/** Runs the hook for these old inputs: the seconds that it waits, and its messages. */
async function runHook(oldInputs: object | undefined, controller: ControllerName, acceptSeconds = 60) {
  const slept: number[] = [];
  const hooks: pulumi.ResourceHook[] = [];
  const sleep = (milliseconds: number) => Promise.resolve(slept.push(milliseconds / 1000));
  await run(() => {
    hooks.push(waitForDrain("handover", { controller, acceptSeconds }, sleep));
  });
  const [hook] = hooks as [pulumi.ResourceHook];
  const { logs, quiet } = listen();
  try {
    await hook.callback({
      ...{ urn: "urn:pulumi:test::test::some:type::it", id: "1", name: "it", type: "some:type" },
      ...(oldInputs && { oldInputs }),
    });
  } finally {
    quiet();
  }
  return { slept, messages: logs.map(({ message }) => message), opts: hook.opts };
}

const recorded = (controller: unknown, keepAliveSeconds = "180") => ({
  metadata: {
    annotations: {
      "platform-networking/controller": controller,
      "platform-networking/keep-alive-seconds": keepAliveSeconds,
    },
  },
});

describe("Handover", () => {
  it("records the controller, with a hook before an update", async () => {
    const args = {
      namespace: "production",
      controller: "traefik",
      keepAliveSeconds: 180,
      acceptSeconds: 60,
    } as const;
    const { resources } = await run(() => new Handover("handover", args, { providers: providers() }));
    const { inputs, hooks } = find(resources, ":ConfigMap", "handover");
    const { annotations } = recorded("traefik").metadata;
    assert.deepEqual(inputs.metadata, { name: "routed-by", namespace: "production", annotations });
    assert.deepEqual(hooks.beforeUpdate, ["handover-until-left"]);
  });

  for (const [from, to, seconds] of [
    ["nginx", "traefik", 365],
    ["nginx", "gateway", 365],
    ["gateway", "nginx", 365],
    ["traefik", "gateway", 65],
    ["gateway", "traefik", 65],
  ] as const)
    it(`waits ${seconds} s from ${from} to ${to}, and logs it`, async () => {
      const { slept, messages } = await runHook(recorded(from), to);
      assert.deepEqual(slept, [seconds]);
      assert.deepEqual(messages, [
        `${to} now routes. Waiting for ${seconds} s, until no connection uses the routes of ${from}, before they are ` +
          "deleted.",
      ]);
    });

  it("waits for the keep-alive time of the old controller", async () => {
    assert.deepEqual((await runHook(recorded("nginx", "10"), "traefik")).slept, [25]);
    assert.deepEqual((await runHook(recorded(pulumi.secret("nginx"), "10"), "traefik")).slept, [25]);
  });

  it("waits for the time in which the old pods accept requests", async () =>
    assert.deepEqual((await runHook(recorded("traefik"), "gateway", 12)).slept, [17]));

  it("does not wait if the controller is the same, or the old one is unknown", async () => {
    for (const before of [recorded("traefik"), recorded("traefik", "10"), recorded("caddy"), {}, undefined]) {
      const { slept, messages } = await runHook(before, "traefik");
      assert.deepEqual([slept, messages], [[], []]);
    }
  });

  it("does not run in a preview", async () =>
    assert.notEqual((await runHook(recorded("nginx"), "traefik")).opts?.onDryRun, true));
});
