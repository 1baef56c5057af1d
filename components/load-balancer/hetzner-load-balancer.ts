import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";

import { stackLabel } from "../pulumi/stack-mark";
import { nameConflict, nameConflictHook, type LoadBalancerLocation } from "./load-balancer-address";

/** The load balancer's targets: at least one of the three kinds. */
export interface LoadBalancerTargets {
  /** Label selector of servers, over the private network: `key=value[,key=value]`. New servers are added automatically. */
  readonly labelSelector?: string | undefined;
  /** Server IDs, over the private network. */
  readonly servers: readonly number[];
  /** Targets by IP address, outside Hetzner Cloud: dedicated servers of the same customer. */
  readonly ips: readonly string[];
}

export interface HetznerLoadBalancerArgs {
  /** Its name at Hetzner, unique in the project. Not generated, so that a lost API response cannot create a second one. */
  readonly name: string;
  /** `lb11`, `lb21` or `lb31`. A change is made in place and keeps the addresses. */
  readonly type: string;
  /** A change replaces the load balancer, and is refused unless `allowReplacement`. */
  readonly location: LoadBalancerLocation;
  /** How it spreads connections. */
  readonly algorithm: "round_robin" | "least_connections";
  /** The ID of the nodes' private network. */
  readonly networkId: number;
  /** Its address in that network. Default: chosen by Hetzner. A change detaches and reattaches it. */
  readonly privateIp?: string | undefined;
  readonly targets: LoadBalancerTargets;
  /** Its labels at Hetzner, in addition to the stack's label. */
  readonly labels: Readonly<Record<string, string>>;
  /** The PTR record of its public addresses. Default: Hetzner's. */
  readonly reverseDns?: string | undefined;
  /** Whether its IPv6 address is used. It always has one. */
  readonly ipv6: boolean;
  /** Whether its services send a PROXY protocol header. */
  readonly proxyProtocol: boolean;
  /** Whether Hetzner refuses to delete it. Set `protect` in the options too: otherwise its services are deleted first. */
  readonly deleteProtection: boolean;
  /** Whether a target has a public address, which is reached from the load balancer's public address. */
  readonly reachesPublic: boolean;
  /** Whether it may be replaced, which loses its public addresses. */
  readonly allowReplacement: boolean;
}

/**
 * Hetzner load balancer with network attachment and targets. Its services are created later by `LoadBalancerServices`,
 * once the ingress is ready.
 *
 * @see https://docs.hetzner.cloud/reference/cloud#load-balancers
 */
export class HetznerLoadBalancer extends pulumi.ComponentResource {
  /** Its ID at Hetzner. */
  readonly loadBalancerId: pulumi.Output<string>;
  /** Public IPv4 address, dotted quad. */
  readonly ipv4: pulumi.Output<string>;
  /** Public IPv6 address. Undefined if it is not used. */
  readonly ipv6: pulumi.Output<string> | undefined;
  /** Its address in the private network: the source address that nodes see. */
  readonly privateIpv4: pulumi.Output<string>;
  /** The source IPv4 addresses that targets see. */
  readonly senders: pulumi.Output<readonly string[]>;
  /** Whether connections start with a PROXY protocol header. */
  readonly proxyProtocol: boolean;

  constructor(name: string, args: HetznerLoadBalancerArgs, opts?: pulumi.ComponentResourceOptions) {
    const { location, networkId, privateIp, reverseDns, allowReplacement } = args;
    super("platform:networking:HetznerLoadBalancer", name, {}, opts);

    const loadBalancer = new hcloud.LoadBalancer(
      name,
      {
        name: args.name,
        loadBalancerType: args.type,
        ...location,
        algorithm: { type: args.algorithm },
        labels: { ...args.labels, ...stackLabel() },
        deleteProtection: args.deleteProtection,
      },
      // Create before delete, so that the name check refuses a replacement before the old load balancer is deleted, even
      // in an update without a preview.
      allowReplacement
        ? { parent: this, deleteBeforeReplace: true }
        : {
            parent: this,
            deleteBeforeReplace: false,
            hooks: { beforeCreate: [nameConflictHook(name, args.name, this, nameConflict)] },
          },
    );
    const loadBalancerId = loadBalancer.id.apply(Number);

    // Attached by `networkId`, since an attachment by `subnetId` cannot be imported. Deleted before replaced, since a second
    // attachment to the network returns "already attached" and is then undone by the deletion of the first.
    const attachment = new hcloud.LoadBalancerNetwork(
      `${name}-network`,
      { loadBalancerId, networkId, ...(privateIp !== undefined && { ip: privateIp }) },
      { parent: this, deleteBeforeReplace: true },
    );
    for (const [role, target] of toTargets(args.targets))
      new hcloud.LoadBalancerTarget(
        `${name}-${role}`,
        { loadBalancerId, ...target },
        // Hetzner silently removes private targets on detach: replace them together with the attachment.
        {
          parent: this,
          dependsOn: [attachment],
          ...(target.usePrivateIp === true && { replaceWith: [attachment] }),
        },
      );

    const { ipv4 } = loadBalancer;
    this.ipv6 = args.ipv6 ? loadBalancer.ipv6 : undefined;
    for (const [role, ipAddress] of Object.entries({ ipv4, ipv6: this.ipv6 }))
      if (reverseDns !== undefined && ipAddress !== undefined)
        new hcloud.Rdns(
          `${name}-rdns-${role}`,
          { loadBalancerId, ipAddress, dnsPtr: reverseDns },
          { parent: this },
        );

    this.loadBalancerId = loadBalancer.id;
    this.ipv4 = ipv4;
    this.privateIpv4 = attachment.ip;
    this.senders = pulumi.all(args.reachesPublic ? [attachment.ip, this.ipv4] : [attachment.ip]);
    this.proxyProtocol = args.proxyProtocol;
    this.registerOutputs({
      loadBalancerId: this.loadBalancerId,
      ipv4: this.ipv4,
      ipv6: this.ipv6,
      privateIpv4: this.privateIpv4,
      proxyProtocol: this.proxyProtocol,
    });
  }
}

type Target = Omit<hcloud.LoadBalancerTargetArgs, "loadBalancerId">;

/** The arguments of each target, with the suffix of its logical name. */
function toTargets({ labelSelector, servers, ips }: LoadBalancerTargets): (readonly [string, Target])[] {
  const nodes: Target = { type: "label_selector", labelSelector, usePrivateIp: true };
  return [
    ...(labelSelector === undefined ? [] : [["nodes", nodes] as const]),
    ...servers.map(
      (serverId) => [`server-${serverId}`, { type: "server", serverId, usePrivateIp: true }] as const,
    ),
    ...ips.map((ip) => [`ip-${ip}`, { type: "ip", ip }] as const),
  ];
}
