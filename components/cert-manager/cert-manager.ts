import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { certificateAlerts } from "./certificate-alerts";
import { releaseArgs, type Chart } from "../charts";
import { clusterIssuer, type AcmeSolver } from "../custom-resources/cert-manager-resources";
import { prometheusRule } from "../custom-resources/prometheus-resources";

/** Let's Encrypt's two directories. @see https://letsencrypt.org/docs/staging-environment/ */
const letsEncrypt = {
  "letsencrypt-prod": "https://acme-v02.api.letsencrypt.org/directory",
  "letsencrypt-staging": "https://acme-staging-v02.api.letsencrypt.org/directory",
} as const;

export type IssuerName = keyof typeof letsEncrypt | "acme";

export interface CertManagerArgs {
  readonly chart: Chart;
  /** How many nodes the cluster has: with three or more, cert-manager runs in more than one copy. */
  readonly nodes: number;
  /** The contact of the account at each CA. Let's Encrypt no longer writes there of what is about to expire. */
  readonly email: string;
  /** The Cloudflare zone in which DNS-01 challenges are answered. */
  readonly zone: string;
  /** A Cloudflare token with Zone:Read and DNS:Edit on that zone and nothing else. */
  readonly cloudflareToken: pulumi.Output<string>;
  /** The class of the ingress that answers HTTP-01 challenges. */
  readonly ingressClassName: string;
  /** The directory of another CA, a company's own or a test server's. Absence means that there is no issuer `acme`. */
  readonly acme?: AcmeDirectory | undefined;
  /** Whether Prometheus watches over the certificates, for which its operator must be there. Default false. */
  readonly alerts?: boolean | undefined;
}

/** Where a CA speaks ACME. */
export interface AcmeDirectory {
  /** The https URL of its directory. */
  readonly server: string;
  /** The CAs that sign the server's own certificate, PEM. Absence means that one of the public ones does. */
  readonly ca?: string | undefined;
}

interface Issuer extends AcmeDirectory {
  readonly issuer: IssuerName;
  readonly solvers: readonly AcmeSolver[];
}

const tokenSecret = { name: "cloudflare-api-token", key: "token" };

/**
 * Certificates by ACME: the controller, both issuers of Let's Encrypt, one of any other CA, and the alerts that tell
 * when a renewal fails. Each issuer keeps the key of its account in the Secret `<issuer>-key`.
 *
 * @see https://cert-manager.io/docs/configuration/acme/dns01/cloudflare/
 */
export class CertManager extends pulumi.ComponentResource {
  /** The namespace whose Secrets ClusterIssuers read; known when cert-manager is installed. */
  readonly namespace: pulumi.Output<string>;

  constructor(name: string, args: CertManagerArgs, opts?: pulumi.ComponentResourceOptions) {
    const { chart, email, zone, cloudflareToken, ingressClassName, acme, alerts = false } = args;
    super("platform:networking:CertManager", name, {}, opts);

    const namespace = new kubernetes.core.v1.Namespace(
      name,
      { metadata: { name: "cert-manager" } },
      { parent: this },
    );
    const controller = new kubernetes.helm.v3.Release(
      `${name}-chart`,
      releaseArgs(chart, {
        name: "cert-manager",
        namespace: namespace.metadata.name,
        values: buildCertManagerValues(args),
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

    const inZone: AcmeSolver = {
      dns01: { cloudflare: { apiTokenSecretRef: tokenSecret } },
      selector: { dnsZones: [zone] },
    };
    // For names of other zones alone. Of ours, the challenge's Ingress would be a second one for its host, and Traefik
    // shuts both where the first asks the edge for its certificate.
    const elsewhere: AcmeSolver = { http01: { ingress: { ingressClassName, serviceType: "ClusterIP" } } };
    const issuers: readonly Issuer[] = [
      { issuer: "letsencrypt-prod", server: letsEncrypt["letsencrypt-prod"], solvers: [inZone] },
      {
        issuer: "letsencrypt-staging",
        server: letsEncrypt["letsencrypt-staging"],
        solvers: [inZone, elsewhere],
      },
      ...(acme === undefined ? [] : [{ issuer: "acme" as const, ...acme, solvers: [inZone] }]),
    ];
    for (const { issuer, server, ca, solvers } of issuers)
      clusterIssuer(
        `${name}-${issuer}`,
        { name: issuer },
        {
          acme: {
            email,
            server,
            ...(ca !== undefined && { caBundle: Buffer.from(ca).toString("base64") }),
            privateKeySecretRef: { name: `${issuer}-key` },
            solvers,
          },
        },
        { parent: this, dependsOn: [controller, token] },
      );

    if (alerts)
      prometheusRule(
        `${name}-alerts`,
        { name: "certificate-renewal", namespace: this.namespace },
        certificateAlerts,
        { parent: this },
      );

    this.registerOutputs({ namespace: this.namespace });
  }
}

/** Values of the chart at v1.21: github.com/cert-manager/cert-manager, deploy/charts/cert-manager/values.yaml. */
export function buildCertManagerValues({
  nodes,
  alerts = false,
}: Pick<CertManagerArgs, "nodes" | "alerts">): Record<string, unknown> {
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
    // A metric's own `namespace` is the certificate's; otherwise it would be overwritten with the controller's.
    ...(alerts && { prometheus: { servicemonitor: { enabled: true, honorLabels: true } } }),
  };
}
