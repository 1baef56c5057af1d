import { z } from "zod";

import { caBundle } from "../formats/ca-bundle";

/** What a URL of the web is, as far as it can be told before anybody asks there. */
const isDirectory = (text: string): boolean =>
  /^https:\/\/[^\s/@?#]+(\/[^\s?#]*)?$/.test(text) && URL.canParse(text);

export const certificates = z.strictObject({
  /** The contact of the account at the CA. Let's Encrypt warns nobody of a certificate that expires: see `alerts`. */
  email: z.email({ error: "an e-mail address" }),
  /** The ClusterIssuer that signs what this stack asks for. */
  issuer: z.enum(["letsencrypt-prod", "letsencrypt-staging", "acme"]).default("letsencrypt-prod"),
  /** Where the CA of the issuer `acme` is. */
  acme: z
    .strictObject({
      /**
       * The URL of the ACME directory. Name a public CA's domain in `dns.caa` too. Behind Cloudflare's proxy, a
       * private CA needs `edge.ssl: full`.
       */
      server: z.string().refine(isDirectory, {
        error: "the https URL of an ACME directory, such as https://ca.example.com/acme/directory",
      }),
      /** The CAs of the server's own certificate, PEM. Absence means that a public one signed it. */
      ca: caBundle.optional(),
    })
    .optional(),
  /** Whether Prometheus watches over the certificates. Its operator must be there. */
  alerts: z.boolean().default(false),
});
