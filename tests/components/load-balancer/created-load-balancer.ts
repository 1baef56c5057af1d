import type * as pulumi from "@pulumi/pulumi";

import {
  HetznerLoadBalancer,
  type HetznerLoadBalancerArgs,
} from "../../../components/load-balancer/hetzner-load-balancer";
import { providers } from "../providers";

/** The function by which the program lists the load balancers at Hetzner. */
export const listFunction = "hcloud:index/getLoadBalancers:getLoadBalancers";

const args: HetznerLoadBalancerArgs = {
  name: "k3s-lb",
  type: "lb11",
  location: { location: "fsn1" },
  algorithm: "least_connections",
  networkId: 4711,
  targets: { labelSelector: "cluster=k3s", servers: [], ips: [] },
  labels: {},
  ipv6: true,
  proxyProtocol: true,
  deleteProtection: false,
  reachesPublic: false,
  allowReplacement: false,
};

/** Creates a load balancer for the label selector `cluster=k3s` in fsn1. */
export const buildLoadBalancer =
  (changed: Partial<HetznerLoadBalancerArgs> = {}, transformations: pulumi.ResourceTransformation[] = []) =>
  () =>
    new HetznerLoadBalancer("lb", { ...args, ...changed }, { providers: providers(), transformations });
