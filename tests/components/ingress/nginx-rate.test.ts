import * as assert from "node:assert/strict";

import fc from "fast-check";

import { parseDurationMs } from "../../../components/ingress/units";
import { nginxRate, renderForNginx } from "../../../components/ingress/controllers/nginx/nginx-routes";

describe("parseDurationMs", () => {
  for (const [duration, is] of [
    ["1ms", 1],
    ["1s", 1000],
    ["1m", 60_000],
    ["1h", 3_600_000],
    ["1h30m", 5_400_000],
    ["1m500ms", 60_500],
    ["0s", 0],
  ] as const)
    it(`returns ${is} for ${duration}`, () => assert.equal(parseDurationMs(duration), is));

  for (const duration of ["", "1", "s", "1 s", "1d", "-1s"])
    it(`returns NaN for "${duration}"`, () => assert.ok(Number.isNaN(parseDurationMs(duration))));
});

describe("nginxRate", () => {
  const table: [requests: number, period: string, burst: number | undefined, as: string | undefined][] = [
    [100, "1m", undefined, "limit-rpm 100 x1"],
    [10, "1s", undefined, "limit-rps 10 x5"],
    [60, "1m", 59, "limit-rps 1 x59"],
    [90, "1m", 91, undefined],
    [6000, "1h", 200, "limit-rpm 100 x2"],
    [1, "100ms", 20, "limit-rps 10 x2"],
    [3, "2s", 90, "limit-rpm 90 x1"],
  ];
  for (const [requests, period, burst, as] of table)
    it(`of ${requests} in ${period}, burst ${burst ?? "default"}, is ${as ?? "undefined"}`, () => {
      const rate = nginxRate({ requests, period, burst });
      assert.equal(rate && `${rate.annotation} ${rate.limit} x${rate.multiplier}`, as);
    });

  it("equals the route's rate and burst for any values", () => {
    const seconds = { "limit-rps": 1, "limit-rpm": 60 };
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.integer({ min: 1, max: 7200 }),
        fc.integer({ min: 1, max: 1000 }),
        (requests, period, burst) => {
          const rate = nginxRate({ requests, period: `${period}s`, burst });
          const perMinute = (requests * 60) / period;
          const isCounted = Number.isInteger(perMinute) && burst % perMinute === 0;
          const perSecond = requests / period;
          const isCountedFinely = Number.isInteger(perSecond) && burst % perSecond === 0;
          assert.equal(rate !== undefined, isCounted || isCountedFinely);
          if (rate === undefined) return;
          assert.equal(rate.limit * period, requests * seconds[rate.annotation]);
          assert.equal(rate.limit * rate.multiplier, burst);
        },
      ),
    );
  });

  it("throws for a rate that validation must reject", () => {
    const route = {
      host: "api.example.com",
      paths: [],
      proxied: true,
      dns: "pulumi",
      rateLimit: { requests: 1, period: "2m" },
    } as const;
    const [rule] = renderForNginx({ name: "api", servicePort: 80, routes: [route] }).routes;
    assert.ok(rule?.kind === "Ingress");
    assert.throws(
      () => rule.annotations({ namespace: "production", originLock: {} }),
      /must have rejected it/,
    );
  });
});
