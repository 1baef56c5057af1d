import * as assert from "node:assert/strict";

import { resolveCharts } from "../components/charts";
import { valueFaults } from "./chart-values";
import { changed, runProgram, stackConfig, wholeEdge } from "./config";
import { crdSchema, providerSchema } from "./fixtures/upstream";
import { find, type Recorded } from "./harness";
import { cloudResponses } from "./invariants/all";
import { fullStackConfig } from "./invariants/full-stack";
import { faultsOf } from "./json-schema";
import { authority } from "./settings/ca-certificate";

const customGroups =
  /^kubernetes:(cert-manager\.io|trust\.cert-manager\.io|cilium\.io|(policy\.)?linkerd\.io|traefik\.io|gateway\.networking\.k8s\.io)\//;

/** The kinds of custom resources in the stacks below. */
const kinds = [
  "AuthorizationPolicy",
  "Bundle",
  "Certificate",
  "CiliumClusterwideNetworkPolicy",
  "CiliumNetworkPolicy",
  "ClusterIssuer",
  "Gateway",
  "GatewayClass",
  "HTTPRoute",
  "Issuer",
  "MeshTLSAuthentication",
  "Middleware",
  "NetworkAuthentication",
  "Server",
  "ServersTransport",
  "ServiceProfile",
  "TLSOption",
  "TraefikService",
];

describe("the contract with upstream", () => {
  const runs: { readonly stack: string; readonly resources: readonly Recorded[] }[] = [];

  before(async () => {
    const prod = stackConfig("prod");
    const installed = (...which: Parameters<typeof fullStackConfig>) =>
      changed(fullStackConfig(...which), { "ingress.gatewayApi": "installed" });
    const configs = {
      dev: stackConfig("dev"),
      prod,
      "prod on Free": changed(prod, wholeEdge("free")),
      "prod on Business": changed(prod, wholeEdge("business")),
      "all features on Traefik": installed("traefik"),
      "all features on ingress-nginx": installed("nginx"),
      "all features on a Gateway": installed("gateway"),
      "a load balancer of the manager's": changed(installed("nginx", "ccm"), {
        certificates: {
          email: "admin@example.com",
          issuer: "acme",
          acme: { server: "https://ca.example.net/acme/directory", ca: authority },
          alerts: true,
        },
        "edge.ssl": "full",
        "mesh.prometheus": "http://prometheus.monitoring:9090",
      }),
    };
    for (const [stack, config] of Object.entries(configs))
      runs.push({ stack, ...(await runProgram(config, { answers: cloudResponses })) });
  });

  it("has custom resources that are valid by their CRDs", () => {
    const seen = new Set<string>();
    for (const { stack, resources } of runs) {
      const written = resources.filter(({ type }) => customGroups.test(type));
      assert.ok(written.length > 10);
      for (const { type, name, inputs } of written) {
        const [, apiVersion = "", kind = ""] = type.split(":");
        const schema = crdSchema(apiVersion, kind);
        assert.ok(schema, `no CRD for ${type}`);
        seen.add(kind);
        // The API server knows the metadata better than the definition does.
        const { metadata, ...rest } = inputs;
        assert.ok(metadata);
        assert.deepEqual(
          faultsOf({ ...rest, metadata: {} }, schema, { root: schema, closed: true }),
          [],
          `${stack} ${name}`,
        );
      }
    }
    assert.deepEqual([...seen].sort(), kinds);
  });

  it("has PrometheusRules that are valid by their CRD", () => {
    const rules = runs.flatMap(({ resources }) =>
      resources.filter(({ type }) => type.endsWith(":PrometheusRule")),
    );
    assert.ok(rules.length > 0);
    const schema = crdSchema("monitoring.coreos.com/v1", "PrometheusRule");
    assert.ok(schema);
    for (const { inputs } of rules)
      assert.deepEqual(faultsOf({ ...inputs, metadata: {} }, schema, { root: schema, closed: true }), []);
  });

  it("sets no chart value that its chart does not have", () => {
    const seen = new Set<string>();
    for (const { stack, resources } of runs) {
      const releases = resources.filter(({ type }) => type.endsWith(":Release"));
      const hasExternalDns = resources.some(({ type }) => type.endsWith(":ExternalDns"));
      const hasCni = resources.some(({ name }) => name === "linkerd-cni-chart");
      assert.equal(releases.length, 7 + Number(hasExternalDns) + Number(hasCni));
      for (const { name, inputs } of releases) {
        const chart = (inputs.chart as string).split("/").at(-1) ?? "";
        seen.add(chart);
        assert.deepEqual(valueFaults(chart, inputs.values ?? {}), [], `${stack} ${name}`);
      }
    }
    assert.deepEqual([...seen].sort(), Object.keys(resolveCharts()).sort());
  });

  for (const [chart, values, fault] of [
    ["ingress-nginx", { controler: {} }, "controler is not known"],
    ["ingress-nginx", { controller: { replicas: 2 } }, "controller.replicas is not known"],
    ["ingress-nginx", { controller: { autoscaling: { min: 2 } } }, "controller.autoscaling.min is not known"],
    ["traefik", { ports: { web: { nodeport: 30080 } } }, "ports.web.nodeport is not known"],
    ["cilium", { socketLB: { hostNamespacesOnly: true } }, "socketLB.hostNamespacesOnly is not known"],
    ["external-dns", { extraArg: {} }, "extraArg is not known"],
    ["linkerd-control-plane", { identity: { external: true } }, "identity.external is not known"],
    ["linkerd-viz", { identityTrustDomian: "x" }, "identityTrustDomian is not known"],
    ["cert-manager", { crds: { install: true } }, "crds.install is not known"],
  ] as const)
    it(`rejects a value that a chart does not have: ${fault} to ${chart}`, () => {
      assert.ok(valueFaults(chart, values).includes(fault));
    });

  for (const pkg of ["hcloud", "cloudflare"] as const)
    it(`has inputs of ${pkg} that are valid by its schema`, () => {
      const schema = providerSchema(pkg);
      const { inputProperties, properties } = schema.provider;
      for (const { stack, resources } of runs) {
        const given = resources.filter(({ type }) => type.startsWith(`${pkg}:`));
        assert.ok(given.length > 4 || (pkg === "hcloud" && stack.includes("manager's")));
        for (const { type, name, inputs } of given) {
          const resource = schema.resources[type];
          assert.ok(resource, `${pkg} has no ${type}`);
          const shape = {
            type: "object",
            properties: resource.inputProperties,
            required: resource.requiredInputs,
          };
          assert.deepEqual(faultsOf(inputs, shape, { root: schema, closed: true }), [], `${stack} ${name}`);
        }
        const provider = find(resources, `:${pkg}`, pkg);
        const shape = { type: "object", properties: inputProperties ?? properties ?? {} };
        assert.deepEqual(faultsOf(provider.inputs, shape, { root: schema, closed: true }), []);
      }
    });
});
