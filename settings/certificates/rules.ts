import { errorIf } from "../config-error";
import { rule, type Rule } from "../rule";
import { isWithin, letsEncrypt } from "../zone";

/** Rules about `certificates` alone. */
export const certificateRules: readonly Rule[] = [
  rule(["certificates"], ({ certificates: { issuer, acme } }) => {
    if (acme === undefined)
      return errorIf(
        issuer === "acme",
        "certificates.acme",
        "is missing with issuer: acme, want the server of the CA",
      );
    const { hostname } = new URL(acme.server);
    if (isWithin(hostname, letsEncrypt)) {
      const named = hostname.includes("staging") ? "letsencrypt-staging" : "letsencrypt-prod";
      const message = `got ${acme.server}, which is Let's Encrypt; want no acme, but certificates.issuer: ${named}`;
      return [{ path: "certificates.acme.server", message }];
    }
    return errorIf(
      issuer !== "acme",
      "certificates.acme",
      `cannot be combined with issuer: ${issuer}, want issuer: acme`,
    );
  }),
];
