import * as assert from "node:assert/strict";

import type { Recorded } from "../harness";
import { findController, type HealthEndpoint } from "./ingress-controller";
import { readPath, filterByType, type Resources } from "./resources";

/**
 * Load balancer and kubelet check the controller's health endpoint, and the controller accepts connections until both
 * have detected its termination. Behind a LoadBalancer Service, the checks are not ours.
 */
export function assertHealthChecks(resources: Resources): void {
  const listeners = filterByType(resources, "LoadBalancerService").filter(({ inputs }) =>
    [80, 443].includes(inputs.listenPort as number),
  );
  const { healthEndpoint, kubeletPort, acceptSeconds } = findController(resources);
  assert.equal(kubeletPort, healthEndpoint?.port, "the kubelet probes an endpoint that does not exist");
  for (const each of listeners) {
    assert.deepEqual(
      readCheck(each),
      expectedCheck(each, healthEndpoint),
      `${each.name} checks an endpoint that does not exist`,
    );
    const { interval, retries, timeout } = readPath(each.inputs, "healthCheck") as Readonly<
      Record<string, number>
    >;
    const detectedSeconds = Number(interval) * Number(retries) + Number(timeout);
    for (const acceptedSeconds of acceptSeconds)
      assert.ok(
        acceptedSeconds > detectedSeconds,
        `${each.name} detects termination after ${detectedSeconds} s, but connections are accepted for only ${acceptedSeconds} s`,
      );
  }
  if (healthEndpoint)
    for (const accepted of acceptSeconds)
      assert.ok(
        healthEndpoint.readySeconds >= accepted,
        `is unready after ${healthEndpoint.readySeconds} s, and accepts for ${accepted} s`,
      );
}

const readCheck = ({ inputs }: Recorded) => ({
  protocol: readPath(inputs, "healthCheck.protocol"),
  port: readPath(inputs, "healthCheck.port"),
  path: readPath(inputs, "healthCheck.http.path"),
  statusCodes: readPath(inputs, "healthCheck.http.statusCodes"),
});

const expectedCheck = ({ inputs }: Recorded, ping: HealthEndpoint | undefined) =>
  ping
    ? { protocol: "http", port: ping.nodePort, path: ping.path, statusCodes: ["200"] }
    : { protocol: "tcp", port: inputs.destinationPort, path: undefined, statusCodes: undefined };
