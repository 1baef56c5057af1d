import * as assert from "node:assert/strict";

import { resolveCharts, gatewayApiUrl, gatewayApiVersion, releaseArgs } from "../../components/charts";

describe("resolveCharts", () => {
  const upstream = resolveCharts();

  it("pins every chart to one exact version", () => {
    for (const [name, { version }] of Object.entries(upstream))
      assert.match(version, /^v?\d+\.\d+\.\d+$/, name);
  });

  it("uses one version for all Linkerd charts", () => {
    for (const name of ["linkerd-crds", "linkerd-control-plane", "linkerd-viz"] as const)
      assert.deepEqual(upstream[name], {
        chart: name,
        repositoryOpts: { repo: "https://helm.linkerd.io/edge" },
        version: upstream["linkerd-crds"].version,
      });
  });

  for (const [mirror, base] of [
    ["/var/charts", "/var/charts"],
    ["/var/charts/", "/var/charts"],
    ["oci://registry.example.com/charts//", "oci://registry.example.com/charts"],
  ] as const)
    it(`uses the mirror ${mirror} for every chart, at upstream's version`, () => {
      const charts = resolveCharts(mirror);
      assert.deepEqual(Object.keys(charts), Object.keys(upstream));
      for (const [name, chart] of Object.entries(charts)) {
        const { version } = upstream[name as keyof typeof upstream];
        assert.deepEqual(chart, { chart: `${base}/${name}`, version });
      }
    });
});

describe("gatewayApiUrl", () => {
  for (const [mirror, expected] of [
    [
      undefined,
      `https://github.com/kubernetes-sigs/gateway-api/releases/download/${gatewayApiVersion}/standard-install.yaml`,
    ],
    ["/var/charts", "/var/charts/gateway-api/standard-install.yaml"],
    ["/var/charts//", "/var/charts/gateway-api/standard-install.yaml"],
  ] as const)
    it(`is the standard channel ${mirror === undefined ? "upstream" : `in the mirror ${mirror}`}`, () =>
      assert.equal(gatewayApiUrl(mirror), expected));
});

describe("releaseArgs", () => {
  it("sets atomic and a timeout of ten minutes", () => {
    const chart = { chart: "oci://example.com/x", version: "1.0.0" };
    assert.deepEqual(releaseArgs(chart, { name: "x", namespace: "y", values: { a: 1 } }), {
      ...chart,
      name: "x",
      namespace: "y",
      values: { a: 1 },
      atomic: true,
      timeout: 600,
    });
  });
});
