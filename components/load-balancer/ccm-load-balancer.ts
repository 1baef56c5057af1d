import { BlockList, isIPv4, isIPv6 } from "node:net";

import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { ccmAnnotations, type CcmHealthCheck } from "./ccm-annotations";
import type { HealthCheckTiming } from "./health-check";
import { nameConflictHook, ccmNameConflict, type LoadBalancerLocation } from "./load-balancer-address";

export interface CcmLoadBalancerArgs {
  /** Its name at Hetzner, and the Service's. */
  readonly name: string;
  /** `lb11`, `lb21` or `lb31`. A change is made in place and keeps the addresses. */
  readonly type: string;
  /** A change makes another Service and another load balancer, and is refused unless `allowReplacement`. */
  readonly location: LoadBalancerLocation;
  /** How it spreads connections. */
  readonly algorithm: "round_robin" | "least_connections";
  /** Its address in the manager's network: where the nodes see its connections come from. */
  readonly privateIp: string;
  /** The subnet of that network it is in, as CIDR. Absence means that Hetzner chooses it by the address. */
  readonly subnet?: string | undefined;
  /** Which nodes receive traffic, as a selector of Kubernetes labels. Absence means all. */
  readonly nodeSelector?: string | undefined;
  /** Whether it opens each connection with a PROXY protocol header; the ingress must be told the same. */
  readonly proxyProtocol: boolean;
  readonly healthCheck: HealthCheckTiming & CcmHealthCheck;
  /** The name that its public addresses lead back to. Absence means Hetzner's own. */
  readonly reverseDns?: string | undefined;
  /** Whether anything shall lead to its IPv6 address. It has one in any case. */
  readonly ipv6: boolean;
  /** Whether it may be replaced, by which its public addresses go to somebody else. */
  readonly allowReplacement: boolean;
  /** The ingress controller's namespace. A Service reaches pods of its own namespace only. */
  readonly namespace: pulumi.Input<string>;
  /** The labels of the controller's pods. */
  readonly selector: Readonly<Record<string, string>>;
  /** The ports of those pods, by number or name. */
  readonly targetPorts: { readonly http: number | string; readonly https: number | string };
}

/**
 * The public door of the cluster, made by Hetzner's cloud controller manager for a Service of type LoadBalancer. The
 * manager must be there, and know the nodes' network. It deletes the load balancer with the Service.
 *
 * @throws {pulumi.ResourceError} The Service's status has no public IPv4 address.
 * @see https://github.com/hetznercloud/hcloud-cloud-controller-manager
 */
export class CcmLoadBalancer extends pulumi.ComponentResource {
  /** Public IPv4 address, dotted quad; known when the manager has made the load balancer. */
  readonly ipv4: pulumi.Output<string>;
  /** Public IPv6 address. Absence means that nothing shall lead there. */
  readonly ipv6: pulumi.Output<string> | undefined;
  /** Its address in the private network: where the nodes see its connections come from. */
  readonly privateIpv4: pulumi.Output<string>;
  /** Whether connections start with a PROXY protocol header. */
  readonly proxyProtocol: boolean;

  constructor(name: string, args: CcmLoadBalancerArgs, opts?: pulumi.ComponentResourceOptions) {
    const { location, privateIp, proxyProtocol, allowReplacement, namespace, targetPorts } = args;
    super("platform:networking:CcmLoadBalancer", name, {}, opts);

    const annotations = ccmAnnotations({
      ...args,
      privateIpv4: privateIp,
      privateSubnetIpRange: args.subnet,
      usesProxyProtocol: proxyProtocol,
      ipv6Disabled: !args.ipv6,
      usePrivateIp: true,
      // What the status holds may end in public DNS.
      disablePrivateIngress: true,
    });
    const service = new kubernetes.core.v1.Service(
      name,
      {
        metadata: { name: args.name, namespace, annotations },
        spec: {
          type: "LoadBalancer",
          // A node without the controller fails its health check instead of hiding the sender behind its own address.
          externalTrafficPolicy: "Local",
          selector: args.selector,
          ports: [
            { name: "http", port: 80, targetPort: targetPorts.http },
            { name: "https", port: 443, targetPort: targetPorts.https },
          ],
        },
      },
      {
        parent: this,
        // The manager does not move a load balancer: in another location it creates another one.
        replacementTrigger: Object.entries(location).flat().join(" "),
        // Its successor comes first, which the look before it refuses while the old one has the name.
        ...(allowReplacement
          ? { deleteBeforeReplace: true }
          : {
              deleteBeforeReplace: false,
              hooks: { beforeCreate: [nameConflictHook(name, args.name, this, ccmNameConflict)] },
            }),
      },
    );

    const address = (is: (ip: string) => boolean, what: string) =>
      service.status.apply((status: Status | undefined) => {
        const ips = (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => (ip === undefined ? [] : [ip]));
        const found = ips.find((ip) => is(ip) && isPublic(ip));
        if (found !== undefined) return found;
        throw new pulumi.ResourceError(
          `The Service ${args.name} got no public ${what} address (its status has ${ips.join(", ") || "none"}). Is Hetzner's ` +
            `cloud controller manager at work? kubectl get events -A --field-selector involvedObject.name=${args.name}`,
          service,
          true,
        );
      });
    this.ipv4 = address(isIPv4, "IPv4");
    this.ipv6 = args.ipv6 ? address(isIPv6, "IPv6") : undefined;
    this.privateIpv4 = pulumi.output(privateIp);
    this.proxyProtocol = proxyProtocol;
    this.registerOutputs({
      ipv4: this.ipv4,
      ipv6: this.ipv6,
      privateIpv4: this.privateIpv4,
      proxyProtocol: this.proxyProtocol,
    });
  }
}

/** What of a Service's status is read; a Service that nobody has seen yet has none of it. */
interface Status {
  readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string }[] };
}

const inside = new BlockList();
inside.addSubnet("10.0.0.0", 8);
inside.addSubnet("172.16.0.0", 12);
inside.addSubnet("192.168.0.0", 16);
inside.addSubnet("fc00::", 7, "ipv6");

const isPublic = (ip: string): boolean => !inside.check(ip, isIPv6(ip) ? "ipv6" : "ipv4");
