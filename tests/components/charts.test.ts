import * as assert from "node:assert/strict";

import { resolveCharts, gatewayApiUrl, gatewayApiVersion, releaseArgs } from "../../components/charts";

describe("chartsFrom", () => {
  const upstream = resolveCharts();

  it("pins every chart to one exact version", () => {
    for (const [name, { version }] of Object.entries(upstream))
      assert.match(version, /^v?\d+\.\d+\.\d+$/, name);
  });

  it("gives all of Linkerd's charts one version, from its own repository", () => {
    for (const name of ["linkerd-crds", "linkerd-control-plane", "linkerd-viz"] as const)
      assert.deepEqual(upstream[name], {
        chart: name,
        repositoryOpts: { repo: "https://helm.linkerd.io/edge" },
        version: upstream["linkerd-crds"].version,
      });
  });

  it("takes external-dns from its own repository", () =>
    assert.deepEqual(upstream["external-dns"], {
      chart: "external-dns",
      repositoryOpts: { repo: "https://kubernetes-sigs.github.io/external-dns/" },
      version: upstream["external-dns"].version,
    }));

  it("takes ingress-nginx from its own repository", () =>
    assert.deepEqual(upstream["ingress-nginx"], {
      chart: "ingress-nginx",
      repositoryOpts: { repo: "https://kubernetes.github.io/ingress-nginx" },
      version: upstream["ingress-nginx"].version,
    }));

  for (const [mirror, base] of [
    ["/var/charts", "/var/charts"],
    ["/var/charts/", "/var/charts"],
    ["oci://registry.example.com/charts//", "oci://registry.example.com/charts"],
  ] as const)
    it(`takes every chart from the mirror ${mirror}, at upstream's version`, () => {
      const charts = resolveCharts(mirror);
      assert.deepEqual(Object.keys(charts), Object.keys(upstream));
      for (const [name, chart] of Object.entries(charts)) {
        const { version } = upstream[name as keyof typeof upstream];
        assert.deepEqual(chart, { chart: `${base}/${name}`, version });
      }
    });
});

describe("gatewayApiFrom", () => {
  for (const [mirror, wanted] of [
    [
      undefined,
      `https://github.com/kubernetes-sigs/gateway-api/releases/download/${gatewayApiVersion}/standard-install.yaml`,
    ],
    ["/var/charts", "/var/charts/gateway-api/standard-install.yaml"],
    ["/var/charts//", "/var/charts/gateway-api/standard-install.yaml"],
  ] as const)
    it(`finds the standard channel ${mirror === undefined ? "where it is published" : `in the mirror ${mirror}`}`, () =>
      assert.equal(gatewayApiUrl(mirror), wanted));
});

describe("release", () => {
  it("is atomic and waits ten minutes", () => {
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
