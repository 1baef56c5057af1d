import * as assert from "node:assert/strict";

import type { Recorded } from "../harness";
import { installed, type Ping } from "./installed";
import { at, ofType, type Resources } from "./resources";

/**
 * The load balancer asks what the controller answers, so does the kubelet, and the controller goes on until it has been
 * heard. Behind a Service nobody here makes the checks.
 */
export function theCheckAsksWhatAnswers(resources: Resources): void {
  const doors = ofType(resources, "LoadBalancerService").filter(({ inputs }) =>
    [80, 443].includes(inputs.listenPort as number),
  );
  const { ping, kubelet, acceptSeconds } = installed(resources);
  assert.equal(kubelet, ping?.port, "the kubelet asks where nobody answers");
  for (const each of doors) {
    assert.deepEqual(askedBy(each), answeredTo(each, ping), `${each.name} asks what nobody answers`);
    const { interval, retries, timeout } = at(each.inputs, "healthCheck") as Readonly<Record<string, number>>;
    const noticed = Number(interval) * Number(retries) + Number(timeout);
    for (const accepted of acceptSeconds)
      assert.ok(
        accepted > noticed,
        `${each.name} notices an end after ${noticed} s, which is in ${accepted} s`,
      );
  }
  if (ping)
    for (const accepted of acceptSeconds)
      assert.ok(
        ping.readySeconds >= accepted,
        `is unready after ${ping.readySeconds} s, and accepts for ${accepted} s`,
      );
}

const askedBy = ({ inputs }: Recorded) => ({
  protocol: at(inputs, "healthCheck.protocol"),
  port: at(inputs, "healthCheck.port"),
  path: at(inputs, "healthCheck.http.path"),
  statusCodes: at(inputs, "healthCheck.http.statusCodes"),
});

const answeredTo = ({ inputs }: Recorded, ping: Ping | undefined) =>
  ping
    ? { protocol: "http", port: ping.nodePort, path: ping.path, statusCodes: ["200"] }
    : { protocol: "tcp", port: inputs.destinationPort, path: undefined, statusCodes: undefined };
