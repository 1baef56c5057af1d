import * as assert from "node:assert/strict";

import * as kubernetes from "@pulumi/kubernetes";

import * as certManager from "../../../components/custom-resources/cert-manager-resources";
import * as cilium from "../../../components/custom-resources/cilium-resources";
import * as gatewayApi from "../../../components/custom-resources/gateway-api-resources";
import * as linkerd from "../../../components/custom-resources/linkerd-resources";
import * as prometheus from "../../../components/custom-resources/prometheus-resources";
import * as traefik from "../../../components/custom-resources/traefik-resources";
import { find, run } from "../../harness";

const made = { ...certManager, ...cilium, ...gatewayApi, ...linkerd, ...prometheus, ...traefik };

const metadata = { name: "x", namespace: "y", annotations: { a: "b" } };
const opts = () => ({ provider: new kubernetes.Provider("kubernetes", {}) });

/** What is made, in which spelling, of which spec. */
type Row = readonly [groupVersionKind: string, spec: object, make: () => unknown];

const row = <Spec extends object>(
  groupVersionKind: string,
  make: (name: string, of: typeof metadata, spec: Spec, opts: { provider: kubernetes.Provider }) => unknown,
  spec: Spec,
): Row => [groupVersionKind, spec, () => make("one", metadata, spec, opts())];

const rows: Record<keyof typeof made, Row> = {
  certificate: row("cert-manager.io/v1/Certificate", made.certificate, {
    secretName: "x",
    issuerRef: { kind: "Issuer", name: "i" },
  }),
  issuer: row("cert-manager.io/v1/Issuer", made.issuer, { selfSigned: {} }),
  clusterIssuer: row("cert-manager.io/v1/ClusterIssuer", made.clusterIssuer, { ca: { secretName: "x" } }),
  bundle: row("trust.cert-manager.io/v1alpha1/Bundle", made.bundle, {
    sources: [],
    target: { configMap: { key: "k" } },
  }),
  prometheusRule: row("monitoring.coreos.com/v1/PrometheusRule", made.prometheusRule, { groups: [] }),
  networkPolicy: row("cilium.io/v2/CiliumNetworkPolicy", made.networkPolicy, {
    endpointSelector: {},
    ingress: [],
    egress: [],
  }),
  clusterwidePolicy: row("cilium.io/v2/CiliumClusterwideNetworkPolicy", made.clusterwidePolicy, {
    description: "x",
    endpointSelector: {},
  }),
  middleware: row("traefik.io/v1alpha1/Middleware", made.middleware, {
    basicAuth: { secret: "x", removeHeader: true },
  }),
  tlsOption: row("traefik.io/v1alpha1/TLSOption", made.tlsOption, { minVersion: "VersionTLS12" }),
  tlsStore: row("traefik.io/v1alpha1/TLSStore", made.tlsStore, { defaultCertificate: { secretName: "x" } }),
  serversTransport: row("traefik.io/v1alpha1/ServersTransport", made.serversTransport, {
    forwardingTimeouts: { dialTimeout: "5s" },
  }),
  traefikService: row("traefik.io/v1alpha1/TraefikService", made.traefikService, {
    weighted: { services: [{ name: "x", port: 80 }] },
  }),
  gatewayClass: row("gateway.networking.k8s.io/v1/GatewayClass", made.gatewayClass, {
    controllerName: "traefik.io/gateway-controller",
  }),
  gateway: row("gateway.networking.k8s.io/v1/Gateway", made.gateway, {
    gatewayClassName: "traefik",
    listeners: [],
  }),
  httpRoute: row("gateway.networking.k8s.io/v1/HTTPRoute", made.httpRoute, {
    parentRefs: [],
    hostnames: [],
    rules: [],
  }),
  serviceRoute: row("gateway.networking.k8s.io/v1/HTTPRoute", made.serviceRoute, {
    parentRefs: [{ group: "core", kind: "Service", name: "x", port: 80 }],
    rules: [],
  }),
  server: row("policy.linkerd.io/v1beta3/Server", made.server, {
    podSelector: {},
    port: 80,
    proxyProtocol: "HTTP/1",
  }),
  authorizationPolicy: row("policy.linkerd.io/v1alpha1/AuthorizationPolicy", made.authorizationPolicy, {
    targetRef: { group: "policy.linkerd.io", kind: "Server", name: "x" },
    requiredAuthenticationRefs: [],
  }),
  meshTlsAuthentication: row("policy.linkerd.io/v1alpha1/MeshTLSAuthentication", made.meshTlsAuthentication, {
    identities: ["x"],
  }),
  networkAuthentication: row("policy.linkerd.io/v1alpha1/NetworkAuthentication", made.networkAuthentication, {
    networks: [{ cidr: "10.42.0.0/16" }],
  }),
  serviceProfile: row("linkerd.io/v1alpha2/ServiceProfile", made.serviceProfile, { routes: [] }),
};

