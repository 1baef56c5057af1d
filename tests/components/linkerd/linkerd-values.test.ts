import * as assert from "node:assert/strict";

import {
  buildControlPlaneValues,
  inboundPolicies,
  buildTrustManagerValues,
  buildVizValues,
} from "../../../components/linkerd/linkerd-values";

const trustDomain = "cluster.local";
const resources = { cpu: { request: "100m" }, memory: { request: "50Mi", limit: "250Mi" } };

describe("controlPlaneValues", () => {
  const small = {
    identityTrustDomain: "cluster.local",
    identity: { externalCA: true, issuer: { scheme: "kubernetes.io/tls" } },
    proxyInjector: { externalSecret: true, injectCaFrom: "linkerd/linkerd-proxy-injector" },
    profileValidator: { externalSecret: true, injectCaFrom: "linkerd/linkerd-sp-validator" },
    policyValidator: { externalSecret: true, injectCaFrom: "linkerd/linkerd-policy-validator" },
    disableHeartBeat: true,
    proxy: { defaultInboundPolicy: "all-unauthenticated" },
    controllerReplicas: 1,
    webhookFailurePolicy: "Ignore",
  };

  it("runs one copy, without which pods still start", () =>
    assert.deepEqual(buildControlPlaneValues({ trustDomain, ha: false }), small));

  it("runs three copies apart where it is highly available, and lets no pod start without the mesh", () =>
    assert.deepEqual(buildControlPlaneValues({ trustDomain, ha: true }), {
      ...small,
      proxy: {
        defaultInboundPolicy: "all-unauthenticated",
        resources: { cpu: { request: "100m" }, memory: { request: "20Mi", limit: "250Mi" } },
      },
      controllerReplicas: 3,
      webhookFailurePolicy: "Fail",
      highAvailability: true,
      enablePodAntiAffinity: true,
      enablePodDisruptionBudget: true,
      deploymentStrategy: { rollingUpdate: { maxUnavailable: 1, maxSurge: "25%" } },
      controllerResources: resources,
      destinationResources: resources,
      proxyInjectorResources: resources,
      spValidatorResources: resources,
      identityResources: { cpu: { request: "100m" }, memory: { request: "10Mi", limit: "250Mi" } },
    }));

  for (const defaultInboundPolicy of inboundPolicies)
    for (const ha of [false, true])
      it(`lets pods take what ${defaultInboundPolicy} lets in, ha ${String(ha)}`, () => {
        const values = buildControlPlaneValues({ trustDomain, ha, defaultInboundPolicy });
        const { proxy } = values as { proxy: { defaultInboundPolicy: string; resources?: unknown } };
        assert.deepEqual([proxy.defaultInboundPolicy, "resources" in proxy], [defaultInboundPolicy, ha]);
      });

  it("starts the policy controller anew when HTTPRoutes come to shape the mesh's traffic", () => {
    const destinationController = {
      podAnnotations: { "gateway.networking.k8s.io/bundle-version": "v1.6.3" },
    };
    assert.deepEqual(buildControlPlaneValues({ trustDomain, ha: false, gatewayApi: "v1.6.3" }), {
      ...small,
      destinationController,
    });
  });

  it("sends the spans of proxies and control plane to a meshed collector", () => {
    const tracing = {
      endpoint: "collector.observability:4317",
      meshIdentity: { serviceAccountName: "collector", namespace: "observability" },
    };
    assert.deepEqual(buildControlPlaneValues({ trustDomain, ha: false, tracing }), {
      ...small,
      proxy: {
        defaultInboundPolicy: "all-unauthenticated",
        tracing: {
          enabled: true,
          collector: {
            endpoint: "collector.observability:4317",
            meshIdentity: { serviceAccountName: "collector", namespace: "observability" },
          },
        },
      },
      controller: { tracing: { enabled: true, collector: { endpoint: "collector.observability:4317" } } },
    });
  });
});

describe("trustManagerValues", () => {
  for (const [ha, replicaCount] of [
    [false, 1],
    [true, 2],
  ] as const)
    it(`runs ${replicaCount === 1 ? "one copy" : "two copies"}, ha ${String(ha)}, that reads the Secrets of one namespace`, () =>
      assert.deepEqual(buildTrustManagerValues({ ha }), {
        replicaCount,
        podDisruptionBudget: { enabled: ha },
        secretTargets: { enabled: false },
      }));
});

describe("vizValues", () => {
  const small = {
    identityTrustDomain: "cluster.local",
    createNamespaceMetadataJob: false,
    tap: { externalSecret: true, injectCaFrom: "linkerd-viz/tap" },
    tapInjector: { externalSecret: true, injectCaFrom: "linkerd-viz/tap-injector" },
    dashboard: {},
    prometheus: { enabled: true },
  };

  it("has metrics of its own, and a dashboard for those inside", () =>
    assert.deepEqual(buildVizValues({ trustDomain, ha: false }), small));

  it("runs tap in three copies apart where the mesh is highly available", () =>
    assert.deepEqual(buildVizValues({ trustDomain, ha: true }), {
      ...small,
      tap: { ...small.tap, replicas: 3, resources },
      dashboard: { resources },
      prometheus: {
        enabled: true,
        resources: { cpu: { request: "300m" }, memory: { request: "300Mi", limit: "8192Mi" } },
      },
      enablePodAntiAffinity: true,
      enablePodDisruptionBudget: true,
    }));

  it("reads the metrics of another Prometheus, and then runs none", () =>
    assert.deepEqual(
      buildVizValues({ trustDomain, ha: false, prometheus: "http://prometheus.monitoring:9090" }),
      {
        ...small,
        prometheus: { enabled: false },
        prometheusUrl: "http://prometheus.monitoring:9090",
      },
    ));

  describe("with hosts at which the dashboard is reached", () => {
    const { dashboard } = buildVizValues({
      trustDomain,
      ha: false,
      dashboardHosts: ["linkerd.example.com", "mesh.example.org"],
    }) as { dashboard: { enforcedHostRegexp: string } };
    const pattern = new RegExp(dashboard.enforcedHostRegexp);

    for (const host of [
      "linkerd.example.com",
      "linkerd.example.com:443",
      "mesh.example.org",
      "localhost:50750",
      "127.0.0.1:8084",
      "[::1]:8084",
      "web.linkerd-viz.svc",
      "web.linkerd-viz.svc.cluster.local:8084",
    ])
      it(`takes ${host}`, () => assert.match(host, pattern));

    for (const host of [
      "evil.example.com",
      "linkerd.example.com.evil.net",
      "x.linkerd.example.com",
      "linkerdXexample.com",
      "127x0x0x1",
      "linkerd.example.com:x",
      ":",
      "::1",
      "",
    ])
      it(`refuses ${JSON.stringify(host)}`, () => assert.doesNotMatch(host, pattern));
  });
});
