import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";

import { nameConflictHook, nameConflict, type LoadBalancerLocation } from "./load-balancer-address";
import { stackLabel } from "../pulumi/stack-mark";

/** What receives the traffic: any of the three, and at least one. */
export interface LoadBalancerTargets {
  /** Servers by their Hetzner labels, over the private network: `key=value[,key=value]`. Later ones join by themselves. */
  readonly labelSelector?: string | undefined;
  /** Ids of servers, over the private network. */
  readonly servers: readonly number[];
  /** Addresses outside the cloud that the project's owner has, such as dedicated servers. */
  readonly ips: readonly string[];
}

export interface HetznerLoadBalancerArgs {
  /** Its name at Hetzner, unique in the project. A fixed one, so that a lost answer cannot make a second one. */
  readonly name: string;
  /** `lb11`, `lb21` or `lb31`. A change is made in place and keeps the addresses. */
  readonly type: string;
  /** A change replaces the load balancer, and is refused unless `allowReplacement`. */
  readonly location: LoadBalancerLocation;
  /** How it spreads connections. */
  readonly algorithm: "round_robin" | "least_connections";
  /** The id of the private network the nodes are in. */
  readonly networkId: number;
  /** Its address in that network. Absence means that Hetzner chooses one. A change detaches it for a moment. */
  readonly privateIp?: string | undefined;
  readonly targets: LoadBalancerTargets;
  /** Labels at Hetzner. */
  readonly labels: Readonly<Record<string, string>>;
  /** The name that its public addresses lead back to. Absence means Hetzner's own. */
  readonly reverseDns?: string | undefined;
  /** Whether anything shall lead to its IPv6 address. It has one in any case. */
  readonly ipv6: boolean;
  /** Whether its services open each connection with a PROXY protocol header. */
  readonly proxyProtocol: boolean;
  /** Whether Hetzner refuses to delete it. Say `protect` in the options too: this alone lets its services go first. */
  readonly deleteProtection: boolean;
  /** Whether a target has a public address. It is reached from the load balancer's own public address. */
  readonly reachesPublic: boolean;
  /** Whether it may be replaced, by which its public addresses go to somebody else. */
  readonly allowReplacement: boolean;
}

/**
 * The public door of the cluster: its addresses, its place in the nodes' network, and the nodes behind it. What it
 * listens on are `LoadBalancerServices`, which come when there is something to lead to.
 *
 * @see https://docs.hetzner.cloud/reference/cloud#load-balancers
 */
export class HetznerLoadBalancer extends pulumi.ComponentResource {
  /** Hetzner's id of it. */
  readonly loadBalancerId: pulumi.Output<string>;
  /** Public IPv4 address, dotted quad. */
  readonly ipv4: pulumi.Output<string>;
  /** Public IPv6 address. Absence means that nothing shall lead there. */
  readonly ipv6: pulumi.Output<string> | undefined;
  /** Its address in the private network: where the nodes see its connections come from. */
  readonly privateIpv4: pulumi.Output<string>;
  /** The IPv4 addresses from which targets are reached. */
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
      // Its successor comes first, which the look before it refuses while the old one has the name: so nothing is
      // deleted before anybody has looked, not even in an update without a preview.
      allowReplacement
        ? { parent: this, deleteBeforeReplace: true }
        : {
            parent: this,
            deleteBeforeReplace: false,
            hooks: { beforeCreate: [nameConflictHook(name, args.name, this, nameConflict)] },
          },
    );
    const loadBalancerId = loadBalancer.id.apply(Number);

    // Attached by `networkId`, since an attachment made by `subnetId` cannot be imported again; deleted first, since
    // a second attachment to one network is answered "already attached" and then undone by the delete of the first.
    const attachment = new hcloud.LoadBalancerNetwork(
      `${name}-network`,
      { loadBalancerId, networkId, ...(privateIp !== undefined && { ip: privateIp }) },
      { parent: this, deleteBeforeReplace: true },
    );
    for (const [role, target] of toTargets(args.targets))
      new hcloud.LoadBalancerTarget(
        `${name}-${role}`,
        { loadBalancerId, ...target },
        // Detaching drops the private targets without a word, so they are made anew with the attachment.
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

/** The targets, each with the end of its resource's name. */
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
