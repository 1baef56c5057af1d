import * as pulumi from "@pulumi/pulumi";

import { certificate } from "../custom-resources/cert-manager-resources";
import { waitForIssued } from "../pulumi/wait-for";

export interface WildcardCertificateArgs {
  /** The certificate is for this name and every name one level below. */
  readonly domain: string;
  /** Target namespaces, keyed by resource-name suffix. Each entry orders a separate certificate, so use one. */
  readonly namespaces: Readonly<Record<string, pulumi.Input<string>>>;
  /** The name of the ClusterIssuer. */
  readonly issuer: string;
}

/** The Secret that holds the certificate. */
export const wildcardSecretName = "wildcard-tls";

/** The maximum length of a common name. @see https://www.rfc-editor.org/rfc/rfc5280#appendix-A.1 */
const maxCommonNameLength = 64;

/**
 * The wildcard certificate of all hosts. Waits until it is issued: a DNS-01 challenge takes a minute or two.
 *
 * Create it in the ingress controller's namespace only, where TLS terminates: in the apps' namespace, whoever can read
 * Secrets could impersonate every host. The controller uses it by default, for each Ingress without a Secret of its own.
 * A second certificate would be a second order for the same names, of which Let's Encrypt accepts five a week, renewals
 * included.
 *
 * @see https://cert-manager.io/docs/usage/certificate/
 * @see https://letsencrypt.org/docs/rate-limits/#new-certificates-per-exact-set-of-identifiers
 */
export class WildcardCertificate extends pulumi.ComponentResource {
  /** The certificate's Secret in each namespace. */
  readonly secretName: string = wildcardSecretName;

  constructor(name: string, args: WildcardCertificateArgs, opts?: pulumi.ComponentResourceOptions) {
    const { domain, namespaces, issuer } = args;
    const wildcard = `*.${domain}`;
    super("platform:networking:WildcardCertificate", name, {}, opts);

    for (const [suffix, namespace] of Object.entries(namespaces))
      certificate(
        `${name}-${suffix}`,
        {
          name: "wildcard-cert",
          namespace,
          annotations: waitForIssued,
        },
        {
          secretName: this.secretName,
          issuerRef: { kind: "ClusterIssuer", name: issuer },
          ...(wildcard.length <= maxCommonNameLength && { commonName: wildcard }),
          dnsNames: [domain, wildcard],
        },
        { parent: this },
      );

    this.registerOutputs({ secretName: this.secretName });
  }
}
