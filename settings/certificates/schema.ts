import { z } from "zod";

import { caBundle } from "../formats/ca-bundle";

/** The format of an HTTPS URL. */
const isDirectory = (text: string): boolean =>
  /^https:\/\/[^\s/@?#]+(\/[^\s?#]*)?$/.test(text) && URL.canParse(text);

export const certificates = z.strictObject({
  /** The contact of the account at the CA. Let's Encrypt sends no warnings about expiring certificates: see `alerts`. */
  email: z.email({ error: "an e-mail address" }),
  /** The ClusterIssuer of this stack's certificates. */
  issuer: z.enum(["letsencrypt-prod", "letsencrypt-staging", "acme"]).default("letsencrypt-prod"),
  /** The CA of the issuer `acme`. */
  acme: z
    .strictObject({
      /**
       * The URL of the ACME directory. Name a public CA's domain in `dns.caa` too. Behind Cloudflare's proxy, a
       * private CA needs `edge.ssl: full`.
       */
      server: z.string().refine(isDirectory, {
        error: "the https URL of an ACME directory, such as https://ca.example.com/acme/directory",
      }),
      /** The CAs of the server's own certificate, PEM. Default: the public CAs. */
      ca: caBundle.optional(),
    })
    .optional(),
  /** Whether to create alerts for certificates. The Prometheus operator must be installed. */
  alerts: z.boolean().default(false),
});
