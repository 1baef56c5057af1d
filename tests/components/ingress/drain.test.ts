import * as assert from "node:assert/strict";

import * as fc from "fast-check";

import { defaultHealthCheck, drainOf } from "../../../components/ingress/drain";
import { nginxProbe, nginxValues } from "../../../components/ingress/nginx-values";
import { traefikProbe, traefikValues } from "../../../components/ingress/traefik-values";
import { at, quickCheck, resolved, valuesArgs } from "./args";

/** Whatever Hetzner takes. */
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

describe("drainOf", () => {
  it("is accepting until the load balancer has found the node without it unhealthy", () => {
    fc.assert(
      fc.property(healthCheck, probe, fc.integer({ min: 0, max: 600 }), (check, readiness, finish) => {
        const { acceptSeconds } = drainOf(check, readiness, finish);
        const unready = readiness.periodSeconds * readiness.failureThreshold;
        const unhealthy = check.intervalSeconds * check.retries + check.timeoutSeconds;
        assert.ok(acceptSeconds > unready + unhealthy);
      }),
    );
  });

  it("is killed only after requests under way had their time", () => {
    fc.assert(
      fc.property(healthCheck, probe, fc.integer({ min: 0, max: 600 }), (check, readiness, finish) => {
        const { acceptSeconds, finishSeconds, graceSeconds } = drainOf(check, readiness, finish);
        assert.equal(finishSeconds, finish);
        assert.ok(graceSeconds > acceptSeconds + finishSeconds);
      }),
    );
  });

  it("is what the load balancer's own timing makes it", () => {
    const check = { intervalSeconds: 5, timeoutSeconds: 3, retries: 2 };
    const drain = { acceptSeconds: 10 + 10 + 3 + 5, finishSeconds: 60, graceSeconds: 93 };
    assert.deepEqual(drainOf(check, { periodSeconds: 10, failureThreshold: 1 }, 60), drain);
  });
});

describe("a controller's end", () => {
  for (const { of, path, graceful, grace, make, readiness } of [
    {
      of: "Traefik's web",
      path: "ports.web.transport.lifeCycle.requestAcceptGraceTimeout",
      graceful: "ports.web.transport.lifeCycle.graceTimeOut",
      grace: "deployment.terminationGracePeriodSeconds",
      make: traefikValues,
      readiness: traefikProbe,
    },
    {
      of: "Traefik's websecure",
      path: "ports.websecure.transport.lifeCycle.requestAcceptGraceTimeout",
      graceful: "ports.websecure.transport.lifeCycle.graceTimeOut",
      grace: "deployment.terminationGracePeriodSeconds",
      make: traefikValues,
      readiness: traefikProbe,
    },
    {
      of: "ingress-nginx",
      path: "controller.extraArgs.shutdown-grace-period",
      graceful: "controller.config.worker-shutdown-timeout",
      grace: "controller.terminationGracePeriodSeconds",
      make: nginxValues,
      readiness: nginxProbe,
    },
  ]) {
    it(`of ${of} waits for the load balancer, whatever its health check is`, async () => {
      await fc.assert(
        fc.asyncProperty(healthCheck, async (check) => {
          const loadBalancer = { ...valuesArgs.loadBalancer, healthCheck: check };
          const values = await resolved(make({ ...valuesArgs, loadBalancer }));
          const accepting = seconds(at(values, path));
          assert.ok(accepting > check.intervalSeconds * check.retries);
          assert.ok(seconds(at(values, grace)) > accepting + seconds(at(values, graceful)));
        }),
        { numRuns: 25 },
      );
    });

    it(`of ${of} counts on the health check that the load balancer has by itself`, async () => {
      const { acceptSeconds } = drainOf(defaultHealthCheck, readiness, 0);
      const [byDefault, quick] = await Promise.all([resolved(make(valuesArgs)), resolved(make(quickCheck))]);
      assert.equal(seconds(at(byDefault, path)), acceptSeconds);
      assert.ok(seconds(at(quick, path)) < acceptSeconds);
    });
  }
});
