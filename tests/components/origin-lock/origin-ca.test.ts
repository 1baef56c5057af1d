import * as assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import { createClientCertificate, createOriginCa } from "../../../components/origin-lock/origin-ca";
import { find, run } from "../../harness";
import { pem } from "../../mocks";
import { providers } from "../providers";

/** A CA and a client certificate, as children of one component. */
class Pair extends pulumi.ComponentResource {
  constructor() {
    super("platform:networking:Pair", "pair", {}, { providers: providers() });
    const ca = createOriginCa("ca", "Origin lock of example.com, generation 1", this);
    createClientCertificate("client", "Cloudflare's edge for example.com", ca, this);
  }
}

const create = () => run(() => new Pair());

const year = 365 * 24;

describe("the origin CA", () => {
  it("has RSA keys, as Cloudflare requires", async () => {
    const { resources } = await create();
    for (const name of ["ca", "client"])
      assert.deepEqual(find(resources, ":PrivateKey", name).inputs, { algorithm: "RSA", rsaBits: 2048 });
  });

  it("has a self-signed certificate for 20 years that can only sign", async () => {
    const { resources } = await create();
    const { inputs, secrets } = find(resources, ":SelfSignedCert", "ca");
    assert.deepEqual(inputs, {
      privateKeyPem: pem("RSA PRIVATE KEY", "ca"),
      subject: { commonName: "Origin lock of example.com, generation 1" },
      isCaCertificate: true,
      setSubjectKeyId: true,
      allowedUses: ["cert_signing", "crl_signing"],
      validityPeriodHours: 20 * year,
    });
    assert.deepEqual(secrets, ["privateKeyPem"]);
  });

  it("signs a client certificate for five years, renewed in the last one", async () => {
    const { resources } = await create();
    const { inputs, secrets } = find(resources, ":LocallySignedCert", "client");
    assert.deepEqual(inputs, {
      certRequestPem: pem("CERTIFICATE REQUEST", "client"),
      caPrivateKeyPem: pem("RSA PRIVATE KEY", "ca"),
      caCertPem: pem("CERTIFICATE", "ca"),
      allowedUses: ["digital_signature", "client_auth"],
      validityPeriodHours: 5 * year,
      earlyRenewalHours: year,
    });
    assert.deepEqual(secrets, ["caPrivateKeyPem"]);
  });
});
