import * as pulumi from "@pulumi/pulumi";

import type { HealthCheckTiming } from "../load-balancer/health-check";

/** A controller's ports on every node, 30000 to 32767. */
export interface NodePorts {
  readonly http: number;
  readonly https: number;
  /** The port of the load balancer's health check. */
  readonly health: number;
}

/** The properties of the load balancer in front of a controller, whatever its targets are. */
interface AnyLoadBalancer {
  /** The IPv4 addresses from which it connects to nodes: the only ones whose PROXY protocol header is trusted. */
  readonly senders: pulumi.Input<readonly string[]>;
  /** Whether it sends PROXY protocol headers. */
  readonly proxyProtocol: boolean;
  /** The timing of its health check, which determines how long a pod takes to shut down. Default: every 15 s, 3 times. */
  readonly healthCheck?: HealthCheckTiming;
}

/** A load balancer whose targets are node ports of every node. */
export interface NodePortTarget extends AnyLoadBalancer {
  /** The address in the status of Ingress objects. */
  readonly ipv4: pulumi.Input<string>;
  readonly nodePorts: NodePorts;
}

/** A load balancer that is created for a Service, which selects the controller's pods and is created after them. */
export interface ServiceTarget extends AnyLoadBalancer {
  /** The Service's name, in the controller's namespace. Its addresses appear in the status of Ingress objects. */
  readonly service: string;
}

/** The load balancer in front of an ingress controller. */
export type FrontingLoadBalancer = NodePortTarget | ServiceTarget;

/** The arguments of any controller. */
export interface IngressArgs {
  /** The limits of the number of pods. The autoscaler scales between them, at 80 % of the requested CPU. */
  readonly replicas: { readonly min: number; readonly max: number };
  /** The resource requests of each pod, as Kubernetes quantities. Default: 100m and 128Mi. */
  readonly resources?: { readonly cpu: string; readonly memory: string };
  readonly loadBalancer: FrontingLoadBalancer;
  /** The time after which an idle connection is closed, and after which the peer of one in use is asked to reconnect. */
  readonly keepAliveSeconds: number;
  /**
   * The time in which a client must have sent a request with its whole body or stream, in seconds. With nginx: the maximum
   * time without any data on it.
   */
  readonly maxRequestSeconds: number;
  /** The size up to which a header passes, in Ki, such as `64Ki`. Default: the controller's own limit. */
  readonly maxHeaderSize?: string | undefined;
  /** The ranges of the only peers whose headers with the client's address are trusted: Cloudflare's, IPv4 and IPv6. */
  readonly trustedCidrs: pulumi.Input<string[]>;
  /**
   * The Secret with the certificate of hosts without their own, in the controller's namespace. It may be created after the
   * controller.
   */
  readonly defaultCertificate: string;
  /** The namespaces of this program's routes: that of the apps, and others. A Gateway accepts HTTPRoutes of these only. */
  readonly routesFrom: readonly [apps: pulumi.Input<string>, ...others: string[]];
  /** Other namespaces whose routes Traefik serves. Default: none. */
  readonly namespaces?: readonly string[];
  /** Whether a controller that can also read HTTPRoutes does so. Default: false. */
  readonly readsGateways?: boolean;
  /** The tag of Traefik's image. */
  readonly traefikVersion: string;
  /** Names of the response headers that routes set: nginx answers 503 for a host that sets any other. */
  readonly responseHeaders?: readonly string[];
}

/** The default resource requests of a pod. Without limits: a burst of connections would get the pod killed. */
export const defaultResources = { cpu: "100m", memory: "128Mi" } as const;

/** A /32 range for each address. */
export const toCidrs = (addresses: pulumi.Input<readonly string[]>): pulumi.Output<string[]> =>
  pulumi.output(addresses).apply((all) => all.map((address) => `${address}/32`));

/** The topology spread constraints that put pods on different nodes if there are enough. */
export const spreadOverNodes = (matchLabels: Readonly<Record<string, string>>) => [
  {
    maxSkew: 1,
    topologyKey: "kubernetes.io/hostname",
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector: { matchLabels },
  },
];
