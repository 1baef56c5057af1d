import type { LoadBalancerLocation } from "./load-balancer-address";

/** An HTTP service of the load balancer itself; for the protocols `http` and `https` only. */
export interface CcmHttp {
  readonly cookieName?: string | undefined;
  readonly cookieLifetimeSeconds?: number | undefined;
  /** Both towards the client and towards the node, 30 to 300. */
  readonly timeoutIdleSeconds?: number | undefined;
  readonly stickySessions?: boolean | undefined;
  /** For `https` only, as are the certificates. */
  readonly redirectHttp?: boolean | undefined;
  /** Certificates that Hetzner has, by id or name, or one that it gets and renews itself. */
  readonly certificates?:
    | { readonly uploaded: readonly (number | string)[] }
    | { readonly managed: { readonly name?: string | undefined; readonly domains: readonly string[] } }
    | undefined;
}

/** How nodes are checked. What is not said is Hetzner's default. */
export interface CcmHealthCheck {
  readonly protocol?: "tcp" | "http" | "https" | undefined;
  /** Absence means the node port of each service. */
  readonly port?: number | undefined;
  readonly intervalSeconds?: number | undefined;
  readonly timeoutSeconds?: number | undefined;
  readonly retries?: number | undefined;
  /** The rest is for HTTP checks. */
  readonly domain?: string | undefined;
  readonly path?: string | undefined;
  readonly statusCodes?: readonly string[] | undefined;
  readonly validateCertificate?: boolean | undefined;
}

/** Everything that a Service can ask of Hetzner's cloud controller manager. */
export interface CcmLoadBalancerSpec {
  /** Its name at Hetzner. */
  readonly name: string;
  /** Default: `lb11`. A change is made in place. */
  readonly type?: string | undefined;
  /** Read when the load balancer is made. A change has no effect. */
  readonly location: LoadBalancerLocation;
  readonly algorithm?: "round_robin" | "least_connections" | undefined;
  /** Whether nodes are reached over the private network that the manager knows. */
  readonly usePrivateIp?: boolean | undefined;
  /** Whether its private addresses are kept out of the Service's status. */
  readonly disablePrivateIngress?: boolean | undefined;
  readonly disablePublicNetwork?: boolean | undefined;
  /** Whether its IPv6 address is kept out of the Service's status. */
  readonly ipv6Disabled?: boolean | undefined;
  readonly privateIpv4?: string | undefined;
  /** The subnet it is attached to, as CIDR. It must exist. */
  readonly privateSubnetIpRange?: string | undefined;
  /** Stands in the status in place of the addresses. */
  readonly hostname?: string | undefined;
  /** Which nodes are targets, as a selector of Kubernetes labels. Absence means all. */
  readonly nodeSelector?: string | undefined;
  readonly usesProxyProtocol?: boolean | undefined;
  /** Of all ports. Default: `tcp`. */
  readonly protocol?: "tcp" | "http" | "https" | undefined;
  readonly http?: CcmHttp | undefined;
  readonly healthCheck?: CcmHealthCheck | undefined;
  /** The name that both public addresses lead back to. */
  readonly reverseDns?: string | undefined;
}

const seconds = (count: number | undefined) => (count === undefined ? undefined : `${count}s`);

/**
 * The annotations of a Service of type LoadBalancer: bools as `true` and `false`, durations as Go durations, lists with
 * commas. What is not said is left out.
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
    // A number without a unit is an error by which nothing of the load balancer is brought up to date.
    "health-check-interval": seconds(healthCheck.intervalSeconds),
    "health-check-timeout": seconds(healthCheck.timeoutSeconds),
    "health-check-retries": healthCheck.retries,
    "health-check-http-domain": healthCheck.domain,
    "health-check-http-path": healthCheck.path,
    "health-check-http-validate-certificate": healthCheck.validateCertificate,
    "http-status-codes": healthCheck.statusCodes?.join(","),
    // The reference calls the two read-only, but the manager brings the addresses to what they say.
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
