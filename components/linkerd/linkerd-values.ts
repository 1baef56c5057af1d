/** Who may call a port that no Server speaks of. @see https://linkerd.io/2/reference/authorization-policy/#default-policies */
export const inboundPolicies = [
  "all-unauthenticated",
  "all-authenticated",
  "cluster-authenticated",
  "cluster-unauthenticated",
  "deny",
  "audit",
] as const;

export type InboundPolicy = (typeof inboundPolicies)[number];

/** Where spans go, by OTLP over gRPC. */
export interface MeshTracing {
  /** The collector's Service, as `<host>:<port>`. */
  readonly endpoint: string;
  /** The ServiceAccount of its pods. They must be meshed: a proxy hands its spans to no other. */
  readonly meshIdentity: { readonly serviceAccountName: string; readonly namespace: string };
}

/** What the mesh is like, as far as its charts are concerned. */
export interface MeshValuesArgs {
  /** The suffix of every workload's identity. A change needs a restart of all meshed pods. */
  readonly trustDomain: string;
  /** Whether the control plane runs in three copies, each on a node of its own, and no pod starts without them. */
  readonly ha: boolean;
  /** What a meshed pod lets in where nothing else is said; read when the pod starts. Default all-unauthenticated. */
  readonly defaultInboundPolicy?: InboundPolicy | undefined;
  /** Absence means that neither proxies nor the control plane trace. */
  readonly tracing?: MeshTracing | undefined;
  /** The URL of a Prometheus that scrapes the proxies. Absence means viz's own, which keeps six hours in memory. */
  readonly prometheus?: string | undefined;
  /**
   * The version of Gateway API by whose HTTPRoutes traffic is shaped. The policy controller looks for the kind only when it
   * starts, so it starts anew when this changes. Absence means that no HTTPRoute speaks of the mesh.
   */
  readonly gatewayApi?: string | undefined;
  /** The hosts at which viz's dashboard is reached from outside: it refuses any other. Default none. */
  readonly dashboardHosts?: readonly string[] | undefined;
}

const cpuRequest = { request: "100m" };
const resources = { cpu: cpuRequest, memory: { request: "50Mi", limit: "250Mi" } };

/** Values of the chart trust-manager. */
export function buildTrustManagerValues({ ha }: Pick<MeshValuesArgs, "ha">): object {
  return {
    replicaCount: ha ? 2 : 1,
    podDisruptionBudget: { enabled: ha },
    // With Secrets as targets it would read every Secret of the cluster; so it reads those of its own namespace.
    secretTargets: { enabled: false },
  };
}

/** A webhook that has its certificate from cert-manager; the API server is told of the CA that signed it. */
const certManagerTls = (certificate: string) => ({ externalSecret: true, injectCaFrom: certificate });

/** Values of the chart linkerd-control-plane, with its values-ha.yaml where that is wanted. */
export function buildControlPlaneValues(options: MeshValuesArgs): object {
  const { trustDomain, ha, defaultInboundPolicy = "all-unauthenticated", tracing, gatewayApi } = options;
  return {
    identityTrustDomain: trustDomain,
    // The issuer and the roots come from cert-manager and trust-manager: the chart makes neither.
    identity: { externalCA: true, issuer: { scheme: "kubernetes.io/tls" } },
    // What the chart signs itself, it signs anew on every upgrade, and for a year.
    proxyInjector: certManagerTls("linkerd/linkerd-proxy-injector"),
    profileValidator: certManagerTls("linkerd/linkerd-sp-validator"),
    policyValidator: certManagerTls("linkerd/linkerd-policy-validator"),
    disableHeartBeat: true,
    // The policy controller is in the destination's pod.
    ...(gatewayApi !== undefined && {
      destinationController: { podAnnotations: { "gateway.networking.k8s.io/bundle-version": gatewayApi } },
    }),
    proxy: {
      defaultInboundPolicy,
      ...(ha && { resources: { cpu: cpuRequest, memory: { request: "20Mi", limit: "250Mi" } } }),
      ...(tracing && {
        tracing: {
          enabled: true,
          collector: { endpoint: tracing.endpoint, meshIdentity: { ...tracing.meshIdentity } },
        },
      }),
    },
    ...(tracing && { controller: { tracing: { enabled: true, collector: { endpoint: tracing.endpoint } } } }),
    controllerReplicas: ha ? 3 : 1,
    // With one copy, `Fail` would let no pod start anywhere while that copy is away.
    webhookFailurePolicy: ha ? "Fail" : "Ignore",
    ...(ha && {
      highAvailability: true,
      enablePodAntiAffinity: true,
      enablePodDisruptionBudget: true,
      // Where every node has its copy, a new one has no place before an old one has gone.
      deploymentStrategy: { rollingUpdate: { maxUnavailable: 1, maxSurge: "25%" } },
      controllerResources: resources,
      destinationResources: resources,
      proxyInjectorResources: resources,
      spValidatorResources: resources,
      identityResources: { cpu: cpuRequest, memory: { request: "10Mi", limit: "250Mi" } },
    }),
  };
}

/** Values of the chart linkerd-viz, with its values-ha.yaml where that is wanted. */
export function buildVizValues({ trustDomain, ha, prometheus, dashboardHosts = [] }: MeshValuesArgs): object {
  return {
    identityTrustDomain: trustDomain,
    // It would label the namespace, which has its labels from us.
    createNamespaceMetadataJob: false,
    tap: { ...certManagerTls("linkerd-viz/tap"), ...(ha && { replicas: 3, resources }) },
    tapInjector: certManagerTls("linkerd-viz/tap-injector"),
    dashboard: {
      ...(dashboardHosts.length > 0 && { enforcedHostRegexp: buildHostRegexp(dashboardHosts) }),
      ...(ha && { resources }),
    },
    prometheus: {
      enabled: prometheus === undefined,
      ...(ha && { resources: { cpu: { request: "300m" }, memory: { request: "300Mi", limit: "8192Mi" } } }),
    },
    ...(prometheus !== undefined && { prometheusUrl: prometheus }),
    ...(ha && { enablePodAntiAffinity: true, enablePodDisruptionBudget: true }),
  };
}

/** Those by which the dashboard is reached inside the cluster and through a forwarded port: the chart's own default. */
const defaultDashboardHosts = [
  "localhost",
  "127.0.0.1",
  "web.linkerd-viz.svc.cluster.local",
  "web.linkerd-viz.svc",
  "[::1]",
];

/** Any other host may be a page that had its name point at the cluster (DNS rebinding). */
function buildHostRegexp(hosts: readonly string[]): string {
  const escaped = [...defaultDashboardHosts, ...hosts].map((host) => host.replace(/[.[\]]/g, "\\$&"));
  return `^(${escaped.join("|")})(:\\d+)?$`;
}
