import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";

const yearsToHours = (years: number): number => years * 365 * 24;

/** A private key and its certificate. */
export interface KeyPair {
  readonly key: tls.PrivateKey;
  readonly certificate: tls.SelfSignedCert | tls.LocallySignedCert;
}

/**
 * Creates a certificate authority that signs only the edge's client certificates. It is valid for 20 years: rotation
 * creates another one and never renews this one.
 */
export function createOriginCa(name: string, commonName: string, parent: pulumi.Resource): KeyPair {
  const key = new tls.PrivateKey(name, { algorithm: "RSA", rsaBits: 2048 }, { parent });
  const certificate = new tls.SelfSignedCert(
    name,
    {
      privateKeyPem: key.privateKeyPem,
      subject: { commonName },
      isCaCertificate: true,
      setSubjectKeyId: true,
      allowedUses: ["cert_signing", "crl_signing"],
      validityPeriodHours: yearsToHours(20),
    },
    { parent },
  );
  return { key, certificate };
}

/** Creates the edge's client certificate. It is valid for five years, and any `up` in the last year renews it. */
export function createClientCertificate(
  name: string,
  commonName: string,
  ca: KeyPair,
  parent: pulumi.Resource,
): KeyPair {
  const key = new tls.PrivateKey(name, { algorithm: "RSA", rsaBits: 2048 }, { parent });
  const request = new tls.CertRequest(
    name,
    { privateKeyPem: key.privateKeyPem, subject: { commonName } },
    { parent },
  );
  const certificate = new tls.LocallySignedCert(
    name,
    {
      certRequestPem: request.certRequestPem,
      caPrivateKeyPem: ca.key.privateKeyPem,
      caCertPem: ca.certificate.certPem,
      allowedUses: ["digital_signature", "client_auth"],
      validityPeriodHours: yearsToHours(5),
      earlyRenewalHours: yearsToHours(1),
    },
    { parent },
  );
  return { key, certificate };
}
