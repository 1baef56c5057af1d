import * as assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import { CertManager, buildCertManagerValues } from "../../../components/cert-manager/cert-manager";
import { resolveCharts } from "../../../components/charts";
import { WildcardCertificate } from "../../../components/cert-manager/wildcard-certificate";
import { valueFaults } from "../../chart-values";
import { crdSchema } from "../../fixtures/upstream";
import { run } from "../../harness";
import { faultsOf } from "../../json-schema";
import { authority } from "../../settings/ca-certificate";
import { providers } from "../providers";

describe("the contract with cert-manager", () => {
  for (const nodes of [1, 3])
    for (const alerts of [false, true])
      it(`is met by the chart's values on ${nodes} nodes, alerts ${alerts ? "on" : "off"}`, () => {
        assert.deepEqual(valueFaults("cert-manager", buildCertManagerValues({ nodes, alerts })), []);
      });

  it("is met by every issuer and the wildcard certificate", async () => {
    const { resources } = await run(() => {
      const opts = { providers: providers() };
      new CertManager(
        "certs",
        {
          chart: resolveCharts()["cert-manager"],
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
    const created = resources.filter(({ type }) => type.startsWith("kubernetes:cert-manager.io/"));
    assert.equal(created.length, 4);
    for (const { name, inputs } of created) {
      const schema = crdSchema(inputs.apiVersion as string, inputs.kind as string);
      assert.ok(schema);
      const object = { ...inputs, metadata: {} };
      assert.deepEqual(faultsOf(object, schema, { root: schema, closed: true }), [], name);
    }
  });
});
