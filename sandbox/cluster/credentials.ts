import { generateKeyPairSync, randomBytes, X509Certificate } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";

import { stringify } from "yaml";

import { writeFileAtomically } from "../write-file";

/** Files of one cluster that its programs and clients share. All stay the same for as long as the folder exists. */
export interface Credentials {
  /** The administrator's bearer token. */
  readonly token: string;
  /** The API server's list of tokens. */
  readonly tokenFile: string;
  /** Signs the tokens of service accounts. */
  readonly signingKeyFile: string;
  /** Checks them. */
  readonly publicKeyFile: string;
  /** The folder where the API server creates its certificate at its first start. */
  readonly certDir: string;
}

/** Makes what is missing. Everything secret can be read by its owner alone. */
export function ensureCredentials(dir: string): Credentials {
  fs.mkdirSync(dir, { recursive: true, mode: 0o700 });
  const tokenFile = path.join(dir, "tokens.csv");
  if (!fs.existsSync(tokenFile)) {
    const line = `${randomBytes(32).toString("hex")},sandbox,sandbox,system:masters\n`;
    writeFileAtomically(tokenFile, line);
  }
  const signingKeyFile = path.join(dir, "service-accounts.key");
  const publicKeyFile = path.join(dir, "service-accounts.pub");
  if (!fs.existsSync(signingKeyFile)) {
    const { privateKey, publicKey } = generateKeyPairSync("ec", {
      namedCurve: "P-256",
      privateKeyEncoding: { type: "sec1", format: "pem" },
      publicKeyEncoding: { type: "spki", format: "pem" },
    });
    writeFileAtomically(publicKeyFile, publicKey);
    writeFileAtomically(signingKeyFile, privateKey);
  }
  const token = fs.readFileSync(tokenFile, "utf8").split(",")[0] ?? "";
  return { token, tokenFile, signingKeyFile, publicKeyFile, certDir: path.join(dir, "certificates") };
}

/** The API server's certificate with the authority that signed it; undefined until it has made them. */
export function readServerCa({ certDir }: Credentials): string | undefined {
  const file = path.join(certDir, "apiserver.crt");
  return fs.existsSync(file) ? fs.readFileSync(file, "utf8") : undefined;
}

/** Deletes a certificate of the API server that expires within a month: the next start creates another for a year. */
export function dropOldCertificate(credentials: Credentials, now = Date.now()): void {
  const pem = readServerCa(credentials);
  if (pem === undefined) return;
  const month = 30 * 24 * 3600 * 1000;
  if (new Date(new X509Certificate(pem).validTo).getTime() - now < month) {
    fs.rmSync(credentials.certDir, { recursive: true });
  }
}

/** Writes the kubeconfig. Left untouched when it would be the same: it is an input of the program's provider. */
export function writeKubeconfig(file: string, name: string, server: string, ca: string, token: string): void {
  const text = stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      { name, cluster: { server, "certificate-authority-data": Buffer.from(ca).toString("base64") } },
    ],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    "current-context": name,
  });
  if (!fs.existsSync(file) || fs.readFileSync(file, "utf8") !== text) writeFileAtomically(file, text);
}
