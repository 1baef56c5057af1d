import * as crypto from "node:crypto";

import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { releaseArgs, type Chart } from "../charts";
import { externalDnsAnnotationPrefix } from "./external-dns-annotations";

/** What it may do with records of its own: only add, add and change, or delete too. */
export type ExternalDnsPolicy = "create-only" | "upsert-only" | "sync";

/** Kinds of object whose hosts become records. */
export type ExternalDnsSource = "ingress" | "service" | "gateway-httproute";

export interface ExternalDnsArgs {
  readonly chart: Chart;
  /** Cloudflare's id of the zone it writes into, 32 hex digits. */
  readonly zoneId: string;
  /** What it may write, as FQDN: each of these names and every name below. */
  readonly domains: readonly string[];
  /** What it leaves alone within `domains`, as FQDN: each of these names and every name below. */
  readonly exclude: readonly string[];
  readonly policy: ExternalDnsPolicy;
  /** Marks its records, one id per cluster. With another one it no longer knows what it made. */
  readonly ownerId: string;
  readonly sources: readonly ExternalDnsSource[];
  /** Whether its records are proxied by Cloudflare, unless an object's annotation says otherwise. */
  readonly proxied: boolean;
  /** The classes of the Ingresses it reads. */
  readonly ingressClassNames: readonly string[];
  /** A Cloudflare token with Zone:Read and DNS:Edit on that zone and nothing else. */
  readonly token: pulumi.Output<string>;
}

const tokenSecret = { name: "cloudflare-api-token", key: "token" };

/** Where only the inside leads: an address in there helps nobody outside, and tells how we are built. */
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
 * Records for what others put into the cluster: external-dns writes them in its own part of the zone, knows them again
 * by a TXT record beside each, and touches no record that has none of its own.
 *
 * @see https://kubernetes-sigs.github.io/external-dns/latest/docs/registry/txt/
 */
export class ExternalDns extends pulumi.ComponentResource {
  /** The controller's namespace; known when the controller runs. */
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
        values: externalDnsValues(args),
      }),
      { parent: this, dependsOn: [token] },
    );

    this.namespace = controller.status.namespace;
    this.registerOutputs({ namespace: this.namespace });
  }
}

/** Values of the chart at 1.22: github.com/kubernetes-sigs/external-dns, charts/external-dns/values.yaml. */
export function externalDnsValues(args: Omit<ExternalDnsArgs, "chart">): Record<string, unknown> {
  const { zoneId, domains, exclude, policy, ownerId, sources, proxied, ingressClassNames, token } = args;
  return {
    provider: { name: "cloudflare" },
    env: [{ name: "CF_API_TOKEN", valueFrom: { secretKeyRef: tokenSecret } }],
    // The token is read once, at the start: another one must start another pod. A digest of so long and random a text
    // gives nothing away; as a secret it would hide every value from a preview.
    podAnnotations: { "checksum/token": pulumi.unsecret(token.apply(sha256)) },
    sources,
    domainFilters: domains,
    excludeDomains: exclude,
    policy,
    registry: "txt",
    txtOwnerId: ownerId,
    // A label of its own, since a plain prefix of the zone's own name would lie outside of the zone.
    txtPrefix: "edns-%{record_type}.",
    annotationPrefix: externalDnsAnnotationPrefix,
    interval: "1m",
    triggerLoopOnEvent: true,
    logFormat: "json",
    extraArgs: {
      "cloudflare-proxied": proxied,
      // One call reads the whole zone, every minute, instead of one per hundred records.
      "cloudflare-dns-records-per-page": 5000,
      // Without it a zone must lie within the domains, not they in it, and the token see more than one.
      "zone-id-filter": [zoneId],
      "ingress-class": ingressClassNames,
      "exclude-target-net": privateNets,
      // All but NodePort, for which the nodes' own addresses would be published, past the load balancer.
      ...(sources.includes("service") && {
        "service-type-filter": ["ClusterIP", "LoadBalancer", "ExternalName"],
      }),
      "txt-wildcard-replacement": "wildcard",
    },
    resources: { requests: { cpu: "10m", memory: "64Mi" } },
  };
}

const sha256 = (text: string): string => crypto.createHash("sha256").update(text).digest("hex");
