import { createPrivateKey, X509Certificate } from "node:crypto";

import { ErrorResponse } from "./api";

/** Cloudflare's fields about a certificate, beside its text. */
export interface CertificateFacts {
  /** The issuer's common name, or its organization, or the whole of it. */
  readonly issuer: string;
  readonly signature: string;
  /** Decimal. */
  readonly serial_number: string;
  /** RFC 3339. */
  readonly expires_on: string;
}

/** Cloudflare publishes no codes for these: the numbers are the sandbox's. */
const errors = {
  certificate: [1400, "The certificate is invalid: want one certificate in PEM."],
  leaf: [1401, "The certificate is that of a CA: want a leaf certificate."],
  signature: [
    1402,
    "The certificate is not supported by the sandbox: want one with an RSA key, as the program's.",
  ],
  validity: [1403, "The certificate is expired or not yet valid."],
  key: [1404, "The private key is invalid: want one in PEM without a passphrase."],
  mismatch: [1405, "The private key does not belong to the certificate."],
} as const;

/**
 * Checks a client certificate and its key as they are uploaded.
 *
 * @param now milliseconds.
 * @throws {ErrorResponse} 400 with 1400 to 1405; the key is in no message.
 */
export function validateCertificate(certificate: string, privateKey: string, now: number): CertificateFacts {
  const parsed = parseOrRefuse("certificate", () => new X509Certificate(certificate));
  if (certificate.split("-----BEGIN CERTIFICATE-----").length !== 2) throw toErrorResponse("certificate");
  if (parsed.ca) throw toErrorResponse("leaf");
  if (parsed.publicKey.asymmetricKeyType !== "rsa") throw toErrorResponse("signature");
  const [from, until] = [Date.parse(parsed.validFrom), Date.parse(parsed.validTo)];
  if (!(from <= now && now < until)) throw toErrorResponse("validity");
  const key = parseOrRefuse("key", () => createPrivateKey(privateKey));
  if (!parsed.checkPrivateKey(key)) throw toErrorResponse("mismatch");
  return {
    issuer: parseIssuerName(parsed.issuer),
    signature: "SHA256WithRSA",
    serial_number: BigInt(`0x${parsed.serialNumber}`).toString(),
    expires_on: new Date(until).toISOString(),
  };
}

function toErrorResponse(kind: keyof typeof errors): ErrorResponse {
  const [code, message] = errors[kind];
  return new ErrorResponse(400, [{ code, message }]);
}

function parseOrRefuse<T>(kind: keyof typeof errors, parse: () => T): T {
  try {
    return parse();
  } catch {
    // The parser's message may quote the key.
    throw toErrorResponse(kind);
  }
}

function parseIssuerName(distinguished: string): string {
  const part = (key: string) => new RegExp(`^${key}=(.+)$`, "m").exec(distinguished)?.[1];
  return part("CN") ?? part("O") ?? distinguished;
}
