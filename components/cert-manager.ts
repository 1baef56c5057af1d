import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { release, type Chart } from "./charts";
import { clusterIssuer, type AcmeSolver } from "./custom-resources";

/** Let's Encrypt's two directories. @see https://letsencrypt.org/docs/staging-environment/ */
const directories = {
  "letsencrypt-prod": "https://acme-v02.api.letsencrypt.org/directory",
  "letsencrypt-staging": "https://acme-staging-v02.api.letsencrypt.org/directory",
} as const;

export type IssuerName = keyof typeof directories;

export interface CertManagerArgs {
  readonly chart: Chart;
  /** How many nodes the cluster has: with three or more, cert-manager runs in more than one copy. */
  readonly nodes: number;
  /** Where Let's Encrypt writes to when a certificate is about to expire. */
  readonly email: string;
  /** The Cloudflare zone in which DNS-01 challenges are answered. */
  readonly zone: string;
  /** A Cloudflare token with Zone:Read and DNS:Edit on that zone and nothing else. */
  readonly cloudflareToken: pulumi.Output<string>;
  /** The class of the ingress that answers HTTP-01 challenges. */
  readonly ingressClassName: string;
  /** The name for which the platform's wildcard certificate is. */
  readonly domain: string;
}

const tokenSecret = { name: "cloudflare-api-token", key: "token" };

/**
 * Certificates from Let's Encrypt: the controller, and both issuers.
 *
 * @see https://cert-manager.io/docs/configuration/acme/dns01/cloudflare/
 */
export class CertManager extends pulumi.ComponentResource {
  /** The namespace whose Secrets ClusterIssuers read; known when cert-manager is installed. */
  readonly namespace: pulumi.Output<string>;

  constructor(name: string, args: CertManagerArgs, opts?: pulumi.ComponentResourceOptions) {
    const { chart, nodes, email, zone, cloudflareToken, ingressClassName, domain } = args;
    super("platform:networking:CertManager", name, {}, opts);

    const namespace = new kubernetes.core.v1.Namespace(
      name,
      { metadata: { name: "cert-manager" } },
      { parent: this },
    );
    const controller = new kubernetes.helm.v3.Release(
      `${name}-chart`,
      release(chart, {
        name: "cert-manager",
        namespace: namespace.metadata.name,
        values: certManagerValues(nodes),
      }),
      { parent: this },
    );
    this.namespace = controller.status.namespace;

    const token = new kubernetes.core.v1.Secret(
      `${name}-cloudflare-token`,
      {
        metadata: { name: tokenSecret.name, namespace: this.namespace },
        stringData: { [tokenSecret.key]: cloudflareToken },
      },
      { parent: this },
    );

    const dns01 = { cloudflare: { apiTokenSecretRef: tokenSecret } };
    const solvers: Record<IssuerName, readonly AcmeSolver[]> = {
      "letsencrypt-prod": [{ dns01, selector: { dnsZones: [zone] } }],
      // HTTP-01 as the rehearsal of the other way, but a wildcard can be had by DNS-01 alone.
      "letsencrypt-staging": [
        { http01: { ingress: { ingressClassName, serviceType: "ClusterIP" } } },
        { dns01, selector: { dnsNames: [domain, `*.${domain}`] } },
      ],
    };
    for (const issuer of Object.keys(directories) as IssuerName[])
      clusterIssuer(
        `${name}-${issuer}`,
        { name: issuer },
        {
          acme: {
            email,
            server: directories[issuer],
            privateKeySecretRef: { name: `${issuer}-key` },
            solvers: solvers[issuer],
          },
        },
        { parent: this, dependsOn: [controller, token] },
      );

    this.registerOutputs({ namespace: this.namespace });
  }
}

/** Values of the chart at v1.21: github.com/cert-manager/cert-manager, deploy/charts/cert-manager/values.yaml. */
export function certManagerValues(nodes: number): Record<string, unknown> {
  const several = nodes >= 3;
  const podDisruptionBudget = { enabled: several };
  return {
    crds: { enabled: true, keep: true },
    replicaCount: several ? 2 : 1,
    podDisruptionBudget,
    webhook: { replicaCount: several ? 3 : 1, podDisruptionBudget },
    cainjector: { replicaCount: several ? 2 : 1, podDisruptionBudget },
    // The cluster's own DNS may answer for the zone from the inside; only a public resolver sees the challenge.
    dns01RecursiveNameservers: "1.1.1.1:53,1.0.0.1:53",
    dns01RecursiveNameserversOnly: true,
  };
}
