import { X509Certificate } from "node:crypto";

import { z } from "zod";

/** Whether the text is one or more PEM certificates, each of a CA. */
function isCaBundle(text: string): boolean {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  try {
    return blocks.length > 0 && blocks.every((block) => new X509Certificate(block).ca);
  } catch {
    // OpenSSL's own message would not help the user.
    return false;
  }
}

/** One or more CA certificates, PEM. */
export const caBundle = z.string().refine(isCaBundle, { error: "one or more CA certificates in PEM format" });
