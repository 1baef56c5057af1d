import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";

const yearsToHours = (years: number): number => years * 365 * 24;

/** A key, and the certificate for it. */
export interface KeyPair {
  readonly key: tls.PrivateKey;
  readonly certificate: tls.SelfSignedCert | tls.LocallySignedCert;
}

/**
 * A certificate authority that signs nothing but the edge's client certificates. Good for 20 years: it is rotated by
 * making another one, never by renewing this one.
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

/** What the edge shows to the origin. Good for five years; any `up` in the last of them renews it. */
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
