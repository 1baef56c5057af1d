import * as assert from "node:assert/strict";

import {
  WildcardCertificate,
  type WildcardCertificateArgs,
} from "../../../components/cert-manager/wildcard-certificate";
import { childrenOf, find, run, type Values } from "../../harness";
import { providers } from "../providers";

const make = (more: Partial<WildcardCertificateArgs> = {}) =>
  run(
    () =>
      new WildcardCertificate(
        "wildcard",
        {
          domain: "dev.example.com",
          namespaces: { ingress: "traefik" },
          issuer: "letsencrypt-prod",
          ...more,
        },
        { providers: providers() },
      ),
  );

describe("WildcardCertificate", () => {
  it("creates one certificate in each namespace", async () => {
    const certificate = "kubernetes:cert-manager.io/v1:Certificate";
    const one = await make();
    assert.deepEqual(childrenOf(one.resources, "wildcard"), [`${certificate} wildcard-ingress`]);
    assert.equal(find(one.resources, ":Certificate", "wildcard-ingress").provider, "kubernetes");

    const two = await make({ namespaces: { ingress: "traefik", apps: "development" } });
    assert.deepEqual(childrenOf(two.resources, "wildcard"), [
      `${certificate} wildcard-apps`,
      `${certificate} wildcard-ingress`,
    ]);
    const { inputs } = find(two.resources, ":Certificate", "wildcard-apps");
    assert.equal((inputs.metadata as { namespace: string }).namespace, "development");
  });

  for (const issuer of ["letsencrypt-prod", "letsencrypt-staging", "acme"])
    it(`orders a certificate of ${issuer} for the domain and its wildcard, and waits for it`, async () => {
      const { resources } = await make({ issuer });
      const { metadata, spec } = find(resources, ":Certificate", "wildcard-ingress").inputs;
      assert.deepEqual((metadata as Values).annotations, {
        "pulumi.com/waitFor": "condition=Ready",
        "pulumi.com/timeoutSeconds": "900",
      });
      assert.deepEqual(spec, {
        secretName: "wildcard-tls",
        issuerRef: { kind: "ClusterIssuer", name: issuer },
        commonName: "*.dev.example.com",
        dnsNames: ["dev.example.com", "*.dev.example.com"],
      });
    });

  for (const [length, hasCommonName] of [
    [64, true],
    [65, false],
  ] as const)
    it(`has ${hasCommonName ? "a" : "no"} common name if it is ${length} characters long`, async () => {
      const domain = `${"a".repeat(length - "*..example.com".length)}.example.com`;
      const { resources } = await make({ domain });
      const spec = find(resources, ":Certificate", "wildcard-ingress").inputs.spec as Values;
      assert.equal(`*.${domain}`.length, length);
      assert.equal(spec.commonName, hasCommonName ? `*.${domain}` : undefined);
      assert.deepEqual(spec.dnsNames, [domain, `*.${domain}`]);
    });
});
