import * as assert from "node:assert/strict";

import { resolveCharts } from "../../../components/charts";
import { nginxProbe } from "../../../components/ingress/controllers/nginx/nginx-values";
import { traefikProbe } from "../../../components/ingress/controllers/traefik/traefik-values";
import { chartDefaults } from "../../fixtures/upstream";
import { at } from "./args";

describe("the ingress controllers' contract with upstream", () => {
  it("uses the readiness probes of the charts", () => {
    for (const [chart, probe, wanted] of [
      ["traefik", "readinessProbe", traefikProbe],
      ["ingress-nginx", "controller.readinessProbe", nginxProbe],
    ] as const) {
      const given = at(chartDefaults(chart)[0], probe) as typeof wanted;
      const { periodSeconds, failureThreshold } = given;
      assert.deepEqual({ periodSeconds, failureThreshold }, wanted, chart);
    }
  });

  it("pins the chart version of ingress-nginx that the fixtures are from", () => {
    const { controller } = chartDefaults("ingress-nginx")[0] as {
      controller: { image: { tag: string } };
    };
    // Version 4.15.1 of the chart installs v1.15.1.
    const [, minor = "", patch = ""] = /^v1\.(\d+)\.(\d+)$/.exec(controller.image.tag) ?? [];
    assert.equal(resolveCharts()["ingress-nginx"].version, `4.${minor}.${patch}`);
  });
});
