import "reflect-metadata";

import { webcrypto } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";

import * as x509 from "@peculiar/x509";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/** Writes a self-signed certificate and its key as `<name>.crt` and `<name>.key`. */
export async function writeCertificate(
  folder: string,
  name: string,
  { dnsNames, notAfter }: { readonly dnsNames: readonly string[]; readonly notAfter: Date },
): Promise<void> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=other CA",
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(notAfter.getTime() - 90 * 86_400_000),
    notAfter,
    extensions: [new x509.SubjectAlternativeNameExtension(dnsNames.map((value) => ({ type: "dns", value })))],
  });
  const key = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
  fs.writeFileSync(path.join(folder, `${name}.crt`), certificate.toString("pem"));
  fs.writeFileSync(
    path.join(folder, `${name}.key`),
    `-----BEGIN PRIVATE KEY-----\n${key.replace(/.{64}/g, "$&\n")}\n-----END PRIVATE KEY-----\n`,
  );
}
