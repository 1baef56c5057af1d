import { createPublicKey, generateKeyPairSync, randomBytes, webcrypto, type KeyObject } from "node:crypto";

// The library's dependency tsyringe needs it, and before itself.
import "reflect-metadata";
import * as x509 from "@peculiar/x509";

export interface CertificateOptions {
  /** Milliseconds. */
  readonly from: number;
  readonly until: number;
  readonly isCa?: boolean;
  /** Default: an RSA key, the same for all. */
  readonly key?: KeyObject;
}

export const rsaKey = (): KeyObject => generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
export const pemOf = (key: KeyObject): string => key.export({ type: "pkcs8", format: "pem" }).toString();
const ownKey = rsaKey();

/** A certificate of "Test CA" in PEM, its key, and its serial number in decimal. */
export async function certificate({ from, until, isCa = false, key = ownKey }: CertificateOptions) {
  const { subtle } = webcrypto;
  const algorithm =
    key.asymmetricKeyType === "rsa"
      ? { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }
      : { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const serial = randomBytes(16);
  serial[0] = 1;
  const der = key.export({ type: "pkcs8", format: "der" });
  const signingKey = await subtle.importKey("pkcs8", der, algorithm, false, ["sign"]);
  const created = await x509.X509CertificateGenerator.create({
    serialNumber: serial.toString("hex"),
    issuer: "CN=Test CA",
    subject: "CN=the edge",
    notBefore: new Date(from),
    notAfter: new Date(until),
    publicKey: new x509.PublicKey(
      new Uint8Array(createPublicKey(key).export({ type: "spki", format: "der" })),
    ),
    signingKey,
    signingAlgorithm: algorithm,
    extensions: [new x509.BasicConstraintsExtension(isCa, undefined, true)],
  });
  return {
    pem: `${created.toString("pem")}\n`,
    key: pemOf(key),
    serial: BigInt(`0x${serial.toString("hex")}`).toString(),
  };
}
