import { X509Certificate } from "node:crypto";

import { z } from "zod";

import { addErrors, errorIf } from "../config-error";

const certificateBlock = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** Whether the text is one or more PEM certificates, each of a CA, and nothing else, such as a private key. */
function isCaBundle(text: string): boolean {
  const blocks = text.match(certificateBlock) ?? [];
  try {
    return (
      blocks.length > 0 &&
      text.replace(certificateBlock, "").trim() === "" &&
      blocks.every((block) => new X509Certificate(block).ca)
    );
  } catch {
    // OpenSSL's own message would not help the user.
    return false;
  }
}

/** One or more CA certificates, PEM. A wrong value is not shown, since it may be the CA's private key. */
export const caBundle = z.string().superRefine((text, context) => {
  const message =
    "is not one or more CA certificates in PEM format and nothing else (its value is not shown here)";
  addErrors(context, errorIf(!isCaBundle(text), "", message));
});
