import * as assert from "node:assert/strict";

import { buildTraefikValues } from "../../../components/ingress/controllers/traefik/traefik-values";
import {
  at,
  edgeCidrs,
  quickCheck,
  resolved,
  publicTargets,
  behindService,
  valuesArgs,
  withoutProxyProtocol,
} from "./args";

const nothing = undefined;
const trusted = { trustedIPs: ["10.0.0.9/32"] };
const redirect = { redirections: { entryPoint: { to: "websecure", scheme: "https", permanent: true } } };
const transport = (readTimeout: string) => ({
  lifeCycle: { requestAcceptGraceTimeout: "60s", graceTimeOut: "60s" },
  respondingTimeouts: { readTimeout, idleTimeout: "180s" },
  keepAliveMaxTime: "180s",
});

/** Each value, where it is, and why it is there. */
const rows: readonly (readonly [what: string, path: string, wanted: unknown])[] = [
  ["listens on the node ports that the load balancer sends to: HTTP", "ports.web.nodePort", 30080],
  ["listens on the node ports that the load balancer sends to: HTTPS", "ports.websecure.nodePort", 30443],
  [
    "keeps nodes that do not run it out of the load balancer",
    "service",
    { spec: { type: "NodePort", externalTrafficPolicy: "Local" } },
  ],
  ["sends plain HTTP to HTTPS", "ports.web.http", redirect],
  [
    "ends TLS",
    "ports.websecure.http",
    { tls: { enabled: true }, middlewares: ["traefik-client-address@kubernetescrd"] },
  ],
  ["takes no router to other ports than HTTPS", "ports.websecure.asDefault", true],
  ["takes TLS of 1.2 or newer", "tlsOptions", { default: { minVersion: "VersionTLS12" } }],
  ["never falls back to weaker TLS options", "core", { strictTLSOptions: true }],
  ["believes the load balancer's PROXY protocol header: HTTP", "ports.web.proxyProtocol", trusted],
  ["believes the load balancer's PROXY protocol header: HTTPS", "ports.websecure.proxyProtocol", trusted],
  ["believes Cloudflare's X-Forwarded-For: HTTP", "ports.web.forwardedHeaders", { trustedIPs: edgeCidrs }],
  [
    "believes Cloudflare's X-Forwarded-For: HTTPS",
    "ports.websecure.forwardedHeaders",
    { trustedIPs: edgeCidrs },
  ],
  [
    "outlasts the health check, and keeps no connection for ever: HTTP",
    "ports.web.transport",
    transport("10s"),
  ],
  [
    "outlasts the health check, and keeps no connection for ever: HTTPS",
    "ports.websecure.transport",
    transport("3600s"),
  ],
  ["is given the time for it", "deployment.terminationGracePeriodSeconds", 125],
  [
    "says to the load balancer whether it takes connections",
    "additionalArguments",
    ["--ping.entryPoint=web"],
  ],
  ["is asked by the kubelet where it says so", "deployment.healthchecksPort", 8000],
  ["stays ready while it takes connections", "readinessProbe", { failureThreshold: 7 }],
  [
    "is meshed, but for the two ports where clients come in",
    "deployment.podAnnotations",
    { "linkerd.io/inject": "enabled", "config.linkerd.io/skip-inbound-ports": "8000,8443" },
  ],
  [
    "is the class of Ingresses that name none",
    "ingressClass",
    { enabled: true, isDefaultClass: true, name: "traefik" },
  ],
  [
    "matches prefixes by whole path elements, and shows the load balancer's address on every Ingress, not the nodes'",
    "providers.kubernetesIngress",
    {
      strictPrefixMatching: true,
      enabled: true,
      nativeLBByDefault: true,
      publishedService: { enabled: false },
      ingressEndpoint: { ip: "203.0.113.9" },
    },
  ],
  [
    "takes Middlewares of an Ingress's own namespace, and TLS defaults of its own alone",
    "providers.kubernetesCRD",
    {
      enabled: true,
      allowCrossNamespace: false,
      nativeLBByDefault: true,
      defaultTLSResourcesNamespace: "traefik",
    },
  ],
  [
    "serves the wildcard certificate by default",
    "tlsStore.default.defaultCertificate.secretName",
    "wildcard-tls",
  ],
  ["reads no HTTPRoutes", "providers.kubernetesGateway", nothing],
  ["leaves Gateway API alone", "gateway", nothing],
  ["logs JSON", "log", { level: "INFO", format: "json" }],
  ["logs requests as JSON", "accessLog", { enabled: true, format: "json" }],
  [
    "can be measured by router",
    "metrics",
    { prometheus: { addRoutersLabels: true, service: { enabled: true } } },
  ],
  ["asks for CPU and memory", "resources", { requests: { cpu: "100m", memory: "128Mi" } }],
  ["leaves the number of its copies to the autoscaler", "deployment.replicas", nothing],
  [
    "has between 3 and 10 copies",
    "autoscaling",
    {
      enabled: true,
      minReplicas: 3,
      maxReplicas: 10,
      metrics: [
        {
          type: "Resource",
          resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } },
        },
      ],
    },
  ],
  [
    "hands no app a client's address that nobody vouches for",
    "extraObjects",
    [
      {
        apiVersion: "traefik.io/v1alpha1",
        kind: "Middleware",
        metadata: { name: "client-address", namespace: "traefik" },
        spec: {
          headers: {
            customRequestHeaders: {
              "X-Real-Ip": "",
              "True-Client-Ip": "",
              "X-Client-Ip": "",
              "X-Cluster-Client-Ip": "",
              Forwarded: "",
            },
          },
        },
      },
    ],
  ],
  ["loses one copy at a time", "podDisruptionBudget", { enabled: true, maxUnavailable: 1 }],
  [
    "spreads over the nodes",
    "topologySpreadConstraints",
    [
      {
        maxSkew: 1,
        topologyKey: "kubernetes.io/hostname",
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels: { "app.kubernetes.io/name": "traefik" } },
      },
    ],
  ],
];

