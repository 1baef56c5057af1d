import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { parse } from "yaml";

import { changed, root, runProgram, stackConfig, wholeEdge } from "./config";
import { find, type Recorded } from "./harness";
import { faultsOf, unknownPaths, type Schema } from "./json-schema";

/** Definitions, charts and provider schemas as upstream publishes them, at the versions that are pinned. */
const reference = path.resolve(root, "../shared/reference");

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

const definitionFolders = ["cert-manager", "cilium", "traefik", "trust-manager"];

/** The schema of each kind of custom resource, as `<group>/<version>:<kind>`. */
function definitions(): Map<string, Schema> {
  const files = definitionFolders.flatMap((folder) =>
    fs.readdirSync(path.join(reference, "crds", folder)).map((file) => read("crds", folder, file)),
  );
  const wanted = /kind: (Certificate|Issuer|ClusterIssuer|Bundle|CiliumNetworkPolicy|Middleware|TLSOption)$/m;
  return new Map(
    files
      .filter((text) => wanted.test(text))
      .map((text) => parse(text) as Definition)
      .flatMap(({ spec }) =>
        spec.versions.map(({ name, schema }) => [
          `${spec.group}/${name}:${spec.names.kind}`,
          schema.openAPIV3Schema,
        ]),
      ),
  );
}

/** Maps whose keys neither the chart's defaults nor its schema list, by chart, and why. */
const freeForm: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "external-dns": { podAnnotations: "annotations", extraArgs: "flags of external-dns, by name" },
  cilium: { socketLB: "the chart reads hostNamespaceOnly, and tells of it in a comment alone" },
  traefik: {
    "deployment.podAnnotations": "annotations",
    "ports.web.http.redirections.entryPoint":
      "what Traefik's own option takes: to, scheme, permanent, priority",
    resources: "what a container's resources are in Kubernetes",
    "service.spec": "what a Service's spec is in Kubernetes",
    tlsOptions: "one TLSOption for each key",
    tlsStore: "one TLSStore for each key",
  },
};

const customGroups = /^kubernetes:(cert-manager\.io|trust\.cert-manager\.io|cilium\.io|traefik\.io)\//;

describe("the contract with upstream", () => {
  const runs: { readonly stack: string; readonly resources: readonly Recorded[] }[] = [];

  before(async function () {
    if (!fs.existsSync(reference)) {
      console.log(
        "      skipped: ../shared is not there, so nothing can be compared with upstream's own schemas",
      );
      this.skip();
    }
    const prod = stackConfig("prod");
    const configs = {
      dev: stackConfig("dev"),
      prod,
      "prod on Free": changed(prod, wholeEdge("free")),
      "prod on Business": changed(prod, wholeEdge("business")),
    };
    for (const [stack, config] of Object.entries(configs))
      runs.push({ stack, ...(await runProgram(config)) });
  });

  it("writes custom resources as their definitions ask", () => {
    const known = definitions();
    for (const { stack, resources } of runs) {
      const written = resources.filter(({ type }) => customGroups.test(type));
      assert.ok(written.length > 10);
      for (const { type, name, inputs } of written) {
        const schema = known.get(type.replace("kubernetes:", ""));
        assert.ok(schema, `nobody defines ${type}`);
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
  });

  it("sets no chart value that its chart does not have", () => {
    for (const { stack, resources } of runs) {
      const releases = resources.filter(({ type }) => type.endsWith(":Release"));
      assert.equal(releases.length, stack.includes(" on ") ? 8 : 7);
      for (const { name, inputs } of releases) {
        const chart = (inputs.chart as string).split("/").at(-1) ?? "";
        const hasSchema = fs.existsSync(path.join(reference, "charts", chart, "values.schema.json"));
        const schema = hasSchema ? (JSON.parse(read("charts", chart, "values.schema.json")) as Schema) : {};
        const values = inputs.values ?? {};
        const free = Object.keys(freeForm[chart] ?? {});
        const defaults = ["values.yaml", "values-ha.yaml"]
          .filter((file) => fs.existsSync(path.join(reference, "charts", chart, file)))
          .map((file) => parse(read("charts", chart, file)) as unknown);
        const [first = [], ...others] = defaults.map((each) => unknownPaths(values, each, schema, schema));
        const unknown = first
          .filter((each) => others.every((other) => other.includes(each)))
          .filter((each) => !free.some((prefix) => each.startsWith(`${prefix}.`)));
        assert.deepEqual(unknown, [], `${stack} ${name}`);
        assert.deepEqual(faultsOf(values, schema, { root: schema, closed: false }), [], `${stack} ${name}`);
      }
    }
  });

  for (const pkg of ["hcloud", "cloudflare"])
    it(`gives ${pkg} the inputs it knows, and those it requires`, () => {
      const schema = JSON.parse(read("schemas", `${pkg}.json`)) as ProviderSchema;
      const { inputProperties, properties } = schema.provider;
      for (const { stack, resources } of runs) {
        const given = resources.filter(({ type }) => type.startsWith(`${pkg}:`));
        assert.ok(given.length > 4);
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
