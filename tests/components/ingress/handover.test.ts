import * as assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import { Handover, waitForDrain } from "../../../components/ingress/handover";
import type { ControllerName } from "../../../components/ingress/controllers";
import { find, run } from "../../harness";
import { listen } from "../../logged";
import { providers } from "../providers";

/** What is waited for, in seconds, before the ConfigMap of before is changed, and what is said. */
async function waited(oldInputs: object | undefined, controller: ControllerName, acceptSeconds = 60) {
  const slept: number[] = [];
  const made: pulumi.ResourceHook[] = [];
  const sleep = (milliseconds: number) => Promise.resolve(slept.push(milliseconds / 1000));
  await run(() => {
    made.push(waitForDrain("handover", { controller, acceptSeconds }, sleep));
  });
  const [hook] = made as [pulumi.ResourceHook];
  const { logs, quiet } = listen();
  try {
    await hook.callback({
      ...{ urn: "urn:pulumi:test::test::some:type::it", id: "1", name: "it", type: "some:type" },
      ...(oldInputs && { oldInputs }),
    });
  } finally {
    quiet();
  }
  return { slept, said: logs.map(({ message }) => message), opts: hook.opts };
}

const written = (controller: unknown, keepAliveSeconds = "180") => ({
  metadata: {
    annotations: {
      "platform-networking/controller": controller,
      "platform-networking/keep-alive-seconds": keepAliveSeconds,
    },
  },
});

describe("Handover", () => {
  it("writes down who routes, and asks before that is changed", async () => {
    const args = {
      namespace: "production",
      controller: "traefik",
      keepAliveSeconds: 180,
      acceptSeconds: 60,
    } as const;
    const { resources } = await run(() => new Handover("handover", args, { providers: providers() }));
    const { inputs, hooks } = find(resources, ":ConfigMap", "handover");
    const { annotations } = written("traefik").metadata;
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
      const { slept, said } = await waited(written(from), to);
      assert.deepEqual(slept, [seconds]);
      assert.deepEqual(said, [
        `${to} now routes. Waiting for ${seconds} s, until no connection uses the routes of ${from}, before they are ` +
          "deleted.",
      ]);
    });

  it("goes by how long the controller of before keeps a connection", async () => {
    assert.deepEqual((await waited(written("nginx", "10"), "traefik")).slept, [25]);
    assert.deepEqual((await waited(written(pulumi.secret("nginx"), "10"), "traefik")).slept, [25]);
  });

  it("goes by how long the copies of before take requests", async () =>
    assert.deepEqual((await waited(written("traefik"), "gateway", 12)).slept, [17]));

  it("waits for nothing where the same one routes, or nobody knows who did", async () => {
    for (const before of [written("traefik"), written("traefik", "10"), written("caddy"), {}, undefined]) {
      const { slept, said } = await waited(before, "traefik");
      assert.deepEqual([slept, said], [[], []]);
    }
  });

  it("says nothing in a preview", async () =>
    assert.notEqual((await waited(written("nginx"), "traefik")).opts?.onDryRun, true));
});