describe("traefikValues", () => {
  for (const [what, path, wanted] of rows)
    it(`${what} (${path})`, async () =>
      assert.deepEqual(at(await resolved(buildTraefikValues(valuesArgs)), path), wanted));

  it("says nothing that no test knows", async () => {
    const known = new Set(rows.map(([, path]) => path.split(".")[0]));
    assert.deepEqual(
      Object.keys(await resolved(buildTraefikValues(valuesArgs))).filter((key) => !known.has(key)),
      [],
    );
  });

  it("believes no PROXY protocol header where the load balancer sends none", async () => {
    const { ports } = await resolved(buildTraefikValues(withoutProxyProtocol));
    assert.deepEqual(
      [at(ports, "web.proxyProtocol"), at(ports, "websecure.proxyProtocol")],
      [nothing, nothing],
    );
  });

  it("believes a load balancer that reaches public targets at its public address too", async () => {
    const { ports } = await resolved(buildTraefikValues(publicTargets));
    const both = ["10.0.0.9/32", "203.0.113.9/32"];
    assert.deepEqual(
      [at(ports, "web.proxyProtocol.trustedIPs"), at(ports, "websecure.proxyProtocol.trustedIPs")],
      [both, both],
    );
  });

  it("shows the addresses of the Service that leads to it, and has no node ports then", async () => {
    for (const readsGateways of [false, true]) {
      const values = await resolved(buildTraefikValues({ ...behindService, readsGateways }));
      const published = { enabled: true, pathOverride: "traefik/k3s-lb" };
      assert.deepEqual(at(values, "providers.kubernetesIngress.publishedService"), published);
      assert.equal(at(values, "providers.kubernetesIngress.ingressEndpoint"), undefined);
      assert.deepEqual(at(values, "service.spec"), { type: "ClusterIP" });
      for (const port of ["web", "websecure"]) {
        assert.equal(at(values, `ports.${port}.nodePort`), undefined);
        assert.deepEqual(at(values, `ports.${port}.proxyProtocol.trustedIPs`), ["10.0.0.9/32"]);
      }
    }
    const statusAddress = { service: { enabled: true, name: "k3s-lb", namespace: "traefik" } };
    const gateway = await resolved(buildTraefikValues({ ...behindService, readsGateways: true }));
    assert.deepEqual(at(gateway, "providers.kubernetesGateway.statusAddress"), statusAddress);
  });

  it("is asked by nobody but the kubelet behind a Service, as the chart has it", async () => {
    const { additionalArguments, readinessProbe, deployment } = await resolved(
      buildTraefikValues(behindService),
    );
    assert.deepEqual(
      [additionalArguments, readinessProbe, at(deployment, "healthchecksPort")],
      [nothing, nothing, nothing],
    );
  });

  it("asks for what it is told to", async () => {
    const resources = { cpu: "1", memory: "1Gi" };
    const values = await resolved(buildTraefikValues({ ...valuesArgs, resources }));
    assert.deepEqual(values.resources, { requests: resources });
  });

  it("ends as quickly as the load balancer notices", async () => {
    const values = await resolved(buildTraefikValues(quickCheck));
    assert.equal(at(values, "ports.web.transport.lifeCycle.requestAcceptGraceTimeout"), "18s");
    assert.equal(at(values, "deployment.terminationGracePeriodSeconds"), 83);
    assert.deepEqual(values.readinessProbe, { failureThreshold: 3 });
  });

  it("keeps a connection, used or not, for as long as it is told", async () => {
    const { ports } = await resolved(buildTraefikValues({ ...valuesArgs, keepAliveSeconds: 10 }));
    for (const port of ["web", "websecure"]) {
      assert.equal(at(ports, `${port}.transport.respondingTimeouts.idleTimeout`), "10s");
      assert.equal(at(ports, `${port}.transport.keepAliveMaxTime`), "10s");
    }
  });

  for (const readsGateways of [false, true])
    it(`lets a request over HTTPS last as long as it is told, ${readsGateways ? "with" : "without"} Gateway API`, async () => {
      const { ports } = await resolved(
        buildTraefikValues({ ...valuesArgs, maxRequestSeconds: 900, readsGateways }),
      );
      assert.equal(at(ports, "websecure.transport.respondingTimeouts.readTimeout"), "900s");
      assert.equal(at(ports, "web.transport.respondingTimeouts.readTimeout"), "10s");
    });

  describe("with Gateway API", () => {
    it("reads HTTPRoutes as well, and writes the load balancer's address on Gateways", async () => {
      const { providers } = await resolved(buildTraefikValues({ ...valuesArgs, readsGateways: true }));
      assert.deepEqual(at(providers, "kubernetesGateway"), {
        enabled: true,
        nativeLBByDefault: true,
        statusAddress: { ip: "203.0.113.9", service: { enabled: false } },
      });
    });

    it("has no Gateway and no GatewayClass of the chart's", async () => {
      const { gateway, gatewayClass } = await resolved(
        buildTraefikValues({ ...valuesArgs, readsGateways: true }),
      );
      assert.deepEqual([gateway, gatewayClass], [{ enabled: false }, { enabled: false }]);
    });

    it("lets a host have an Ingress with TLS options beside an HTTPRoute, which knows none", async () => {
      const { core } = await resolved(buildTraefikValues({ ...valuesArgs, readsGateways: true }));
      assert.deepEqual(core, { strictTLSOptions: false });
    });

    it("is as without it in everything else", async () => {
      const { gateway, gatewayClass, core, providers, ...others } = await resolved(
        buildTraefikValues({ ...valuesArgs, readsGateways: true }),
      );
      const { core: strict, providers: before, ...same } = await resolved(buildTraefikValues(valuesArgs));
      const { kubernetesGateway, ...read } = providers as Record<string, unknown>;
      assert.ok(gateway && gatewayClass && core && strict && kubernetesGateway);
      assert.deepEqual([others, read], [same, before]);
    });
  });
});
