import * as pulumi from "@pulumi/pulumi";

import { certificate } from "./custom-resources";

export interface WildcardCertificateArgs {
  /** The name that it is for, with every name one level below. */
  readonly domain: string;
  readonly namespace: pulumi.Input<string>;
  /** The ClusterIssuer that signs it. */
  readonly issuer: string;
}

/**
 * The certificate that the ingress shows for every host of the platform. Done when it is issued, which takes as long as
 * DNS-01 does: a minute or two.
 *
 * @see https://cert-manager.io/docs/usage/certificate/
 */
export class WildcardCertificate extends pulumi.ComponentResource {
  /** The Secret that holds it, in the same namespace. */
  readonly secretName: string = "wildcard-tls";

  constructor(name: string, args: WildcardCertificateArgs, opts?: pulumi.ComponentResourceOptions) {
    const { domain, namespace, issuer } = args;
    super("platform:networking:WildcardCertificate", name, {}, opts);

    certificate(
      name,
      {
        name: "wildcard-cert",
        namespace,
        annotations: { "pulumi.com/waitFor": "condition=Ready", "pulumi.com/timeoutSeconds": "900" },
      },
      {
        secretName: this.secretName,
        issuerRef: { kind: "ClusterIssuer", name: issuer },
        commonName: `*.${domain}`,
        dnsNames: [domain, `*.${domain}`],
      },
      {
        parent: this,
        // It was a part of CertManager once.
        aliases: [
          {
            name: "cert-manager-wildcard",
            parent: pulumi.createUrn("cert-manager", "platform:networking:CertManager"),
          },
        ],
      },
    );

    this.registerOutputs({ secretName: this.secretName });
  }
}
