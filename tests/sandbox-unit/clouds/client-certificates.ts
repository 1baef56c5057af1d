import { createPublicKey, generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto";

import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  BasicConstraints,
  Certificate,
  Extension,
  Extensions,
  Name,
  RelativeDistinguishedName,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
  id_ce_basicConstraints,
} from "@peculiar/asn1-x509";

export interface Wanted {
  /** Milliseconds. */
  readonly from: number;
  readonly until: number;
  readonly isCa?: boolean;
  readonly key?: KeyObject;
  /** Object identifier of the signature's algorithm; default ECDSA with SHA-256. */
  readonly algorithm?: string;
}

export const newKey = (): KeyObject => generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
export const pemOf = (key: KeyObject): string => key.export({ type: "pkcs8", format: "pem" }).toString();

/** A certificate of "Test CA" in PEM, its key, and its serial number in decimal. */
export function certificate({ from, until, isCa = false, key = newKey(), algorithm }: Wanted) {
  const issuer = newKey();
  const serial = randomBytes(16);
  serial[0] = 1;
  const constraints = AsnConvert.serialize(new BasicConstraints({ cA: isCa }));
  const signature = new AlgorithmIdentifier({ algorithm: algorithm ?? "1.2.840.10045.4.3.2" });
  const tbsCertificate = new TBSCertificate({
    version: Version.v3,
    serialNumber: new Uint8Array(serial).buffer,
    signature,
    issuer: named("Test CA"),
    validity: new Validity({ notBefore: new Date(from), notAfter: new Date(until) }),
    subject: named("the edge"),
    subjectPublicKeyInfo: AsnConvert.parse(publicDer(key), SubjectPublicKeyInfo),
    extensions: new Extensions([
      new Extension({
        extnID: id_ce_basicConstraints,
        critical: true,
        extnValue: new OctetString(constraints),
      }),
    ]),
  });
  const signed = sign("sha256", new Uint8Array(AsnConvert.serialize(tbsCertificate)), issuer);
  const der = AsnConvert.serialize(
    new Certificate({
      tbsCertificate,
      signatureAlgorithm: signature,
      signatureValue: new Uint8Array(signed).buffer,
    }),
  );
  const lines = Buffer.from(der).toString("base64").replace(/.{64}/g, "$&\n").trimEnd();
  return {
    pem: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: pemOf(key),
    serial: BigInt(`0x${serial.toString("hex")}`).toString(),
  };
}

const publicDer = (key: KeyObject) => createPublicKey(key).export({ type: "spki", format: "der" });

function named(commonName: string): Name {
  const value = new AttributeValue({ utf8String: commonName });
  return new Name([new RelativeDistinguishedName([new AttributeTypeAndValue({ type: "2.5.4.3", value })])]);
}
