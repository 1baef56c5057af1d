import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";

export interface HetznerLoadBalancerArgs {
  /** Its name at Hetzner, unique in the project. A fixed one, so that a lost answer cannot make a second one. */
  readonly name: string;
  /** `lb11`, `lb21` or `lb31`. A change is made in place and keeps the addresses. */
  readonly type: string;
  /** Where it stands: a location such as `fsn1`, or a network zone such as `eu-central`. A change loses the addresses. */
  readonly place: { readonly location: string } | { readonly networkZone: string };
  /** How it spreads connections. */
  readonly algorithm: "round_robin" | "least_connections";
  /** The id of the private network the nodes are in. */
  readonly networkId: number;
  /** Which servers receive traffic, as a selector of Hetzner labels: `key=value[,key=value]`. */
  readonly labelSelector: string;
  /** The node ports the ingress controller listens on, 30000 to 32767. */
  readonly nodePorts: { readonly http: pulumi.Input<number>; readonly https: pulumi.Input<number> };
  /** Whether it opens each connection with a PROXY protocol header; the ingress must be told the same. */
  readonly proxyProtocol: boolean;
  /** Whether Hetzner refuses to delete it. Say `protect` in the options too: this alone lets its services go first. */
  readonly deleteProtection: boolean;
}

/**
 * The public door of the cluster: TCP 80 and 443 to the node ports, over the private network. TLS passes through
 * untouched. A node whose port does not answer leaves the rotation after 3 failed checks, 15 s apart.
 *
 * @see https://docs.hetzner.cloud/reference/cloud#load-balancers
 */
export class HetznerLoadBalancer extends pulumi.ComponentResource {
  /** Public IPv4 address, dotted quad. */
  readonly ipv4: pulumi.Output<string>;
  /** Public IPv6 address. */
  readonly ipv6: pulumi.Output<string>;
  /** Its address in the private network: where the nodes see its connections come from. */
  readonly privateIpv4: pulumi.Output<string>;
  /** Whether connections start with a PROXY protocol header. */
  readonly proxyProtocol: boolean;

  constructor(name: string, args: HetznerLoadBalancerArgs, opts?: pulumi.ComponentResourceOptions) {
    const { type, place, algorithm, networkId, labelSelector, nodePorts, proxyProtocol, deleteProtection } =
      args;
    super("platform:networking:HetznerLoadBalancer", name, {}, opts);

    const loadBalancer = new hcloud.LoadBalancer(
      name,
      {
        name: args.name,
        loadBalancerType: type,
        ...place,
        algorithm: { type: algorithm },
        deleteProtection,
      },
      { parent: this },
    );
    const loadBalancerId = loadBalancer.id.apply(Number);

    // Attached by `networkId`, since an attachment made by `subnetId` cannot be imported again; deleted first, since
    // a second attachment to one network is answered "already attached" and then undone by the delete of the first.
    const attachment = new hcloud.LoadBalancerNetwork(
      `${name}-network`,
      { loadBalancerId, networkId },
      { parent: this, deleteBeforeReplace: true },
    );
    // Detaching drops the private targets without a word, so they are made anew with the attachment.
    new hcloud.LoadBalancerTarget(
      `${name}-nodes`,
      { loadBalancerId, type: "label_selector", labelSelector, usePrivateIp: true },
      { parent: this, dependsOn: [attachment], replaceWith: [attachment] },
    );

    const services = [
      { role: "http", listenPort: 80, destinationPort: nodePorts.http },
      { role: "https", listenPort: 443, destinationPort: nodePorts.https },
    ];
    for (const { role, listenPort, destinationPort } of services) {
      const healthCheck = { protocol: "tcp", port: destinationPort, interval: 15, timeout: 10, retries: 3 };
      new hcloud.LoadBalancerService(
        `${name}-${role}`,
        {
          loadBalancerId: loadBalancer.id,
          protocol: "tcp",
          listenPort,
          destinationPort,
          proxyprotocol: proxyProtocol,
          healthCheck,
        },
        { parent: this, deleteBeforeReplace: true },
      );
    }

    this.ipv4 = loadBalancer.ipv4;
    this.ipv6 = loadBalancer.ipv6;
    this.privateIpv4 = attachment.ip;
    this.proxyProtocol = proxyProtocol;
    this.registerOutputs({
      ipv4: this.ipv4,
      ipv6: this.ipv6,
      privateIpv4: this.privateIpv4,
      proxyProtocol: this.proxyProtocol,
    });
  }
}
