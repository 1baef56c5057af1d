import * as assert from "node:assert/strict";

import {
  buildControlPlaneValues,
  inboundPolicies,
  buildTrustManagerValues,
  buildVizValues,
  type MeshValuesArgs,
} from "../../../components/linkerd/linkerd-values";
import { readPath } from "../../invariants/resources";
import type { Values } from "../../harness";

const trustDomain = "cluster.local";

const controlPlane = (args: Partial<MeshValuesArgs> = {}) =>
  buildControlPlaneValues({ trustDomain, ha: false, ...args }) as Values;

const viz = (args: Partial<MeshValuesArgs> = {}) =>
  buildVizValues({ trustDomain, ha: false, ...args }) as Values;

/** The values at these dotted paths; undefined for a value that is not set. */
const pick = (values: Values, ...paths: string[]) =>
  Object.fromEntries(paths.map((path) => [path, readPath(values, path)]));

describe("buildControlPlaneValues", () => {
  it("takes the identity issuer and all webhook certificates from cert-manager", () => {
    const values = controlPlane();
    assert.deepEqual(pick(values, "identityTrustDomain", "identity.externalCA", "identity.issuer.scheme"), {
      identityTrustDomain: trustDomain,
      "identity.externalCA": true,
      "identity.issuer.scheme": "kubernetes.io/tls",
    });
    for (const [webhook, certificate] of [
      ["proxyInjector", "linkerd-proxy-injector"],
      ["profileValidator", "linkerd-sp-validator"],
      ["policyValidator", "linkerd-policy-validator"],
    ] as const)
      assert.deepEqual(values[webhook], { externalSecret: true, injectCaFrom: `linkerd/${certificate}` });
  });

  for (const [ha, replicas, failurePolicy] of [
    [false, 1, "Ignore"],
    [true, 3, "Fail"],
  ] as const)
    it(`runs ${replicas} replicas with webhookFailurePolicy ${failurePolicy} if ha is ${String(ha)}`, () =>
      assert.deepEqual(
        pick(controlPlane({ ha }), "controllerReplicas", "webhookFailurePolicy", "enablePodAntiAffinity"),
        {
          controllerReplicas: replicas,
          webhookFailurePolicy: failurePolicy,
          enablePodAntiAffinity: ha ? true : undefined,
        },
      ));

  it("leaves room on every node for a rolling update with ha", () =>
    assert.equal(readPath(controlPlane({ ha: true }), "deploymentStrategy.rollingUpdate.maxUnavailable"), 1));

  for (const defaultInboundPolicy of [undefined, ...inboundPolicies])
    for (const ha of [false, true])
      it(`sets the default inbound policy ${String(defaultInboundPolicy)}, ha ${String(ha)}`, () => {
        const args = { ha, ...(defaultInboundPolicy && { defaultInboundPolicy }) };
        const { proxy } = controlPlane(args) as { proxy: Values };
        const wanted = defaultInboundPolicy ?? "all-unauthenticated";
        assert.equal(proxy.defaultInboundPolicy, wanted);
      });

  it("takes probes from the given networks only, without an authorization", () => {
    const path = "policyController.probeNetworks";
    assert.equal(readPath(controlPlane(), path), undefined);
    const probeNetworks = ["10.0.0.0/16", "10.42.0.0/16"];
    assert.deepEqual(readPath(controlPlane({ probeNetworks }), path), probeNetworks);
  });

  it("limits the headers of requests to the given size", () => {
    const { proxy } = controlPlane({ maxHeaderBytes: 262_144 }) as { proxy: Values };
    const server = { server: { http2: { maxHeaderListSize: "262144" } } };
    assert.deepEqual([proxy.inbound, proxy.outbound], [server, server]);
    const { proxy: own } = controlPlane() as { proxy: Values };
    assert.deepEqual([own.inbound, own.outbound], [undefined, undefined]);
  });

  it("restarts the policy controller for HTTPRoutes", () => {
    const path = "destinationController.podAnnotations";
    assert.equal(readPath(controlPlane(), path), undefined);
    assert.deepEqual(readPath(controlPlane({ gatewayApi: "v1.6.3" }), path), {
      "gateway.networking.k8s.io/bundle-version": "v1.6.3",
    });
  });

  it("sends the spans of proxies and control plane to a meshed collector", () => {
    const endpoint = "collector.observability:4317";
    const meshIdentity = { serviceAccountName: "collector", namespace: "observability" };
    const values = controlPlane({ tracing: { endpoint, meshIdentity } });
    assert.deepEqual(pick(values, "proxy.tracing", "controller.tracing"), {
      "proxy.tracing": { enabled: true, collector: { endpoint, meshIdentity } },
      "controller.tracing": { enabled: true, collector: { endpoint } },
    });
    assert.deepEqual(pick(controlPlane(), "proxy.tracing", "controller"), {
      "proxy.tracing": undefined,
      controller: undefined,
    });
  });
});

describe("buildTrustManagerValues", () => {
  for (const [ha, replicaCount] of [
    [false, 1],
    [true, 2],
  ] as const)
    it(`runs ${replicaCount} replicas if ha is ${String(ha)}, without access to all Secrets`, () =>
      assert.deepEqual(buildTrustManagerValues({ ha }), {
        replicaCount,
        podDisruptionBudget: { enabled: ha },
        priorityClassName: "system-cluster-critical",
        resources: { requests: { cpu: "10m", memory: "64Mi" } },
        secretTargets: { enabled: false },
      }));
});

describe("buildVizValues", () => {
  it("leaves the labels of the namespace to us, and the dashboard's hosts to the chart", () =>
    assert.deepEqual(pick(viz(), "createNamespaceMetadataJob", "dashboard"), {
      createNamespaceMetadataJob: false,
      dashboard: { resources: { cpu: { request: "10m" }, memory: { request: "64Mi" } } },
    }));

  it("runs three replicas of tap on different nodes with ha", () =>
    assert.deepEqual(pick(viz({ ha: true }), "tap.replicas", "enablePodAntiAffinity"), {
      "tap.replicas": 3,
      enablePodAntiAffinity: true,
    }));

  it("runs its own Prometheus, or uses another", () => {
    const paths = ["prometheus.enabled", "prometheusUrl"] as const;
    assert.deepEqual(Object.values(pick(viz(), ...paths)), [true, undefined]);
    const prometheus = "http://prometheus.monitoring:9090";
    assert.deepEqual(Object.values(pick(viz({ prometheus }), ...paths)), [false, prometheus]);
  });

  describe("with hosts of the dashboard", () => {
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
      "web.linkerd-viz.svc.cluster.local:8084",
    ])
      it(`allows ${host}`, () => assert.match(host, pattern));

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
      it(`rejects ${JSON.stringify(host)}`, () => assert.doesNotMatch(host, pattern));
  });
});
