import * as pulumi from "@pulumi/pulumi";

import { certificate } from "../custom-resources/cert-manager-resources";
import { waitForIssued } from "../pulumi/wait-for";

export interface WildcardCertificateArgs {
  /** The name that it is for, with every name one level below. */
  readonly domain: string;
  /** Where it is wanted, by a word that ends the resource's name. One is best: each is a certificate of its own. */
  readonly namespaces: Readonly<Record<string, pulumi.Input<string>>>;
  /** The ClusterIssuer that signs it. */
  readonly issuer: string;
}

/** The Secret that holds the certificate. */
export const wildcardSecretName = "wildcard-tls";

/** No common name is longer than this. @see https://www.rfc-editor.org/rfc/rfc5280#appendix-A.1 */
const commonNameLength = 64;

/**
 * The certificate that the ingress shows for every host of the platform. Done when it is issued, which takes as long as
 * DNS-01 does: a minute or two.
 *
 * It belongs in the ingress controller's namespace and nowhere else. There TLS ends; among the apps, whoever may read a
 * Secret could pass for any host. The controller shows it by default, for every Ingress that names no Secret of its own.
 * A second one beside the apps would be a second order for the same names, of which Let's Encrypt takes five a week,
 * renewals included.
 *
 * @see https://cert-manager.io/docs/usage/certificate/
 * @see https://letsencrypt.org/docs/rate-limits/#new-certificates-per-exact-set-of-identifiers
 */
export class WildcardCertificate extends pulumi.ComponentResource {
  /** The Secret that holds it, in each of the namespaces. */
  readonly secretName: string = wildcardSecretName;

  constructor(name: string, args: WildcardCertificateArgs, opts?: pulumi.ComponentResourceOptions) {
    const { domain, namespaces, issuer } = args;
    const wildcard = `*.${domain}`;
    super("platform:networking:WildcardCertificate", name, {}, opts);

    for (const [place, namespace] of Object.entries(namespaces))
      certificate(
        `${name}-${place}`,
        {
          name: "wildcard-cert",
          namespace,
          annotations: waitForIssued,
        },
        {
          secretName: this.secretName,
          issuerRef: { kind: "ClusterIssuer", name: issuer },
          ...(wildcard.length <= commonNameLength && { commonName: wildcard }),
          dnsNames: [domain, wildcard],
        },
        { parent: this },
      );

    this.registerOutputs({ secretName: this.secretName });
  }
}