describe("custom resources", () => {
  it("has a maker for each kind, and each is known here", () =>
    assert.deepEqual(Object.keys(rows).sort(), Object.keys(made).sort()));

  for (const [maker, [groupVersionKind, spec, make]] of Object.entries(rows))
    it(`${maker} writes a ${groupVersionKind} with the metadata and the spec it is given`, async () => {
      const at = groupVersionKind.lastIndexOf("/");
      const [apiVersion, kind] = [groupVersionKind.slice(0, at), groupVersionKind.slice(at + 1)];
      const { resources } = await run(() => {
        make();
      });
      const { inputs, provider } = find(resources, `:${kind}`, "one");
      assert.deepEqual(inputs, { apiVersion, kind, metadata, spec });
      assert.equal(provider, "kubernetes");
    });

  it("do not compile with a misspelt field", () => {
    // Never called: what is asked is whether each line would be a fault but for the comment above it.
    const misspelt = () => {
      const name = { name: "x" };
      const target = { group: "policy.linkerd.io", kind: "Server", name: "x" } as const;
      const profiled = { name: "x", condition: { pathRegex: "/x" } };
      const budget = { retryRatio: 0.2, minRetriesPerSecond: 10, ttl: "10s" };
      // @ts-expect-error secretName is misspelt
      made.certificate("x", name, { secretname: "x", issuerRef: { kind: "Issuer", name: "i" } }, {});
      // @ts-expect-error secretName is misspelt
      made.issuer("x", name, { ca: { secret: "x" } }, {});
      // @ts-expect-error selfSigned is misspelt
      made.clusterIssuer("x", name, { selfsigned: {} }, {});
      // @ts-expect-error target is misspelt
      made.bundle("x", name, { sources: [], targets: { configMap: { key: "k" } } }, {});
      // @ts-expect-error groups is misspelt
      made.prometheusRule("x", name, { group: [] }, {});
      // @ts-expect-error toPorts is misspelt
      made.networkPolicy("x", name, { endpointSelector: {}, ingress: [{ toPort: [] }], egress: [] }, {});
      // @ts-expect-error average is misspelt
      made.middleware("x", name, { rateLimit: { averge: 1, period: "1m", burst: 1 } }, {});
      // @ts-expect-error minVersion is misspelt
      made.tlsOption("x", name, { minVerison: "VersionTLS12" }, {});
      // @ts-expect-error defaultCertificate is misspelt
      made.tlsStore("x", name, { default: { secretName: "x" } }, {});
      // @ts-expect-error forwardingTimeouts is misspelt
      made.serversTransport("x", name, { forwardingTimeout: { dialTimeout: "5s" } }, {});
      // @ts-expect-error weighted is misspelt
      made.traefikService("x", name, { weigthed: { services: [{ name: "x", port: 80 }] } }, {});
      // @ts-expect-error controllerName is misspelt
      made.gatewayClass("x", name, { controller: "traefik.io/gateway-controller" }, {});
      // @ts-expect-error listeners is misspelt
      made.gateway("x", name, { gatewayClassName: "traefik", listener: [] }, {});
      // @ts-expect-error hostnames is misspelt
      made.httpRoute("x", name, { parentRefs: [], hostname: ["x"], rules: [] }, {});
      // @ts-expect-error path is misspelt
      made.httpRoute("x", name, { parentRefs: [], hostnames: [], rules: [{ matches: [{ pth: "/" }] }] }, {});
      // @ts-expect-error backendRefs is misspelt
      made.serviceRoute("x", name, { parentRefs: [], rules: [{ matches: [], backendRef: [] }] }, {});
      // @ts-expect-error podSelector is misspelt
      made.server("x", name, { selector: {}, port: 80, proxyProtocol: "HTTP/1" }, {});
      // @ts-expect-error requiredAuthenticationRefs is misspelt
      made.authorizationPolicy("x", name, { targetRef: target, requiredAuthentications: [] }, {});
      // @ts-expect-error identities is misspelt
      made.meshTlsAuthentication("x", name, { identity: ["x"] }, {});
      // @ts-expect-error cidr is misspelt
      made.networkAuthentication("x", name, { networks: [{ range: "10.42.0.0/16" }] }, {});
      // @ts-expect-error isRetryable is misspelt
      made.serviceProfile("x", name, { routes: [{ ...profiled, retryable: true }] }, {});
      // @ts-expect-error retryBudget is misspelt
      made.serviceProfile("x", name, { routes: [], budget }, {});
    };
    assert.equal(typeof misspelt, "function");
  });
});
