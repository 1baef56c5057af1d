import * as assert from "node:assert/strict";

import { resolveCharts } from "../../../components/charts";
import { nginxProbe, buildNginxValues } from "../../../components/ingress/controllers/nginx/nginx-values";
import {
  platformGateway,
  buildGatewaySpec,
  traefikGatewayClass,
} from "../../../components/ingress/controllers/gateway/platform-gateway";
import {
  traefikProbe,
  buildTraefikValues,
} from "../../../components/ingress/controllers/traefik/traefik-values";
import { valueFaults } from "../../chart-values";
import { chartDefaults, crdSchema } from "../../fixtures/upstream";
import { faultsOf } from "../../json-schema";
import { at, quickCheck, resolved, behindService, withoutProxyProtocol } from "./args";

const full = { ...quickCheck, defaultCertificate: "wildcard-tls", resources: { cpu: "1", memory: "1Gi" } };

describe("the ingress controllers' contract with upstream", () => {
  for (const [what, chart, values] of [
    ["Traefik", "traefik", buildTraefikValues(full)],
    ["Traefik without PROXY protocol", "traefik", buildTraefikValues(withoutProxyProtocol)],
    ["Traefik with Gateway API", "traefik", buildTraefikValues({ ...full, readsGateways: true })],
    ["Traefik behind a Service", "traefik", buildTraefikValues(behindService)],
    [
      "Traefik with Gateway API behind a Service",
      "traefik",
      buildTraefikValues({ ...behindService, readsGateways: true }),
    ],
    ["ingress-nginx", "ingress-nginx", buildNginxValues(full)],
    ["ingress-nginx behind a Service", "ingress-nginx", buildNginxValues(behindService)],
    ["ingress-nginx without PROXY protocol", "ingress-nginx", buildNginxValues(withoutProxyProtocol)],
  ] as const)
    it(`sets no value of ${what} that its chart does not have`, async () => {
      assert.deepEqual(valueFaults(chart, await resolved(values)), []);
    });

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

  it("has a Gateway and a GatewayClass that are valid by their CRDs", () => {
    const { name, namespace } = platformGateway;
    for (const [kind, spec, metadata] of [
      ["Gateway", buildGatewaySpec("wildcard-tls", ["production"]), { name, namespace }],
      ["GatewayClass", traefikGatewayClass, { name }],
    ] as const) {
      const schema = crdSchema("gateway.networking.k8s.io/v1", kind);
      assert.ok(schema);
      assert.deepEqual(faultsOf({ metadata, spec }, schema, { root: schema, closed: true }), []);
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
