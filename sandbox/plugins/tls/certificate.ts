import { randomBytes, type KeyObject } from "node:crypto";

import { AsnConvert } from "@peculiar/asn1-schema";
import {
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  Extensions,
  KeyIdentifier,
  SubjectKeyIdentifier,
  TBSCertificate,
  Validity,
  Version,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_subjectKeyIdentifier,
  type GeneralName,
  type Name,
  type SubjectPublicKeyInfo,
} from "@peculiar/asn1-x509";

import type { Props } from "../stand-in";
import { keyIdentifier, signer } from "./keys";
import { altNameExtension, extension } from "./names";
import { pem } from "./pem";
import { useExtensions } from "./uses";

/** Whom a certificate is for. */
export interface Subject {
  readonly name: Name;
  readonly publicKey: SubjectPublicKeyInfo;
  readonly altNames: readonly GeneralName[];
}

/** Who signs it. */
export interface Authority {
  readonly name: Name;
  readonly key: KeyObject;
  /** What the certificate calls the authority's key by; absent where it does not say. */
  readonly keyId?: Uint8Array;
}

/** The outputs of a certificate, and its id: the serial number in decimals. */
export interface Issued {
  readonly id: string;
  readonly outputs: Readonly<Record<"certPem" | "validityStartTime" | "validityEndTime", string>>;
}

/** Milliseconds of an hour. */
export const HOUR = 3_600_000;

/**
 * Issues an X.509 certificate, version 3.
 *
 * @param inputs those that SelfSignedCert and LocallySignedCert share, defaults filled in.
 * @throws a CA without a subject. @see https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.6
 */
export function issue(inputs: Props, subject: Subject, authority: Authority, now: Date): Issued {
  if (inputs.isCaCertificate === true && subject.name.length === 0)
    throw new Error("a CA needs a subject with at least one field, such as commonName");
  const end = new Date(now.getTime() + Number(inputs.validityPeriodHours) * HOUR);
  const serial = randomBytes(16);
  // A first byte of 1 to 127: the number is positive, and has as many bytes as it was drawn with.
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 1;
  const { identifier, sign } = signer(authority.key);
  const tbsCertificate = new TBSCertificate({
    version: Version.v3,
    serialNumber: new Uint8Array(serial).buffer,
    signature: identifier,
    issuer: authority.name,
    validity: new Validity({ notBefore: now, notAfter: end }),
    subject: subject.name,
    subjectPublicKeyInfo: subject.publicKey,
    extensions: new Extensions([
      ...useExtensions(inputs.allowedUses as readonly string[]),
      extension(id_ce_basicConstraints, true, constraintsOf(inputs)),
      ...keyIdExtensions(inputs, subject, authority),
      ...altNameExtension(subject.altNames, subject.name),
    ]),
  });
  const signature = sign(AsnConvert.serialize(tbsCertificate));
  const certificate = new Certificate({
    tbsCertificate,
    signatureAlgorithm: identifier,
    signatureValue: new Uint8Array(signature).buffer,
  });
  return {
    id: BigInt(`0x${serial.toString("hex")}`).toString(),
    outputs: {
      certPem: pem("CERTIFICATE", AsnConvert.serialize(certificate)),
      validityStartTime: now.toISOString(),
      validityEndTime: end.toISOString(),
    },
  };
}

/** A CA always names its key, as the real provider has it. */
export function subjectKeyId(inputs: Props, publicKey: SubjectPublicKeyInfo): Buffer | undefined {
  const isNamed = inputs.isCaCertificate === true || inputs.setSubjectKeyId === true;
  return isNamed ? keyIdentifier(publicKey) : undefined;
}

function keyIdExtensions(inputs: Props, { publicKey }: Subject, { keyId }: Authority) {
  const own = subjectKeyId(inputs, publicKey);
  return [
    ...(own ? [extension(id_ce_subjectKeyIdentifier, false, new SubjectKeyIdentifier(own))] : []),
    ...(keyId
      ? [
          extension(
            id_ce_authorityKeyIdentifier,
            false,
            new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(keyId) }),
          ),
        ]
      : []),
  ];
}

function constraintsOf({ isCaCertificate, maxPathLength }: Props): BasicConstraints {
  if (isCaCertificate !== true) return new BasicConstraints();
  const length = Number(maxPathLength);
  return new BasicConstraints({ cA: true, ...(length >= 0 && { pathLenConstraint: length }) });
}
