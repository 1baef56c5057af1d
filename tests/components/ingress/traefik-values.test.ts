import * as assert from "node:assert/strict";

import { buildTraefikValues } from "../../../components/ingress/controllers/traefik/traefik-values";
import { openTlsOptions } from "../../../components/ingress/controllers/traefik/traefik-tls";
import { untrustedHeaders } from "../../../components/ingress/untrusted-headers";
import { at, edgeCidrs, resolved, publicTargets, behindService, valuesArgs } from "./args";

const nothing = undefined;
const redirect = { redirections: { entryPoint: { to: "websecure", scheme: "https", permanent: true } } };

const stripAliases = ["web", "websecure"].map(
  (name) => `--entryPoints.${name}.http.aliasHeadersStrategy=delete`,
);

/** Each value: its purpose, its path, and the value. */
const rows: readonly (readonly [what: string, path: string, wanted: unknown])[] = [
  [
    "fails the load balancer's health check on nodes that do not run it",
    "service",
    { spec: { type: "NodePort", externalTrafficPolicy: "Local" } },
  ],
  ["redirects plain HTTP to HTTPS", "ports.web.http", redirect],
  [
    "terminates TLS",
    "ports.websecure.http",
    { tls: { enabled: true }, middlewares: ["traefik-client-address@kubernetescrd"] },
  ],
  ["attaches routers to HTTPS only", "ports.websecure.asDefault", true],
  ["leaves the default TLS options to DefaultTls", "tlsOptions.default", nothing],
  ["has TLS options for hosts that are open to all", "tlsOptions.open", openTlsOptions],
  ["falls back to the default TLS options, the strictest", "core", nothing],
  [
    "presents the wildcard to clients that name a host of it, and to no other",
    "tlsStore.default",
    { defaultCertificate: { secretName: "wildcard-tls" }, certificates: [{ secretName: "wildcard-tls" }] },
  ],
  ["trusts Cloudflare's X-Forwarded-For: HTTP", "ports.web.forwardedHeaders", { trustedIPs: edgeCidrs }],
  [
    "trusts Cloudflare's X-Forwarded-For: HTTPS",
    "ports.websecure.forwardedHeaders",
    { trustedIPs: edgeCidrs },
  ],
  [
    "is meshed, except for the two ports of clients",
    "deployment.podAnnotations",
    { "linkerd.io/inject": "enabled", "config.linkerd.io/skip-inbound-ports": "8000,8443" },
  ],
  ["has the default IngressClass", "ingressClass", { enabled: true, isDefaultClass: true, name: "traefik" }],
  ["matches whole path elements", "providers.kubernetesIngress.strictPrefixMatching", true],
  ["leaves load balancing to the mesh", "providers.kubernetesIngress.nativeLBByDefault", true],
  ["accepts an Ingress's own Middlewares only", "providers.kubernetesCRD.allowCrossNamespace", false],
  [
    "reads TLS defaults of its own namespace only",
    "providers.kubernetesCRD.defaultTLSResourcesNamespace",
    "traefik",
  ],
  ["leaves its permissions to createTraefikPermissions", "rbac", { enabled: false }],
  ...["kubernetesCRD", "kubernetesIngress"].map(
    (each) =>
      [
        "reads no namespace but its own and those with routes",
        `providers.${each}.namespaces`,
        ["traefik", "production"],
      ] as const,
  ),
  ["publishes no API for other namespaces", "providers.kubernetesCRD.crossProviderNamespaces", ["traefik"]],
  ["has no dashboard", "api", { dashboard: false }],
  ["asks nobody for new versions", "global", { checkNewVersion: false }],
  [
    "logs neither queries nor user names",
    "accessLog.fields",
    { names: { ClientUsername: "drop" }, queryParameters: { defaultMode: "drop" } },
  ],
  ["leaves the number of pods to the autoscaler", "deployment.replicas", nothing],
  [
    "removes headers that only the platform may write",
    "extraObjects.0.spec.headers.customRequestHeaders",
    Object.fromEntries(untrustedHeaders.map((name) => [name, ""])),
  ],
  [
    "removes a forged path before a rewrite",
    "extraObjects.0.spec.headers.customRequestHeaders.X-Replaced-Path",
    "",
  ],
  ["runs the tested version", "image.tag", "v3.7.13"],
  ["scales from 3 pods", "autoscaling.minReplicas", 3],
  ["scales to 10 pods", "autoscaling.maxReplicas", 10],
  ["has at most one unavailable pod", "podDisruptionBudget.maxUnavailable", 1],
];

