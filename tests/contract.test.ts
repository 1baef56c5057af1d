import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { parse } from "yaml";

import { chartsFrom } from "../components/charts";
import { isReferenceThere, reference, valueFaults } from "./chart-values";
import { changed, runProgram, stackConfig, wholeEdge } from "./config";
import { find, type Recorded } from "./harness";
import { answers } from "./invariants/all";
import { wholeConfig } from "./invariants/whole";
import { faultsOf, type Schema } from "./json-schema";

const read = (...file: string[]): string => fs.readFileSync(path.join(reference, ...file), "utf8");

interface ProviderSchema {
  readonly provider: {
    readonly inputProperties?: Record<string, Schema>;
    readonly properties?: Record<string, Schema>;
  };
  readonly resources: Record<string, { requiredInputs: string[]; inputProperties: Record<string, Schema> }>;
}

interface Definition {
  readonly kind: string;
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly {
      readonly name: string;
      readonly schema: { readonly openAPIV3Schema: Schema };
    }[];
  };
}

const definitionFolders = ["cert-manager", "cilium", "gateway-api", "linkerd", "traefik", "trust-manager"];

/** With what every object has, whether its definition tells so or not. */
const whole = (schema: Schema): Schema => ({
  ...schema,
  properties: { apiVersion: {}, kind: {}, metadata: {}, ...schema.properties },
});

/** The schema of each of these kinds of custom resource, as `<group>/<version>:<kind>`. */
function definitions(kinds: readonly string[]): Map<string, Schema> {
  const files = definitionFolders.flatMap((folder) =>
    fs.readdirSync(path.join(reference, "crds", folder)).map((file) => read("crds", folder, file)),
  );
  const wanted = new RegExp(`^ {4}kind: (${kinds.join("|")})$`, "m");
  return new Map(
    files
      .filter((text) => wanted.test(text))
      .map((text) => parse(text) as Definition)
      .flatMap(({ spec }) =>
        spec.versions.map(({ name, schema }) => [
          `${spec.group}/${name}:${spec.names.kind}`,
          whole(schema.openAPIV3Schema),
        ]),
      ),
  );
}

const customGroups =
  /^kubernetes:(cert-manager\.io|trust\.cert-manager\.io|cilium\.io|(policy\.)?linkerd\.io|traefik\.io|gateway\.networking\.k8s\.io)\//;

/** What the document's stacks, and those with every word for each controller, write among them. */
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

  before(async function () {
    if (!isReferenceThere) {
      console.log(
        "      skipped: ../shared is not there, so nothing can be compared with upstream's own schemas",
      );
      this.skip();
    }
    const prod = stackConfig("prod");
    const installed = (...which: Parameters<typeof wholeConfig>) =>
      changed(wholeConfig(...which), { "ingress.gatewayApi": "installed" });
    const configs = {
      dev: stackConfig("dev"),
      prod,
      "prod on Free": changed(prod, wholeEdge("free")),
      "prod on Business": changed(prod, wholeEdge("business")),
      "every word on Traefik": installed("traefik"),
      "every word on ingress-nginx": installed("nginx"),
      "every word on a Gateway": installed("gateway"),
      "a load balancer of the manager's": changed(installed("nginx", "ccm"), {
        "certificates.alerts": true,
      }),
    };
    for (const [stack, config] of Object.entries(configs))
      runs.push({ stack, ...(await runProgram(config, { answers })) });
  });

  it("writes custom resources as their definitions ask", () => {
    const known = definitions(kinds);
    const seen = new Set<string>();
    for (const { stack, resources } of runs) {
      const written = resources.filter(({ type }) => customGroups.test(type));
      assert.ok(written.length > 10);
      for (const { type, name, inputs } of written) {
        const schema = known.get(type.replace("kubernetes:", ""));
        assert.ok(schema, `nobody defines ${type}`);
        seen.add(type.split(":").at(-1) ?? "");
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

  it("writes a PrometheusRule as its definition asks", function () {
    const folder = path.join(reference, "crds", "prometheus-operator");
    const file = path.join(folder, "monitoring.coreos.com_prometheusrules.yaml");
    if (!fs.existsSync(file)) {
      console.log("      skipped: the definitions of Prometheus' operator are not there");
      this.skip();
    }
    const { spec } = parse(fs.readFileSync(file, "utf8")) as Definition;
    const schema = spec.versions[0]?.schema.openAPIV3Schema ?? {};
    const rules = runs.flatMap(({ resources }) =>
      resources.filter(({ type }) => type.endsWith(":PrometheusRule")),
    );
    assert.ok(rules.length > 0);
    for (const { inputs } of rules)
      assert.deepEqual(faultsOf({ ...inputs, metadata: {} }, schema, { root: schema, closed: true }), []);
  });

  it("sets no chart value that its chart does not have", () => {
    const seen = new Set<string>();
    for (const { stack, resources } of runs) {
      const releases = resources.filter(({ type }) => type.endsWith(":Release"));
      const hasExternalDns = resources.some(({ type }) => type.endsWith(":ExternalDns"));
      assert.equal(releases.length, hasExternalDns ? 8 : 7);
      for (const { name, inputs } of releases) {
        const chart = (inputs.chart as string).split("/").at(-1) ?? "";
        seen.add(chart);
        assert.deepEqual(valueFaults(chart, inputs.values ?? {}), [], `${stack} ${name}`);
      }
    }
    assert.deepEqual([...seen].sort(), Object.keys(chartsFrom()).sort());
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
    it(`would see a key that a chart does not know: ${fault} to ${chart}`, () => {
      assert.ok(valueFaults(chart, values).includes(fault));
    });

  for (const pkg of ["hcloud", "cloudflare"])
    it(`gives ${pkg} the inputs it knows, and those it requires`, () => {
      const schema = JSON.parse(read("schemas", `${pkg}.json`)) as ProviderSchema;
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
