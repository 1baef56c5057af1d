import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { certificateAlerts } from "./certificate-alerts";
import { releaseArgs, type Chart } from "../charts";
import { clusterIssuer, type AcmeSolver } from "../custom-resources/cert-manager-resources";
import { podSecurityLabel } from "../namespaces";
import { controllerRequests, platformPriority } from "../resource-requests";
import { prometheusRule } from "../custom-resources/prometheus-resources";

/** Let's Encrypt's ACME directories. @see https://letsencrypt.org/docs/staging-environment/ */
const letsEncrypt = {
  "letsencrypt-prod": "https://acme-v02.api.letsencrypt.org/directory",
  "letsencrypt-staging": "https://acme-staging-v02.api.letsencrypt.org/directory",
} as const;

export type IssuerName = keyof typeof letsEncrypt | "acme";

export interface CertManagerArgs {
  readonly chart: Chart;
  /** The number of nodes. With three or more, cert-manager runs several replicas. */
  readonly nodes: number;
  /** The contact of the ACME account at each CA. Let's Encrypt no longer sends expiry notices to it. */
  readonly email: string;
  /** The Cloudflare zone of the DNS-01 challenges. */
  readonly zone: string;
  /** A Cloudflare token with Zone: Read and DNS: Edit on that zone only. */
  readonly cloudflareToken: pulumi.Output<string>;
  /** The ingress class for HTTP-01 challenges. */
  readonly ingressClassName: string;
  /** The annotations of an Ingress whose host every client may connect to, such as that of a challenge. Default: none. */
  readonly openHostAnnotations?: Readonly<Record<string, string>> | undefined;
  /** The ACME directory of the issuer `acme`, such as a company's own CA. Default: no such issuer. */
  readonly acme?: AcmeDirectory | undefined;
  /** Whether to create alerts for Prometheus. Requires its operator. Default: false. */
  readonly alerts?: boolean | undefined;
}

/** The ACME directory of a CA. */
export interface AcmeDirectory {
  /** The directory's https URL. */
  readonly server: string;
  /** CA bundle for the server's certificate, PEM. Default: the public CAs. */
  readonly ca?: string | undefined;
}

interface Issuer extends AcmeDirectory {
  readonly issuer: IssuerName;
  readonly solvers: readonly AcmeSolver[];
}

const tokenSecret = { name: "cloudflare-api-token", key: "token" };

/**
 * cert-manager with ACME ClusterIssuers: Let's Encrypt production and staging, optionally one of another CA, and alerts
 * on failed renewals. Each issuer's account key is in the Secret `<issuer>-key`.
 *
 * @see https://cert-manager.io/docs/configuration/acme/dns01/cloudflare/
 */
export class CertManager extends pulumi.ComponentResource {
  /** The namespace from which ClusterIssuers read Secrets; known once cert-manager is installed. */
  readonly namespace: pulumi.Output<string>;

  constructor(name: string, args: CertManagerArgs, opts?: pulumi.ComponentResourceOptions) {
    const {
      chart,
      email,
      zone,
      cloudflareToken,
      ingressClassName,
      openHostAnnotations,
      acme,
      alerts = false,
    } = args;
    super("platform:networking:CertManager", name, {}, opts);

    const namespace = new kubernetes.core.v1.Namespace(
      name,
      { metadata: { name: "cert-manager", labels: { [podSecurityLabel("enforce")]: "restricted" } } },
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

    const dns01Solver: AcmeSolver = {
      dns01: { cloudflare: { apiTokenSecretRef: tokenSecret } },
      selector: { dnsZones: [zone] },
    };
    // HTTP-01 is only for other zones: in ours, the solver's Ingress would change the TLS options of the app's host.
    const http01Solver: AcmeSolver = {
      http01: {
        ingress: {
          ingressClassName,
          serviceType: "ClusterIP",
          ...(openHostAnnotations && {
            ingressTemplate: { metadata: { annotations: openHostAnnotations } },
          }),
        },
      },
    };
    const issuers: readonly Issuer[] = [
      { issuer: "letsencrypt-prod", server: letsEncrypt["letsencrypt-prod"], solvers: [dns01Solver] },
      {
        issuer: "letsencrypt-staging",
        server: letsEncrypt["letsencrypt-staging"],
        solvers: [dns01Solver, http01Solver],
      },
      ...(acme === undefined ? [] : [{ issuer: "acme" as const, ...acme, solvers: [dns01Solver] }]),
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
  const highlyAvailable = nodes >= 3;
  const common = {
    podDisruptionBudget: { enabled: highlyAvailable },
    resources: { requests: controllerRequests },
  };
  return {
    global: { priorityClassName: platformPriority },
    crds: { enabled: true, keep: true },
    replicaCount: highlyAvailable ? 2 : 1,
    ...common,
    webhook: { replicaCount: highlyAvailable ? 3 : 1, ...common },
    cainjector: { replicaCount: highlyAvailable ? 2 : 1, ...common },
    // The cluster's DNS may have internal records of the zone; the challenge is visible only to public resolvers.
    dns01RecursiveNameservers: "1.1.1.1:53,1.0.0.1:53",
    dns01RecursiveNameserversOnly: true,
    // Without honorLabels Prometheus overwrites the certificate's `namespace` with the controller's.
    ...(alerts && { prometheus: { servicemonitor: { enabled: true, honorLabels: true } } }),
  };
}
