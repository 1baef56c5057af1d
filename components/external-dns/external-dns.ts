import * as crypto from "node:crypto";

import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { releaseArgs, type Chart } from "../charts";
import { externalDnsAnnotationPrefix } from "./external-dns-annotations";

/** What external-dns may do with its own records: create; create and update; or delete too. */
export type ExternalDnsPolicy = "create-only" | "upsert-only" | "sync";

/** Kinds of objects whose hosts get records. */
export type ExternalDnsSource = "ingress" | "service" | "gateway-httproute";

export interface ExternalDnsArgs {
  readonly chart: Chart;
  /** Cloudflare's id of the zone, 32 hex digits. */
  readonly zoneId: string;
  /** FQDNs that it manages: these names and every name below. */
  readonly domains: readonly string[];
  /** FQDNs within `domains` that it ignores: these names and every name below. */
  readonly exclude: readonly string[];
  readonly policy: ExternalDnsPolicy;
  /** The owner ID in its TXT records, one per cluster. With another ID it no longer recognizes its records. */
  readonly ownerId: string;
  readonly sources: readonly ExternalDnsSource[];
  /** Whether its records are proxied by Cloudflare, unless an object's annotation overrides it. */
  readonly proxied: boolean;
  /** The ingress classes that it reads. */
  readonly ingressClassNames: readonly string[];
  /** A Cloudflare token with Zone: Read and DNS: Edit on that zone only. */
  readonly token: pulumi.Output<string>;
}

const tokenSecret = { name: "cloudflare-api-token", key: "token" };

/** Private and reserved ranges: never publish these addresses. */
const privateNets = [
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "::1/128",
  "fc00::/7",
  "fe80::/10",
];

/**
 * external-dns, for hosts of objects that this program does not create. It manages records below `domains` only, marks
 * each with a TXT record, and changes no record without one.
 *
 * @see https://kubernetes-sigs.github.io/external-dns/latest/docs/registry/txt/
 */
export class ExternalDns extends pulumi.ComponentResource {
  /** The controller's namespace; known once the controller is installed. */
  readonly namespace: pulumi.Output<string>;

  constructor(name: string, args: ExternalDnsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("platform:networking:ExternalDns", name, {}, opts);

    const namespace = new kubernetes.core.v1.Namespace(
      name,
      {
        metadata: { name: "external-dns", labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
      },
      { parent: this },
    );
    const token = new kubernetes.core.v1.Secret(
      `${name}-cloudflare-token`,
      {
        metadata: { name: tokenSecret.name, namespace: namespace.metadata.name },
        stringData: { [tokenSecret.key]: args.token },
      },
      { parent: this },
    );
    const controller = new kubernetes.helm.v3.Release(
      `${name}-chart`,
      releaseArgs(args.chart, {
        name: "external-dns",
        namespace: namespace.metadata.name,
        values: buildExternalDnsValues(args),
      }),
      { parent: this, dependsOn: [token] },
    );

    this.namespace = controller.status.namespace;
    this.registerOutputs({ namespace: this.namespace });
  }
}

/** Values of the chart: github.com/kubernetes-sigs/external-dns, charts/external-dns/values.yaml. */
export function buildExternalDnsValues(args: Omit<ExternalDnsArgs, "chart">): Record<string, unknown> {
  const { zoneId, domains, exclude, policy, ownerId, sources, proxied, ingressClassNames, token } = args;
  return {
    provider: { name: "cloudflare" },
    env: [{ name: "CF_API_TOKEN", valueFrom: { secretKeyRef: tokenSecret } }],
    // The token is read only at startup, so a new token must restart the pod. The digest of a long random token reveals
    // nothing; as a secret it would hide all values in a preview.
    podAnnotations: { "checksum/token": pulumi.unsecret(token.apply(sha256)) },
    sources,
    domainFilters: domains,
    excludeDomains: exclude,
    policy,
    registry: "txt",
    txtOwnerId: ownerId,
    // Ends in a dot: a prefix to the zone's own name would otherwise be outside the zone.
    txtPrefix: "edns-%{record_type}.",
    annotationPrefix: externalDnsAnnotationPrefix,
    interval: "1m",
    triggerLoopOnEvent: true,
    logFormat: "json",
    extraArgs: {
      "cloudflare-proxied": proxied,
      // One call per minute for the whole zone, instead of one per 100 records.
      "cloudflare-dns-records-per-page": 5000,
      // Without it, external-dns selects zones below the domains, which need not include the domains' own zone.
      "zone-id-filter": [zoneId],
      "ingress-class": ingressClassNames,
      "exclude-target-net": privateNets,
      // All but NodePort, for which the nodes' addresses would be published, bypassing the load balancer.
      ...(sources.includes("service") && {
        "service-type-filter": ["ClusterIP", "LoadBalancer", "ExternalName"],
      }),
      "txt-wildcard-replacement": "wildcard",
    },
    resources: { requests: { cpu: "10m", memory: "64Mi" } },
  };
}

const sha256 = (text: string): string => crypto.createHash("sha256").update(text).digest("hex");
