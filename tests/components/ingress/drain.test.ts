import * as assert from "node:assert/strict";

import * as fc from "fast-check";

import {
  defaultHealthCheck,
  drainFor,
  failureThresholdFor,
  maxUnreadySeconds,
} from "../../../components/ingress/drain";
import { buildNginxValues } from "../../../components/ingress/controllers/nginx/nginx-values";
import {
  traefikProbe,
  buildTraefikValues,
} from "../../../components/ingress/controllers/traefik/traefik-values";
import { at, resolved, behindService, valuesArgs } from "./args";

/** Any timing that Hetzner accepts. */
const healthCheck = fc.record({
  intervalSeconds: fc.integer({ min: 3, max: 60 }),
  timeoutSeconds: fc.integer({ min: 1, max: 60 }),
  retries: fc.integer({ min: 1, max: 5 }),
});

const probe = fc.record({
  periodSeconds: fc.integer({ min: 1, max: 60 }),
  failureThreshold: fc.integer({ min: 1, max: 10 }),
});

const seconds = (text: unknown): number => Number(String(text).replace(/s$/, ""));

describe("drainFor", () => {
  it("accepts connections until the load balancer has marked the node as unhealthy, and then finishes requests", () => {
    fc.assert(
      fc.property(healthCheck, probe, fc.integer({ min: 0, max: 600 }), (check, readiness, finish) => {
        const unhealthy = check.intervalSeconds * check.retries + check.timeoutSeconds;
        const unready = readiness.periodSeconds * readiness.failureThreshold;
        assert.ok(drainFor(check, finish).acceptSeconds > unhealthy);
        const { acceptSeconds, finishSeconds, graceSeconds } = drainFor(
          check,
          finish,
          maxUnreadySeconds(readiness),
        );
        assert.ok(acceptSeconds > unready + unhealthy);
        assert.equal(finishSeconds, finish);
        assert.ok(graceSeconds > acceptSeconds + finishSeconds);
      }),
    );
  });

  it("depends on the timing of the load balancer's health check", () => {
    const check = { intervalSeconds: 5, timeoutSeconds: 3, retries: 2 };
    const httpCheck = { acceptSeconds: 10 + 3 + 5, finishSeconds: 60, graceSeconds: 83 };
    const tcpCheck = { acceptSeconds: 30 + 10 + 3 + 5, finishSeconds: 60, graceSeconds: 113 };
    assert.deepEqual(drainFor(check, 60), httpCheck);
    assert.deepEqual(drainFor(check, 60, 30), tcpCheck);
  });
});

describe("failureThresholdFor", () => {
  /** The time at which a pod becomes unready whose probe fails from 0 on, if its first probe is at `first`. */
  const unreadyAt = (first: number, periodSeconds: number, failureThreshold: number) =>
    first + periodSeconds * (failureThreshold - 1);

  it("keeps a pod ready while it shuts down, whenever the kubelet probes, but less than two periods longer", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 600 }), fc.integer({ min: 1, max: 60 }), (seconds, period) => {
        const failureThreshold = failureThresholdFor(seconds, { periodSeconds: period });
        assert.ok(unreadyAt(0, period, failureThreshold) >= seconds);
        assert.ok(unreadyAt(period, period, failureThreshold) < seconds + 2 * period);
        assert.ok(unreadyAt(0, period, failureThreshold - 1) < seconds);
      }),
    );
  });
});

describe("a controller's shutdown", () => {
  for (const { what, path, graceful, grace, build } of [
    ...["web", "websecure"].map((port) => ({
      what: `Traefik's ${port} entry point`,
      path: `ports.${port}.transport.lifeCycle.requestAcceptGraceTimeout`,
      graceful: `ports.${port}.transport.lifeCycle.graceTimeOut`,
      grace: "deployment.terminationGracePeriodSeconds",
      build: buildTraefikValues,
    })),
    {
      what: "ingress-nginx",
      path: "controller.extraArgs.shutdown-grace-period",
      graceful: "controller.config.worker-shutdown-timeout",
      grace: "controller.terminationGracePeriodSeconds",
      build: buildNginxValues,
    },
  ])
    it(`of ${what} waits for the load balancer with any health check`, async () => {
      await fc.assert(
        fc.asyncProperty(healthCheck, async (check) => {
          const loadBalancer = { ...valuesArgs.loadBalancer, healthCheck: check };
          const values = await resolved(build({ ...valuesArgs, loadBalancer }));
          const accepting = seconds(at(values, path));
          assert.ok(accepting > check.intervalSeconds * check.retries);
          assert.ok(seconds(at(values, grace)) > accepting + seconds(at(values, graceful)));
        }),
        { numRuns: 25 },
      );
    });

  it("of Traefik behind a Service waits until the pod is unready, and then for the load balancer", async () => {
    const values = await resolved(buildTraefikValues(behindService));
    const { acceptSeconds, graceSeconds } = drainFor(defaultHealthCheck, 60, maxUnreadySeconds(traefikProbe));
    for (const port of ["web", "websecure"]) {
      const path = `ports.${port}.transport.lifeCycle.requestAcceptGraceTimeout`;
      assert.equal(seconds(at(values, path)), acceptSeconds);
    }
    assert.equal(at(values, "deployment.terminationGracePeriodSeconds"), graceSeconds);
  });
});
