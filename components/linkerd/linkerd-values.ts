import { controllerRequests, platformPriority, type Requests } from "../resource-requests";

/** Linkerd's default inbound policies, for ports without a Server. @see https://linkerd.io/2/reference/authorization-policy/#default-policies */
export const inboundPolicies = [
  "all-unauthenticated",
  "all-authenticated",
  "cluster-authenticated",
  "cluster-unauthenticated",
  "deny",
  "audit",
] as const;

export type InboundPolicy = (typeof inboundPolicies)[number];

/** Tracing by OTLP over gRPC. */
export interface MeshTracing {
  /** The collector's Service, as `<host>:<port>`. */
  readonly endpoint: string;
  /** The ServiceAccount of the collector's pods, which must be meshed: proxies send spans only to a meshed collector. */
  readonly meshIdentity: { readonly serviceAccountName: string; readonly namespace: string };
}

/** The settings of Linkerd's charts. */
export interface MeshValuesArgs {
  /** The suffix of every workload's identity. A change needs a restart of all meshed pods. */
  readonly trustDomain: string;
  /**
   * High availability: three replicas of the control plane on different nodes, without whose proxy injector no pod
   * starts.
   */
  readonly ha: boolean;
  /**
   * The ranges of nodes and pods, from which the kubelet's probes come without an authorization. A node sends them from its
   * own pod range. Default: all addresses.
   */
  readonly probeNetworks?: readonly string[] | undefined;
  /**
   * `proxy.defaultInboundPolicy`; takes effect when a pod restarts. Apps that we deploy have `deny`. Default:
   * all-unauthenticated.
   */
  readonly defaultInboundPolicy?: InboundPolicy | undefined;
  /** The size in bytes of all headers of a request to a meshed pod. Default: 16384. */
  readonly maxHeaderBytes?: number | undefined;
  /** Tracing of proxies and control plane. Default: off. */
  readonly tracing?: MeshTracing | undefined;
  /** The URL of a Prometheus that scrapes the proxies. Default: that of linkerd-viz, which keeps six hours in memory. */
  readonly prometheus?: string | undefined;
  /**
   * The version of Gateway API whose HTTPRoutes configure meshed traffic. A change restarts the policy controller, which
   * looks for the CRD only when it starts. Default: no HTTPRoutes.
   */
  readonly gatewayApi?: string | undefined;
  /** Whether Linkerd's CNI plugin sets up the iptables of pods, in place of an init container. Default: false. */
  readonly cni?: boolean | undefined;
  /** The public hosts of the linkerd-viz dashboard, which rejects all others. Default: none. */
  readonly dashboardHosts?: readonly string[] | undefined;
}

/** The requests of each proxy: those of values-ha.yaml for `ha`. */
export const proxyRequests = (ha: boolean): Requests =>
  ha ? { cpu: "100m", memory: "20Mi" } : { cpu: "10m", memory: "20Mi" };

/** The requests of containers of the control plane, and of viz' tap and dashboard: those of values-ha.yaml for `ha`. */
export const meshRequests = (ha: boolean): Requests =>
  ha ? { cpu: "100m", memory: "50Mi" } : controllerRequests;

/** The requests of viz' Prometheus. */
export const prometheusRequests = (ha: boolean): Requests =>
  ha ? { cpu: "300m", memory: "300Mi" } : { cpu: "50m", memory: "200Mi" };

/** Resources as Linkerd's charts take them. */
const toResources = ({ cpu, memory }: Requests, memoryLimit?: string) => ({
  cpu: { request: cpu },
  memory: { request: memory, ...(memoryLimit !== undefined && { limit: memoryLimit }) },
});

/** Builds the values of the chart trust-manager. */
export function buildTrustManagerValues({ ha }: Pick<MeshValuesArgs, "ha">): object {
  return {
    replicaCount: ha ? 2 : 1,
    podDisruptionBudget: { enabled: ha },
    priorityClassName: platformPriority,
    resources: { requests: controllerRequests },
    // With Secret targets it would need to read every Secret of the cluster, without them only those of its namespace.
    secretTargets: { enabled: false },
  };
}

/**
 * The values of the chart linkerd2-cni. Its repair controller deletes pods that started on a new node before the plugin was
 * there: without iptables they would not be meshed, and do not become ready.
 */
export const cniValues = {
  priorityClassName: "system-node-critical",
  resources: toResources(controllerRequests),
  repairController: { enabled: true, resources: toResources(controllerRequests) },
};

/** A webhook's certificate from cert-manager, whose cainjector writes the CA into the webhook configuration. */
const certManagerTls = (certificate: string) => ({ externalSecret: true, injectCaFrom: certificate });

