import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { GatewayApi } from "../../../components/ingress/gateway-api";
import { crdsOf } from "../../fixtures/upstream";
import { attempt, childrenOf, find, type Values } from "../../harness";
import { annotated, bundle, plurals, yamlOf } from "./gateway-api-bundle";
import { providers } from "../providers";

describe("GatewayApi", () => {
  let dir: string;
  beforeEach(() => (dir = fs.mkdtempSync(path.join(os.tmpdir(), "gateway-api-"))));
  afterEach(() => fs.rmSync(dir, { recursive: true }));

  function writeSource(text: string): string {
    const file = path.join(dir, "standard-install.yaml");
    fs.writeFileSync(file, text);
    return file;
  }

  const create = (source: string) =>
    attempt(() => new GatewayApi("gateway-api", { source }, { providers: providers() }));

  const errorFor = async (source: string): Promise<string> => {
    const { fault } = await create(source);
    assert.ok(fault !== undefined, "there is no error");
    return fault.message;
  };

  it("creates every CRD of the standard channel, and the policy against downgrades", async () => {
    const { resources, fault } = await create(writeSource(yamlOf(bundle())));
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

  it("keeps upstream's objects as they are", async () => {
    const { resources } = await create(writeSource(yamlOf(bundle())));
    const { inputs } = find(resources, ":CustomResourceDefinition", "gateway-api-backendtlspolicies");
    assert.deepEqual(inputs, bundle()[0]);
  });

  it("keeps the CRDs in the cluster when the component is deleted", async () => {
    const { resources } = await create(writeSource(yamlOf(bundle())));
    for (const { name, type, retainOnDelete } of resources.filter(({ parent }) => parent !== ""))
      assert.equal(retainOnDelete, type.endsWith(":CustomResourceDefinition"), name);
  });

  it("ignores other objects in the file", async () => {
    const others = [{ kind: "ConfigMap", metadata: { name: "x" } }, { text: "none" }];
    const { fault } = await create(writeSource(`# A comment\n${yamlOf([...others, ...bundle()])}---\n`));
    assert.equal(fault, undefined);
  });

  for (const [what, objects, wanted] of [
    [
      "of another version",
      bundle({ ...annotated, version: "v1.2.1" }),
      / is v1\.2\.1 of the channel standard,/,
    ],
    [
      "of another channel",
      bundle({ ...annotated, channel: "experimental" }),
      / of the channel experimental,/,
    ],
    ["without one of the CRDs", bundle().slice(1), / contains no CustomResourceDefinition backendtls/],
    ["that is a web page", ["<html>Not found</html>"], / contains no CustomResourceDefinition /],
    ["that is empty", [], / contains no CustomResourceDefinition /],
  ] as const)
    it(`throws for a file ${what}, with a remedy`, async () => {
      const file = writeSource(yamlOf(objects));
      const message = await errorFor(file);
      assert.ok(message.startsWith(`Gateway API: ${file}`), message);
      assert.match(message, wanted);
      assert.match(message, /want the standard-install\.yaml of v1\.6\.3 from https:\/\/github\.com\//);
      assert.match(message, /ingress\.gatewayApi: installed if the cluster has it\.$/);
    });

  it("throws the path of a missing file", async () => {
    const file = path.join(dir, "missing.yaml");
    assert.ok((await errorFor(file)).startsWith(`Gateway API: ${file} could not be read: ENOENT`));
  });

  it("throws the reason why a URL cannot be read", async () => {
    const url = "https://127.0.0.1:9/standard-install.yaml";
    assert.ok((await errorFor(url)).startsWith(`Gateway API: ${url} could not be read: bad port, want `));
  });

  it("accepts upstream's bundle", async () => {
    const parts = crdsOf("gateway-api").map((crd) => JSON.stringify(crd));
    const { resources, fault } = await create(writeSource(parts.join("\n---\n")));
    assert.equal(fault, undefined);
    const { inputs } = find(resources, ":CustomResourceDefinition", "gateway-api-httproutes");
    const { names } = inputs.spec as { names: Values };
    assert.equal(names.kind, "HTTPRoute");
  });
});