describe("buildTraefikValues", () => {
  for (const [what, path, wanted] of rows)
    it(`${what} (${path})`, async () =>
      assert.deepEqual(at(await resolved(buildTraefikValues(valuesArgs)), path), wanted));

  it("trusts the public address of a load balancer with public targets too", async () => {
    const { ports } = await resolved(buildTraefikValues(publicTargets));
    const both = ["10.0.0.9/32", "203.0.113.9/32"];
    assert.deepEqual(
      [at(ports, "web.proxyProtocol.trustedIPs"), at(ports, "websecure.proxyProtocol.trustedIPs")],
      [both, both],
    );
  });

  it("publishes the addresses of the Service in front of it, and then has no node ports", async () => {
    for (const readsGateways of [false, true]) {
      const values = await resolved(buildTraefikValues({ ...behindService, readsGateways }));
      const published = { enabled: true, pathOverride: "traefik/k3s-lb" };
      assert.deepEqual(at(values, "providers.kubernetesIngress.publishedService"), published);
      assert.equal(at(values, "providers.kubernetesIngress.ingressEndpoint"), undefined);
      assert.deepEqual(at(values, "service.spec"), { type: "ClusterIP" });
      for (const port of ["web", "websecure"]) assert.equal(at(values, `ports.${port}.nodePort`), undefined);
    }
    const statusAddress = { service: { enabled: true, name: "k3s-lb", namespace: "traefik" } };
    const gateway = await resolved(buildTraefikValues({ ...behindService, readsGateways: true }));
    assert.deepEqual(at(gateway, "providers.kubernetesGateway.statusAddress"), statusAddress);
  });

  it("keeps the chart's probes behind a Service, where only the kubelet checks it", async () => {
    const { additionalArguments, readinessProbe, deployment } = await resolved(
      buildTraefikValues(behindService),
    );
    assert.deepEqual(
      [additionalArguments, readinessProbe, at(deployment, "healthchecksPort")],
      [stripAliases, nothing, nothing],
    );
  });

  it("keeps a connection, in use or idle, for keepAliveSeconds", async () => {
    const { ports } = await resolved(buildTraefikValues({ ...valuesArgs, keepAliveSeconds: 10 }));
    for (const port of ["web", "websecure"]) {
      assert.equal(at(ports, `${port}.transport.respondingTimeouts.idleTimeout`), "10s");
      assert.equal(at(ports, `${port}.transport.keepAliveMaxTime`), "10s");
    }
  });

  for (const readsGateways of [false, true])
    it(`reads a request over HTTPS for maxRequestSeconds, ${readsGateways ? "with" : "without"} Gateway API`, async () => {
      const { ports } = await resolved(
        buildTraefikValues({ ...valuesArgs, maxRequestSeconds: 900, readsGateways }),
      );
      assert.equal(at(ports, "websecure.transport.respondingTimeouts.readTimeout"), "900s");
      assert.equal(at(ports, "web.transport.respondingTimeouts.readTimeout"), "10s");
    });

  describe("with Gateway API", () => {
    it("reads HTTPRoutes too, and publishes the load balancer's address on Gateways", async () => {
      const { providers } = await resolved(buildTraefikValues({ ...valuesArgs, readsGateways: true }));
      assert.deepEqual(at(providers, "kubernetesGateway"), {
        enabled: true,
        namespaces: ["traefik", "production"],
        nativeLBByDefault: true,
        statusAddress: { ip: "203.0.113.9", service: { enabled: false } },
      });
    });

    it("disables the chart's own Gateway and changes nothing else", async () => {
      const { providers: before, ...others } = await resolved(buildTraefikValues(valuesArgs));
      const { providers, ...changed } = await resolved(
        buildTraefikValues({ ...valuesArgs, readsGateways: true }),
      );
      const off = { gateway: { enabled: false }, gatewayClass: { enabled: false } };
      assert.deepEqual(changed, { ...others, ...off });
      const { kubernetesGateway, ...same } = providers as Record<string, unknown>;
      assert.ok(kubernetesGateway);
      assert.deepEqual(same, before);
    });
  });
});