/** Builds the values of the chart linkerd-control-plane, with those of its values-ha.yaml for `ha`. */
export function buildControlPlaneValues(options: MeshValuesArgs): object {
  const { trustDomain, ha, defaultInboundPolicy = "all-unauthenticated", tracing, gatewayApi } = options;
  const { probeNetworks, cni = false, maxHeaderBytes } = options;
  const memoryLimit = ha ? "250Mi" : undefined;
  const resources = toResources(meshRequests(ha), memoryLimit);
  return {
    priorityClassName: platformPriority,
    identityTrustDomain: trustDomain,
    cniEnabled: cni,
    // The issuer comes from cert-manager and the trust roots from trust-manager: the chart creates neither.
    identity: { externalCA: true, issuer: { scheme: "kubernetes.io/tls" } },
    // The chart's own certificates are valid for a year and are replaced on every upgrade.
    proxyInjector: certManagerTls("linkerd/linkerd-proxy-injector"),
    profileValidator: certManagerTls("linkerd/linkerd-sp-validator"),
    policyValidator: certManagerTls("linkerd/linkerd-policy-validator"),
    disableHeartBeat: true,
    // The policy controller is a container of the destination pod.
    policyController: { resources: toResources(controllerRequests), ...(probeNetworks && { probeNetworks }) },
    ...(gatewayApi !== undefined && {
      destinationController: { podAnnotations: { "gateway.networking.k8s.io/bundle-version": gatewayApi } },
    }),
    proxy: {
      defaultInboundPolicy,
      resources: toResources(proxyRequests(ha), memoryLimit),
      // The servers of the proxy: from its own container, and from other proxies, by HTTP/2.
      ...(maxHeaderBytes !== undefined &&
        Object.fromEntries(
          ["inbound", "outbound"].map((side) => [
            side,
            { server: { http2: { maxHeaderListSize: String(maxHeaderBytes) } } },
          ]),
        )),
      ...(tracing && {
        tracing: {
          enabled: true,
          collector: { endpoint: tracing.endpoint, meshIdentity: { ...tracing.meshIdentity } },
        },
      }),
    },
    ...(tracing && { controller: { tracing: { enabled: true, collector: { endpoint: tracing.endpoint } } } }),
    controllerReplicas: ha ? 3 : 1,
    // With one replica, `Fail` would block every new pod of the cluster while that replica is down.
    webhookFailurePolicy: ha ? "Fail" : "Ignore",
    ...(ha && {
      highAvailability: true,
      enablePodAntiAffinity: true,
      enablePodDisruptionBudget: true,
      // With one replica on each node, a new pod can be scheduled only after an old one is gone.
      deploymentStrategy: { rollingUpdate: { maxUnavailable: 1, maxSurge: "25%" } },
    }),
    controllerResources: resources,
    destinationResources: resources,
    proxyInjectorResources: resources,
    spValidatorResources: resources,
    identityResources: resources,
  };
}

/** Builds the values of the chart linkerd-viz, with those of its values-ha.yaml for `ha`. */
export function buildVizValues({ trustDomain, ha, prometheus, dashboardHosts = [] }: MeshValuesArgs): object {
  const resources = toResources(meshRequests(ha), ha ? "250Mi" : undefined);
  return {
    identityTrustDomain: trustDomain,
    // The job would label the namespace, whose labels we set.
    createNamespaceMetadataJob: false,
    tap: { ...certManagerTls("linkerd-viz/tap"), ...(ha && { replicas: 3 }), resources },
    tapInjector: {
      ...certManagerTls("linkerd-viz/tap-injector"),
      resources: toResources(controllerRequests),
    },
    metricsAPI: { resources: toResources(controllerRequests) },
    dashboard: {
      ...(dashboardHosts.length > 0 && { enforcedHostRegexp: buildHostRegexp(dashboardHosts) }),
      resources,
    },
    prometheus: {
      enabled: prometheus === undefined,
      resources: toResources(prometheusRequests(ha), ha ? "8192Mi" : undefined),
    },
    ...(prometheus !== undefined && { prometheusUrl: prometheus }),
    ...(ha && { enablePodAntiAffinity: true, enablePodDisruptionBudget: true }),
  };
}

/** The chart's own default: hosts inside the cluster and with `kubectl port-forward`. */
const defaultDashboardHosts = [
  "localhost",
  "127.0.0.1",
  "web.linkerd-viz.svc.cluster.local",
  "web.linkerd-viz.svc",
  "[::1]",
];

/** Builds the pattern of allowed hosts, which protects the dashboard from DNS rebinding. */
function buildHostRegexp(hosts: readonly string[]): string {
  const escaped = [...defaultDashboardHosts, ...hosts].map((host) => host.replace(/[.[\]]/g, "\\$&"));
  return `^(${escaped.join("|")})(:\\d+)?$`;
}
