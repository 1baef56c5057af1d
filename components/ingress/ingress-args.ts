import * as pulumi from "@pulumi/pulumi";

import type { HealthCheckTiming } from "../load-balancer/health-check";

/** A controller's ports on every node, 30000 to 32767. */
export interface NodePorts {
  readonly http: number;
  readonly https: number;
  /** The port of the load balancer's health check. */
  readonly health: number;
}

/** The load balancer in front, as far as any controller must know it. */
interface AnyLoadBalancer {
  /** The IPv4 addresses from which it reaches nodes: the only ones a PROXY protocol header is believed from. */
  readonly senders: pulumi.Input<readonly string[]>;
  /** Whether it sends PROXY protocol headers. */
  readonly proxyProtocol: boolean;
  /** How it looks for nodes that answer, which says how long a copy takes to end. Default every 15 s, 3 times. */
  readonly healthCheck?: HealthCheckTiming;
}

/** One that sends to node ports of every node. */
export interface NodePortTarget extends AnyLoadBalancer {
  /** What Ingress objects show as their address. */
  readonly ipv4: pulumi.Input<string>;
  readonly nodePorts: NodePorts;
}

/** One that is made for a Service, which leads to the controller and comes after it. */
export interface ServiceTarget extends AnyLoadBalancer {
  /** The Service's name, in the controller's namespace. Ingress objects show its addresses as theirs. */
  readonly service: string;
}

/** The load balancer in front of an ingress controller. */
export type FrontingLoadBalancer = NodePortTarget | ServiceTarget;

/** What a controller is told, whichever it is. */
export interface IngressArgs {
  /** How many copies run: the autoscaler keeps between the two, at 80 % of the requested CPU. */
  readonly replicas: { readonly min: number; readonly max: number };
  /** What each copy asks for, as Kubernetes quantities. Default 100m and 128Mi. */
  readonly resources?: { readonly cpu: string; readonly memory: string };
  readonly loadBalancer: FrontingLoadBalancer;
  /** How long a connection is kept that nobody uses, and how old one gets until the peer is asked to open it anew. */
  readonly keepAliveSeconds: number;
  /** Seconds that a client may take to send a request, its stream included; with nginx, how long nothing may move on it. */
  readonly maxRequestSeconds: number;
  /** Cloudflare's ranges, IPv4 and IPv6: the only peers whose word about the client is believed. */
  readonly edgeCidrs: pulumi.Input<string[]>;
  /**
   * The Secret with the certificate of hosts without their own, in the controller's namespace. It may be created after the
   * controller.
   */
  readonly defaultCertificate: string;
  /** The namespaces whose HTTPRoutes a Gateway accepts. */
  readonly routesFrom: readonly [pulumi.Input<string>, ...pulumi.Input<string>[]];
  /** Whether a controller that can read HTTPRoutes beside Ingress objects does so. Default: false. */
  readonly readsGateways?: boolean;
  /** Names of the response headers that routes set: nginx answers 503 for a host that sets any other. */
  readonly responseHeaders?: readonly string[];
}

/** What a copy asks for unless it is told otherwise. No limit: a burst of connections must not end it. */
export const defaultResources = { cpu: "100m", memory: "128Mi" } as const;

/** Each address as a range of its own. */
export const toCidrs = (addresses: pulumi.Input<readonly string[]>): pulumi.Output<string[]> =>
  pulumi.output(addresses).apply((all) => all.map((address) => `${address}/32`));

/** Copies on different nodes, as far as there are nodes. */
export const spreadOverNodes = (matchLabels: Readonly<Record<string, string>>) => [
  {
    maxSkew: 1,
    topologyKey: "kubernetes.io/hostname",
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector: { matchLabels },
  },
];
