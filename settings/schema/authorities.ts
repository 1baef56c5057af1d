import { X509Certificate } from "node:crypto";

import { z } from "zod";

/** Whether the text is one PEM certificate or several, each of a CA. */
function isAuthority(text: string): boolean {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  try {
    return blocks.length > 0 && blocks.every((block) => new X509Certificate(block).ca);
  } catch {
    // What OpenSSL cannot read is no certificate; its own words would help nobody.
    return false;
  }
}

/** Certificates of CAs that are trusted, PEM, one after the other. */
export const authorities = z
  .string()
  .refine(isAuthority, { error: "the PEM certificate of a CA, or several" });
