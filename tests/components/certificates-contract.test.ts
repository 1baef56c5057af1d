import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";

import { CertManager, certManagerValues } from "../../components/cert-manager";
import { chartsFrom } from "../../components/charts";
import { WildcardCertificate } from "../../components/wildcard-certificate";
import { root } from "../config";
import { run } from "../harness";
import { faultsOf, unknownPaths, type Schema } from "../json-schema";
import { authority } from "../settings/certificates";
import { providers } from "./providers";

/** The chart and the definitions of cert-manager as upstream publishes them, at the version that is pinned. */
const reference = path.resolve(root, "../shared/reference");
const read = (...file: string[]): string => fs.readFileSync(path.join(reference, ...file), "utf8");

interface Definition {
  readonly spec: { readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: Schema } }[] };
}

describe("the contract with cert-manager", () => {
  before(function () {
    if (!fs.existsSync(reference)) this.skip();
  });

  for (const nodes of [1, 3])
    for (const alerts of [false, true])
      it(`is kept by the chart's values on ${nodes} nodes, alerts ${alerts ? "on" : "off"}`, () => {
        const values = certManagerValues({ nodes, alerts });
        const schema = JSON.parse(read("charts", "cert-manager", "values.schema.json")) as Schema;
        const defaults: unknown = parse(read("charts", "cert-manager", "values.yaml"));
        assert.deepEqual(faultsOf(values, schema, { root: schema, closed: false }), []);
        assert.deepEqual(unknownPaths(values, defaults, schema, schema), []);
      });

  it("is kept by every issuer and by the wildcard certificate", async () => {
    const { resources } = await run(() => {
      const opts = { providers: providers() };
      new CertManager(
        "certs",
        {
          chart: chartsFrom()["cert-manager"],
          nodes: 1,
          email: "admin@example.com",
          zone: "example.com",
          cloudflareToken: pulumi.secret("the-token"),
          ingressClassName: "traefik",
          acme: { server: "https://ca.example.net/acme/directory", ca: authority },
        },
        opts,
      );
      const namespaces = { ingress: "traefik" };
      new WildcardCertificate("wildcard", { domain: "example.com", namespaces, issuer: "acme" }, opts);
    });
    const written = resources.filter(({ type }) => type.startsWith("kubernetes:cert-manager.io/"));
    assert.equal(written.length, 4);
    for (const { name, inputs } of written) {
      const plural = `${(inputs.kind as string).toLowerCase()}s`;
      const { spec } = parse(read("crds", "cert-manager", `cert-manager.io_${plural}.yaml`)) as Definition;
      const [schema] = spec.versions.map((version) => version.schema.openAPIV3Schema);
      assert.ok(schema);
      const given = { ...inputs, metadata: {} };
      assert.deepEqual(faultsOf(given, schema, { root: schema, closed: true }), [], name);
    }
  });
});
