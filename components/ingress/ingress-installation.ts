import type * as pulumi from "@pulumi/pulumi";

import type { ChartName } from "../charts";
import type { HealthCheckTiming, HealthCheck } from "../load-balancer/health-check";
import type { Drain } from "./drain";
import type { FrontingLoadBalancer, IngressArgs, NodePorts } from "./ingress-args";

/** The node ports in the settings. */
export interface NodePortSettings {
  readonly http: number;
  readonly https: number;
  readonly nginxHealth: number;
}

/** The names by which other parts of the cluster find an installed controller. */
export interface ControllerIdentity {
  /** The name of the Helm release. */
  readonly name: string;
  readonly chart: ChartName;
  readonly ingressClassName: string;
  /** The controller's pods: their namespace, and their label `app.kubernetes.io/name`. */
  readonly podSelector: { readonly namespace: string; readonly app: string };
  readonly serviceAccountName: string;
  /** The names of the pods' public ports. */
  readonly targetPorts: { readonly http: string; readonly https: string };
}

/** The installation half of an ingress controller: its Helm release, and its requirements on the cluster. */
export interface IngressInstallation {
  /** Two controllers with the same identity are one installation: switching between them replaces no release. */
  readonly identity: ControllerIdentity;
  readonly nodePorts: {
    /** Node ports that the settings cannot change. Default: those of the settings. */
    readonly fixed?: { readonly http: number; readonly https: number };
    /**
     * The setting with the node port of the health check. A controller with a port for it alone adds a key to
     * {@link NodePortSettings} and to `loadBalancer.nodePorts` in the settings, like `nginxHealth`, and creates the
     * NodePort Service in `createBeforeRelease`, unless its chart has one.
     */
    readonly health: keyof NodePortSettings;
  };
  /** The path of the health check. It answers 200 until the pod is terminated; the pod accepts connections for longer. */
  readonly healthPath: string;
  /** The container's public ports, for Cilium's policies. */
  readonly containerPorts: readonly number[];
  /** The container ports of webhooks that the API server calls, for Cilium's policies. */
  readonly webhookPorts: readonly number[];
  /** The container port with its metrics, for Cilium's policies. */
  readonly metricsPort: number;
  /** The chart's ClusterRoles, by which another installation in the cluster is recognized. */
  readonly clusterRoles: readonly string[];
  /** Whether it reads routes and Secrets of the served namespaces only, or of the whole cluster. */
  readonly reads: "cluster" | "namespaces";
  /** Whether the controller reads HTTPRoutes: always, if the settings ask for it, or never. */
  readonly readsGatewayApi: "always" | "never" | "optional";
  /** Whether its pods restart until the Service in `loadBalancer.service` exists. Default: false. */
  readonly needsService?: boolean;
  /** A warning that each preview shows. Default: none. */
  readonly deprecation?: string;
  readonly chartValues: (args: IngressArgs) => Record<string, unknown>;
  /** The shutdown of its pods behind this load balancer. */
  readonly drain: (loadBalancer: FrontingLoadBalancer) => Drain;
  /**
   * Creates the resources that must exist before the release. Default: none.
   *
   * @param name The component's name, a prefix of theirs.
   */
  readonly createBeforeRelease?: (
    name: string,
    args: IngressArgs & { readonly namespace: pulumi.Input<string> },
    opts: pulumi.CustomResourceOptions,
  ) => readonly pulumi.Resource[];
  /** Creates the resources that need the release. Default: none. */
  readonly createAfterRelease?: (name: string, args: IngressArgs, opts: pulumi.CustomResourceOptions) => void;
}

/** The node ports of an installation: the load balancer's targets. */
export function nodePortsFor(
  { nodePorts: { fixed, health } }: Pick<IngressInstallation, "nodePorts">,
  { nodePorts: settings }: { readonly nodePorts: NodePortSettings },
): NodePorts {
  const ports = { ...settings, ...fixed };
  return { http: ports.http, https: ports.https, health: ports[health] };
}

/**
 * The load balancer's health check of ports 80 and 443: an HTTP request to the controller on each node.
 *
 * Always HTTP: the hcloud provider cannot change a check from HTTP to TCP in place.
 */
export const healthCheckFor = (
  installation: Pick<IngressInstallation, "healthPath" | "nodePorts">,
  settings: { readonly nodePorts: NodePortSettings; readonly healthCheck: HealthCheckTiming },
): HealthCheck => ({
  protocol: "http",
  port: nodePortsFor(installation, settings).health,
  http: { path: installation.healthPath, statusCodes: ["200"] },
  ...settings.healthCheck,
});
