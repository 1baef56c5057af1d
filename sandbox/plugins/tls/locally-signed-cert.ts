import { X509Certificate } from "node:crypto";

import { AsnConvert } from "@peculiar/asn1-schema";
import {
  Certificate,
  SubjectKeyIdentifier,
  id_ce_subjectKeyIdentifier,
  type Name,
} from "@peculiar/asn1-x509";

import type { Kind, Props } from "../stand-in";
import { requestedBy } from "./cert-request";
import { issue } from "./certificate";
import { algorithmOf, keyOf } from "./keys";
import { blockOf } from "./pem";
import { certificateKind } from "./renewal";

/** `tls:index/locallySignedCert:LocallySignedCert`: its id is its serial number. */
export const locallySignedCert = (now: () => Date): Kind =>
  certificateKind(
    {
      inputs: { caCertPem: "required", certRequestPem: "required" },
      signingKey: "caPrivateKeyPem",
      algorithm: "caKeyAlgorithm",
      faults: () => [],
      issue: locallySigned,
    },
    now,
  );

/** The real provider only warns when `caCertPem` is no CA, and signs; so does this one, without the warning. */
function locallySigned(inputs: Props, now: Date) {
  const subject = requestedBy(inputs.certRequestPem);
  const key = keyOf(inputs.caPrivateKeyPemWo ?? inputs.caPrivateKeyPem, "caPrivateKeyPem");
  const { der } = blockOf(inputs.caCertPem, ["CERTIFICATE"], "caCertPem");
  if (!new X509Certificate(der).checkPrivateKey(key))
    throw new Error("caPrivateKeyPem is not the private key of caCertPem");
  const { tbsCertificate: ca } = AsnConvert.parse(der, Certificate);
  const named = ca.extensions?.find(({ extnID }) => extnID === id_ce_subjectKeyIdentifier);
  const keyId =
    named && !isSame(ca.subject, subject.name)
      ? new Uint8Array(AsnConvert.parse(named.extnValue, SubjectKeyIdentifier).buffer)
      : undefined;
  return { ...issue(inputs, subject, { name: ca.subject, key, keyId }, now), algorithm: algorithmOf(key) };
}

const isSame = (one: Name, other: Name): boolean =>
  Buffer.from(AsnConvert.serialize(one)).equals(Buffer.from(AsnConvert.serialize(other)));
