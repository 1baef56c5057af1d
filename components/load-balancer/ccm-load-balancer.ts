import { BlockList, isIPv4, isIPv6 } from "node:net";

import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { ccmAnnotations, type CcmHealthCheck } from "./ccm-annotations";
import type { HealthCheckTiming } from "./health-check";
import { nameConflictHook, ccmNameConflict, type LoadBalancerLocation } from "./load-balancer-address";

export interface CcmLoadBalancerArgs {
  /** The name of the load balancer at Hetzner and of the Service. */
  readonly name: string;
  /** `lb11`, `lb21` or `lb31`. A change is made in place and keeps the addresses. */
  readonly type: string;
  /** A change replaces the Service and the load balancer, and is refused unless `allowReplacement`. */
  readonly location: LoadBalancerLocation;
  /** How it spreads connections. */
  readonly algorithm: "round_robin" | "least_connections";
  /** Its address in the CCM's network: the source address that nodes see. */
  readonly privateIp: string;
  /** Its subnet of that network, as CIDR. Default: chosen by Hetzner from the address. */
  readonly subnet?: string | undefined;
  /** Kubernetes label selector of the target nodes. Default: all nodes. */
  readonly nodeSelector?: string | undefined;
  /** Whether it sends a PROXY protocol header; must match the ingress controller. */
  readonly proxyProtocol: boolean;
  readonly healthCheck: HealthCheckTiming & CcmHealthCheck;
  /** The PTR record of its public addresses. Default: Hetzner's. */
  readonly reverseDns?: string | undefined;
  /** Whether its IPv6 address is used. It always has one. */
  readonly ipv6: boolean;
  /** Whether it may be replaced, which loses its public addresses. */
  readonly allowReplacement: boolean;
  /** The ingress controller's namespace, since a Service selects pods of its own namespace only. */
  readonly namespace: pulumi.Input<string>;
  /** The labels of the controller's pods. */
  readonly selector: Readonly<Record<string, string>>;
  /** The pods' ports, by number or name. */
  readonly targetPorts: { readonly http: number | string; readonly https: number | string };
}

/**
 * Service of type LoadBalancer, for which Hetzner's cloud controller manager (CCM) creates a load balancer. The CCM must be
 * installed, with the nodes' network configured. It deletes the load balancer together with the Service.
 *
 * @throws {pulumi.ResourceError} The Service's status has no public address.
 * @see https://github.com/hetznercloud/hcloud-cloud-controller-manager
 */
export class CcmLoadBalancer extends pulumi.ComponentResource {
  /** Public IPv4 address, dotted quad; known once the CCM has created the load balancer. */
  readonly ipv4: pulumi.Output<string>;
  /** Public IPv6 address. Undefined if it is not used. */
  readonly ipv6: pulumi.Output<string> | undefined;
  /** Its address in the private network: the source address that nodes see. */
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
      // Addresses in the status may be published in DNS.
      disablePrivateIngress: true,
    });
    const service = new kubernetes.core.v1.Service(
      name,
      {
        metadata: { name: args.name, namespace, annotations },
        spec: {
          type: "LoadBalancer",
          // Preserves the client address: a node without a controller pod fails its health check instead of forwarding with SNAT.
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
        // The CCM does not move a load balancer: a change of location needs a new one.
        replacementTrigger: Object.entries(location).flat().join(" "),
        // Create before delete, so that the name check refuses a replacement before anything is deleted.
        ...(allowReplacement
          ? { deleteBeforeReplace: true }
          : {
              deleteBeforeReplace: false,
              hooks: { beforeCreate: [nameConflictHook(name, args.name, this, ccmNameConflict)] },
            }),
      },
    );

    const publicAddress = (isFamily: (ip: string) => boolean, family: string) =>
      service.status.apply((status: Status | undefined) => {
        const ips = (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => (ip === undefined ? [] : [ip]));
        const address = ips.find((ip) => isFamily(ip) && isPublic(ip));
        if (address !== undefined) return address;
        throw new pulumi.ResourceError(
          `The Service ${args.name} has no public ${family} address (its status has ${ips.join(", ") || "none"}). Check that ` +
            `Hetzner's cloud controller manager is running: kubectl get events -A --field-selector involvedObject.name=${args.name}`,
          service,
          true,
        );
      });
    this.ipv4 = publicAddress(isIPv4, "IPv4");
    this.ipv6 = args.ipv6 ? publicAddress(isIPv6, "IPv6") : undefined;
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

/** The part of a Service's status that holds its addresses; empty until the CCM writes it. */
interface Status {
  readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string }[] };
}

const privateRanges = new BlockList();
privateRanges.addSubnet("10.0.0.0", 8);
privateRanges.addSubnet("172.16.0.0", 12);
privateRanges.addSubnet("192.168.0.0", 16);
privateRanges.addSubnet("fc00::", 7, "ipv6");

const isPublic = (ip: string): boolean => !privateRanges.check(ip, isIPv6(ip) ? "ipv6" : "ipv4");
