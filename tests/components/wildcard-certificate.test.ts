import * as assert from "node:assert/strict";

import { WildcardCertificate } from "../../components/wildcard-certificate";
import { childrenOf, find, run } from "../harness";
import { providers } from "./providers";

const make = (issuer = "letsencrypt-prod") =>
  run(
    () =>
      new WildcardCertificate(
        "wildcard",
        { domain: "dev.example.com", namespace: "development", issuer },
        { providers: providers() },
      ),
  );

describe("WildcardCertificate", () => {
  it("is one certificate", async () => {
    const { resources } = await make();
    assert.deepEqual(childrenOf(resources, "wildcard"), [
      "kubernetes:cert-manager.io/v1:Certificate wildcard",
    ]);
    assert.equal(find(resources, ":Certificate", "wildcard").provider, "kubernetes");
  });

  for (const issuer of ["letsencrypt-prod", "letsencrypt-staging"])
    it(`has ${issuer} sign the domain and every name one level below, if told so, and waits until it has`, async () => {
      const { resources } = await make(issuer);
      assert.deepEqual(find(resources, ":Certificate", "wildcard").inputs, {
        apiVersion: "cert-manager.io/v1",
        kind: "Certificate",
        metadata: {
          name: "wildcard-cert",
          namespace: "development",
          annotations: { "pulumi.com/waitFor": "condition=Ready", "pulumi.com/timeoutSeconds": "900" },
        },
        spec: {
          secretName: "wildcard-tls",
          issuerRef: { kind: "ClusterIssuer", name: issuer },
          commonName: "*.dev.example.com",
          dnsNames: ["dev.example.com", "*.dev.example.com"],
        },
      });
    });

  it("is the certificate that was a part of CertManager once", async () => {
    const { resources } = await make();
    assert.deepEqual(find(resources, ":Certificate", "wildcard").aliases, [
      ["platform:networking:CertManager cert-manager", "cert-manager-wildcard"],
    ]);
  });

  it("tells the Secret that holds it", async () => {
    const { resources, result, outputs } = await make();
    const { spec } = find(resources, ":Certificate", "wildcard").inputs as { spec: { secretName: string } };
    assert.equal(result.secretName, spec.secretName);
    assert.deepEqual(outputs.find(({ of }) => of.endsWith(" wildcard"))?.outputs, {
      secretName: "wildcard-tls",
    });
  });
});
