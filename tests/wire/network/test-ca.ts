// The library's dependency tsyringe needs it, and before itself.
import "reflect-metadata";

import { randomBytes, webcrypto } from "node:crypto";

import * as x509 from "@peculiar/x509";

/** A certificate with its key, both PEM. */
export interface CertificatePair {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateOptions {
  readonly ipAddresses?: readonly string[];
  /** Start of the validity. Default: a minute ago, since clocks differ by seconds. */
  readonly from?: Date;
  /** Length of the validity. Default: 24. */
  readonly hours?: number;
  /** Whether its key is RSA. Default: P-256. */
  readonly isRsa?: boolean;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

const rsa = {
  ...{ name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", modulusLength: 2048 },
  publicExponent: Uint8Array.of(1, 0, 1),
};

const createKeys = (isRsa = false) =>
  webcrypto.subtle.generateKey(isRsa ? rsa : algorithm, true, ["sign", "verify"]);

/** A CA of the tests, new in each run. */
export class TestCa {
  /** PEM. */
  readonly cert: string;
  readonly #subject: string;
  readonly #key: webcrypto.CryptoKey;

  private constructor(subject: string, cert: string, key: webcrypto.CryptoKey) {
    this.cert = cert;
    this.#subject = subject;
    this.#key = key;
  }

  static async create(commonName: string): Promise<TestCa> {
    const name = `CN="${commonName}"`;
    const keys = await createKeys();
    const cert = await x509.X509CertificateGenerator.createSelfSigned({
      ...validity({}),
      name,
      keys,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    return new TestCa(name, `${cert.toString("pem")}\n`, keys.privateKey);
  }

  /** Issues a certificate for these names, for a server and a client alike. */
  async issue(dnsNames: readonly string[], options: CertificateOptions = {}): Promise<CertificatePair> {
    const { ipAddresses = [], isRsa } = options;
    const keys = await createKeys(isRsa);
    const cert = await x509.X509CertificateGenerator.create({
      ...validity(options),
      subject: `CN=${dnsNames[0] ?? ipAddresses[0] ?? ""}`,
      issuer: this.#subject,
      publicKey: keys.publicKey,
      signingKey: this.#key,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([
          x509.ExtendedKeyUsage.serverAuth,
          x509.ExtendedKeyUsage.clientAuth,
        ]),
        new x509.SubjectAlternativeNameExtension([
          ...dnsNames.map((value) => ({ type: "dns" as const, value })),
          ...ipAddresses.map((value) => ({ type: "ip" as const, value })),
        ]),
      ],
    });
    const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
    return { cert: `${cert.toString("pem")}\n`, key: `${x509.PemConverter.encode(pkcs8, "PRIVATE KEY")}\n` };
  }
}

function validity({ from = new Date(Date.now() - 60_000), hours = 24 }: CertificateOptions) {
  return {
    serialNumber: `01${randomBytes(15).toString("hex")}`,
    notBefore: from,
    notAfter: new Date(from.getTime() + hours * 3_600_000),
  };
}
