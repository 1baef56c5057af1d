import { createHash, createPrivateKey, sign, type KeyObject } from "node:crypto";

import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import { AlgorithmIdentifier, SubjectPublicKeyInfo } from "@peculiar/asn1-x509";

import { blockOf, pem } from "./pem";

/** What pulumi-tls calls the algorithms. */
export const algorithms = { rsa: "RSA", ec: "ECDSA", ed25519: "ED25519" } as const;

/** The curves by the names that the inputs and OpenSSL give them. */
export const curves = {
  P224: "secp224r1",
  P256: "prime256v1",
  P384: "secp384r1",
  P521: "secp521r1",
} as const;

const labels = ["RSA PRIVATE KEY", "EC PRIVATE KEY", "PRIVATE KEY"];

/**
 * The private key in a PEM text: PKCS #1, SEC 1 or PKCS #8, not encrypted.
 *
 * @param input names the text in the error, which never tells the text.
 * @throws it is no such key, or of an algorithm that the provider does not have.
 */
export function keyOf(text: unknown, input: string): KeyObject {
  const { label, der } = blockOf(text, labels, input);
  let key: KeyObject;
  try {
    key = createPrivateKey(pem(label, der));
  } catch (error) {
    throw new Error(`${input} holds no private key that can be read`, { cause: error });
  }
  if (!isAlgorithm(key.asymmetricKeyType))
    throw new Error(
      `${input} holds a key of type ${String(key.asymmetricKeyType)}, want RSA, ECDSA or ED25519`,
    );
  return key;
}

/** RSA, ECDSA or ED25519. */
export function algorithmOf({ asymmetricKeyType: type }: KeyObject): string {
  return isAlgorithm(type) ? algorithms[type] : String(type);
}

/** DER of a SubjectPublicKeyInfo, and the same taken apart. */
export function publicPart(publicKey: KeyObject): { der: Buffer; info: SubjectPublicKeyInfo } {
  const der = publicKey.export({ type: "spki", format: "der" });
  return { der, info: AsnConvert.parse(der, SubjectPublicKeyInfo) };
}

/** The key identifier of a certificate: SHA-1, as the real provider takes it. */
export function keyIdentifier({ algorithm, subjectPublicKey }: SubjectPublicKeyInfo): Buffer {
  // Go's encoder wraps the 32 bytes of an Ed25519 key once more, and the hash is over that.
  const bytes =
    algorithm.algorithm === ED25519
      ? AsnConvert.serialize(new OctetString(subjectPublicKey))
      : subjectPublicKey;
  return createHash("sha1").update(new Uint8Array(bytes)).digest();
}

const ED25519 = "1.3.101.112";

const ecdsa = {
  sha256: "1.2.840.10045.4.3.2",
  sha384: "1.2.840.10045.4.3.3",
  sha512: "1.2.840.10045.4.3.4",
} as const;

/**
 * How the key signs certificates: the identifier they carry, and the signature over `tbs`. The hash follows the
 * curve, as in Go's crypto/x509. @see https://www.rfc-editor.org/rfc/rfc5758#section-3.2
 */
export function signer(key: KeyObject): {
  readonly identifier: AlgorithmIdentifier;
  readonly sign: (tbs: ArrayBuffer) => Buffer;
} {
  const signing = (algorithm: string, hash: string | null, parameters?: null) => ({
    identifier: new AlgorithmIdentifier({ algorithm, parameters }),
    sign: (tbs: ArrayBuffer) => sign(hash, new Uint8Array(tbs), key),
  });
  if (key.asymmetricKeyType === "rsa") return signing("1.2.840.113549.1.1.11", "sha256", null);
  if (key.asymmetricKeyType === "ed25519") return signing(ED25519, null);
  const curve = key.asymmetricKeyDetails?.namedCurve;
  const hash = curve === curves.P384 ? "sha384" : curve === curves.P521 ? "sha512" : "sha256";
  return signing(ecdsa[hash], hash);
}

const isAlgorithm = (type: string | undefined): type is keyof typeof algorithms =>
  type !== undefined && type in algorithms;
