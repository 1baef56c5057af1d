import * as assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import { untilAllReadGateways, untilLeft, type Sleep } from "../../../components/ingress/until-left";
import { run } from "../../harness";
import { listen } from "../../logged";

/** What a hook waits for after an update from one kind of inputs to another, and what it says. */
async function waited(
  hookOf: (sleep: Sleep) => pulumi.ResourceHook,
  oldInputs: object | undefined,
  newInputs: object,
) {
  const slept: number[] = [];
  const made: pulumi.ResourceHook[] = [];
  await run(() => {
    made.push(hookOf((milliseconds) => Promise.resolve(slept.push(milliseconds))));
  });
  const [hook] = made as [pulumi.ResourceHook];
  const { logs, quiet } = listen();
  try {
    await hook.callback({
      ...{ urn: "urn:pulumi:test::test::some:type::it", id: "1", name: "it", type: "some:type" },
      ...(oldInputs && { oldInputs }),
      newInputs,
    });
  } finally {
    quiet();
  }
  return { slept, logs, opts: hook.opts };
}

const door = (keepAliveSeconds: number) => (sleep: Sleep) => untilLeft("door", keepAliveSeconds, sleep);
const to = (destinationPort: unknown, more: object = {}) => ({ destinationPort, ...more });

describe("after an update of a service of the load balancer", () => {
  for (const [keepAliveSeconds, seconds] of [
    [10, 25],
    [180, 365],
  ] as const)
    it(`that turned it to another controller, ${seconds} s pass where connections are kept for ${keepAliveSeconds} s`, async () => {
      const { slept, logs } = await waited(door(keepAliveSeconds), to(31443), to(30443));
      assert.deepEqual(slept, [seconds * 1000]);
      assert.deepEqual(logs, [
        {
          severity: "info",
          message:
            `it leads to another port: waiting for ${seconds} s, until no connection is kept by the controller that had ` +
            "the one before, and only then deleting what that routes by.",
        },
      ]);
    });

  it("no time passes where it leads to the same port", async () => {
    for (const [before, after] of [
      [to(30443), to(30443)],
      [to(30443, { proxyprotocol: true }), to(30443, { proxyprotocol: false })],
      [to(pulumi.secret(30443)), to(30443)],
    ] as const) {
      const { slept, logs } = await waited(door(180), before, after);
      assert.deepEqual([slept, logs], [[], []]);
    }
  });

  it("nothing is said in a preview", async () => {
    const { opts } = await waited(door(180), to(1), to(2));
    assert.notEqual(opts?.onDryRun, true);
  });
});

const traefik = (sleep: Sleep) => untilAllReadGateways("traefik", 70, sleep);
const release = (...providers: string[]) => ({
  values: { providers: Object.fromEntries(providers.map((each) => [each, { enabled: true }])) },
});
const both = release("kubernetesIngress", "kubernetesGateway");
const ingresses = release("kubernetesIngress");

describe("after an update of Traefik", () => {
  it("that made it read Gateways, time passes until pods that read none take no more requests", async () => {
    for (const before of [ingresses, { values: pulumi.secret(ingresses.values) }, {}]) {
      const { slept, logs } = await waited(traefik, before, both);
      assert.deepEqual(slept, [75_000]);
      assert.deepEqual(logs, [
        {
          severity: "info",
          message:
            "it reads HTTPRoutes from now on: waiting for 75 s, until its pods of before, which do not, take no more " +
            "requests, and only then deleting what those route by.",
        },
      ]);
    }
  });

  it("no time passes where it reads the same, or fewer", async () => {
    for (const [before, after] of [
      [ingresses, ingresses],
      [both, both],
      [both, { values: pulumi.secret(both.values) }],
      [both, ingresses],
    ] as const) {
      const { slept, logs } = await waited(traefik, before, after);
      assert.deepEqual([slept, logs], [[], []]);
    }
  });

  it("nothing is said in a preview", async () => {
    const { opts } = await waited(traefik, ingresses, both);
    assert.notEqual(opts?.onDryRun, true);
  });
});
