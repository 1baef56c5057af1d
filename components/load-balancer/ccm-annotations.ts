import type { LoadBalancerLocation } from "./load-balancer-address";

/** HTTP options of the load balancer's services, for the protocols `http` and `https` only. */
export interface CcmHttp {
  readonly cookieName?: string | undefined;
  readonly cookieLifetimeSeconds?: number | undefined;
  /** For client and target connections, 30 to 300. */
  readonly timeoutIdleSeconds?: number | undefined;
  readonly stickySessions?: boolean | undefined;
  /** For `https` only. */
  readonly redirectHttp?: boolean | undefined;
  /** Uploaded certificates by ID or name, or a managed certificate that Hetzner issues and renews. For `https` only. */
  readonly certificates?:
    | { readonly uploaded: readonly (number | string)[] }
    | { readonly managed: { readonly name?: string | undefined; readonly domains: readonly string[] } }
    | undefined;
}

/** Health check of the nodes. Default: Hetzner's. */
export interface CcmHealthCheck {
  readonly protocol?: "tcp" | "http" | "https" | undefined;
  /** Default: the node port of each service. */
  readonly port?: number | undefined;
  readonly intervalSeconds?: number | undefined;
  readonly timeoutSeconds?: number | undefined;
  readonly retries?: number | undefined;
  /** The following are for HTTP checks. */
  readonly domain?: string | undefined;
  readonly path?: string | undefined;
  readonly statusCodes?: readonly string[] | undefined;
  readonly validateCertificate?: boolean | undefined;
}

/** The load balancer options of Hetzner's cloud controller manager (CCM). */
export interface CcmLoadBalancerSpec {
  /** Its name at Hetzner. */
  readonly name: string;
  /** Default: `lb11`. A change is made in place. */
  readonly type?: string | undefined;
  /** Used only when the load balancer is created; a later change has no effect. */
  readonly location: LoadBalancerLocation;
  readonly algorithm?: "round_robin" | "least_connections" | undefined;
  /** Whether targets are reached over the CCM's private network. */
  readonly usePrivateIp?: boolean | undefined;
  /** Whether its private addresses are omitted from the Service's status. */
  readonly disablePrivateIngress?: boolean | undefined;
  readonly disablePublicNetwork?: boolean | undefined;
  /** Whether its IPv6 address is omitted from the Service's status. */
  readonly ipv6Disabled?: boolean | undefined;
  readonly privateIpv4?: string | undefined;
  /** The subnet it is attached to, as CIDR. Must exist. */
  readonly privateSubnetIpRange?: string | undefined;
  /** Written to the status instead of the addresses. */
  readonly hostname?: string | undefined;
  /** Kubernetes label selector of the target nodes. Default: all nodes. */
  readonly nodeSelector?: string | undefined;
  readonly usesProxyProtocol?: boolean | undefined;
  /** The protocol of all ports. Default: `tcp`. */
  readonly protocol?: "tcp" | "http" | "https" | undefined;
  readonly http?: CcmHttp | undefined;
  readonly healthCheck?: CcmHealthCheck | undefined;
  /** The PTR record of both public addresses. */
  readonly reverseDns?: string | undefined;
}

const seconds = (count: number | undefined) => (count === undefined ? undefined : `${count}s`);

/**
 * The CCM annotations of a Service of type LoadBalancer. Booleans are `true` or `false`, durations Go durations, lists
 * comma-separated; undefined options are omitted.
 *
 * @see https://github.com/hetznercloud/hcloud-cloud-controller-manager/blob/v1.35.0/docs/reference/load_balancer_annotations.md
 */
export function ccmAnnotations(spec: CcmLoadBalancerSpec): Record<string, string> {
  const { location, http = {}, healthCheck = {}, ipv6Disabled, reverseDns } = spec;
  const values = {
    name: spec.name,
    type: spec.type,
    location: "location" in location ? location.location : undefined,
    "network-zone": "networkZone" in location ? location.networkZone : undefined,
    "algorithm-type": spec.algorithm,
    "use-private-ip": spec.usePrivateIp,
    "disable-private-ingress": spec.disablePrivateIngress,
    "disable-public-network": spec.disablePublicNetwork,
    "ipv6-disabled": ipv6Disabled,
    "private-ipv4": spec.privateIpv4,
    "private-subnet-ip-range": spec.privateSubnetIpRange,
    hostname: spec.hostname,
    "node-selector": spec.nodeSelector,
    "uses-proxyprotocol": spec.usesProxyProtocol,
    protocol: spec.protocol,
    "http-cookie-name": http.cookieName,
    "http-cookie-lifetime": seconds(http.cookieLifetimeSeconds),
    "http-timeout-idle": seconds(http.timeoutIdleSeconds),
    "http-sticky-sessions": http.stickySessions,
    "http-redirect-http": http.redirectHttp,
    ...certificateAnnotations(http),
    "health-check-protocol": healthCheck.protocol,
    "health-check-port": healthCheck.port,
    // The CCM rejects unit-less durations and then stops reconciling the load balancer.
    "health-check-interval": seconds(healthCheck.intervalSeconds),
    "health-check-timeout": seconds(healthCheck.timeoutSeconds),
    "health-check-retries": healthCheck.retries,
    "health-check-http-domain": healthCheck.domain,
    "health-check-http-path": healthCheck.path,
    "health-check-http-validate-certificate": healthCheck.validateCertificate,
    "http-status-codes": healthCheck.statusCodes?.join(","),
    // Documented as read-only, but the CCM sets the PTR records from them.
    "ipv4-rdns": reverseDns,
    "ipv6-rdns": ipv6Disabled === true ? undefined : reverseDns,
  };
  return Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) =>
      value === undefined ? [] : [[`load-balancer.hetzner.cloud/${key}`, String(value)]],
    ),
  );
}

function certificateAnnotations({ certificates }: CcmHttp): Readonly<Record<string, string | undefined>> {
  if (certificates === undefined) return {};
  if ("uploaded" in certificates)
    return { "certificate-type": "uploaded", "http-certificates": certificates.uploaded.join(",") };
  const { name, domains } = certificates.managed;
  return {
    "certificate-type": "managed",
    "http-managed-certificate-name": name,
    "http-managed-certificate-domains": domains.join(","),
  };
}
