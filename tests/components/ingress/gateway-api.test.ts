import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import * as pulumi from "@pulumi/pulumi";

import { GatewayApi } from "../../../components/ingress/gateway-api";
import { crdsOf } from "../../fixtures/upstream";
import { attempt, childrenOf, find, type Values } from "../../harness";
import { annotated, bundle, plurals, yamlOf } from "./gateway-api-bundle";
import { providers } from "../providers";

describe("GatewayApi", () => {
  let dir: string;
  beforeEach(() => (dir = fs.mkdtempSync(path.join(os.tmpdir(), "gateway-api-"))));
  afterEach(() => fs.rmSync(dir, { recursive: true }));

  function written(text: string): string {
    const file = path.join(dir, "standard-install.yaml");
    fs.writeFileSync(file, text);
    return file;
  }

  const make = (source: string) =>
    attempt(() => new GatewayApi("gateway-api", { source }, { providers: providers() }));

  const refusal = async (source: string): Promise<string> => {
    const { fault } = await make(source);
    assert.ok(fault !== undefined, "the definitions were taken");
    return fault.message;
  };

  it("is every definition of the standard channel, and what guards them", async () => {
    const { resources, fault } = await make(written(yamlOf(bundle())));
    assert.equal(fault, undefined);
    assert.deepEqual(
      childrenOf(resources, "gateway-api"),
      [
        ...plurals.map(
          (plural) => `kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition gateway-api-${plural}`,
        ),
        "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy gateway-api-safe-upgrades",
        "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicyBinding gateway-api-safe-upgrades-binding",
      ].sort(),
    );
  });

  it("is as upstream wrote it: names, annotations, labels and specs", async () => {
    const objects = bundle();
    const { resources } = await make(written(yamlOf(objects)));
    const given = resources.filter(({ parent }) => parent.endsWith(" gateway-api"));
    for (const each of objects)
      assert.deepEqual(
        given
          .filter(({ type, inputs }) => type.endsWith(`:${each.kind}`) && inputs.kind === each.kind)
          .map(({ inputs }) => inputs)
          .filter(({ spec }) => (spec as Values).of === each.spec.of),
        [each],
      );
  });

  it("leaves the definitions in the cluster when the stack has no use for them any more", async () => {
    const { resources } = await make(written(yamlOf(bundle())));
    for (const { name, type, retainOnDelete } of resources.filter(({ parent }) => parent !== ""))
      assert.equal(retainOnDelete, type.endsWith(":CustomResourceDefinition"), name);
  });

  it("passes over what else is in the file", async () => {
    const others = [{ kind: "ConfigMap", metadata: { name: "x" } }, { text: "none" }];
    const { fault } = await make(written(`# Upstream's own words\n${yamlOf([...others, ...bundle()])}---\n`));
    assert.equal(fault, undefined);
  });

  for (const [what, text, wanted] of [
    [
      "of another version",
      yamlOf(bundle({ ...annotated, version: "v1.2.1" })),
      / is v1\.2\.1 of the channel standard,/,
    ],
    [
      "of another channel",
      yamlOf(bundle({ ...annotated, channel: "experimental" })),
      / of the channel experimental,/,
    ],
    [
      "without one of the definitions",
      yamlOf(bundle().slice(1)),
      / contains no CustomResourceDefinition backendtls/,
    ],
    ["with nothing of the sort", "<html>Not found</html>", / contains no CustomResourceDefinition /],
    ["that is empty", "", / contains no CustomResourceDefinition /],
  ] as const)
    it(`refuses a file ${what}, and says what to do`, async () => {
      const file = written(text);
      const message = await refusal(file);
      assert.ok(message.startsWith(`Gateway API: ${file}`), message);
      assert.match(message, wanted);
      assert.match(message, /want the standard-install\.yaml of v1\.6\.3 from https:\/\/github\.com\//);
      assert.match(message, /ingress\.gatewayApi: installed if the cluster has it\.$/);
    });

  it("says which file is missing", async () => {
    const file = path.join(dir, "missing.yaml");
    assert.ok((await refusal(file)).startsWith(`Gateway API: ${file} could not be read: ENOENT`));
  });

  it("says why a URL cannot be read", async () => {
    const url = "https://127.0.0.1:9/standard-install.yaml";
    assert.ok((await refusal(url)).startsWith(`Gateway API: ${url} could not be read: bad port, want `));
  });

  it("registers nothing when it refuses, and says so to people", async () => {
    const { fault, resources } = await make(path.join(dir, "missing.yaml"));
    assert.ok(pulumi.RunError.isInstance(fault));
    assert.deepEqual(
      resources.filter(({ type }) => !type.startsWith("pulumi:providers:")),
      [],
    );
  });

  it("takes what upstream publishes", async () => {
    const parts = crdsOf("gateway-api").map((crd) => JSON.stringify(crd));
    const { resources, fault } = await make(written(parts.join("\n---\n")));
    assert.equal(fault, undefined);
    const { inputs } = find(resources, ":CustomResourceDefinition", "gateway-api-httproutes");
    const { names } = inputs.spec as { names: Values };
    assert.equal(names.kind, "HTTPRoute");
  });
});
