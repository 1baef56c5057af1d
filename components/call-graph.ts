import type {
  EgressRule,
  EndpointSelector,
  IngressRule,
  NetworkPolicySpec,
  PortRule,
} from "./custom-resources/cilium";

/** An app, as far as the question goes who may talk to whom. */
export interface GraphApp {
  readonly name: string;
  /** The port its container listens on. */
  readonly port: number;
  /** Whether its pods carry Linkerd's proxy. */
  readonly meshed: boolean;
  /** Its routes: an app with any is reached by the ingress controller. */
  readonly routes: readonly unknown[];
  /** The names of the apps it calls. */
  readonly calls: readonly string[];
}

/** Pods of another namespace: the ingress controller's. */
export interface Endpoint {
  readonly namespace: string;
  readonly app: string;
}

/** Linkerd's proxy takes all meshed traffic on this port, whatever port the app has. */
const meshInbound = 4143;
/** The proxy's own: probes and metrics, and `linkerd viz tap`. */
const proxyAdmin = 4191;
const proxyTap = 4190;
/** Where a proxy asks the control plane: identity, destination, policy. */
const controlPlane = [8080, 8086, 8090];

const podNamespace = "k8s:io.kubernetes.pod.namespace";

const tcp = (...ports: number[]): PortRule[] => [
  { ports: ports.map((port) => ({ port: String(port), protocol: "TCP" })) },
];

/** The label by which Services and policies find an app's pods. */
export const podLabels = (app: string): Readonly<Record<string, string>> => ({ app });

const inNamespace = (namespace: string, labels: Readonly<Record<string, string>> = {}): EndpointSelector => ({
  matchLabels: { [podNamespace]: namespace, ...labels },
});

/** Where a caller's packets arrive: the proxy's port if the app is meshed, its own port for callers without a proxy. */
const arrival = (app: GraphApp): PortRule[] => (app.meshed ? tcp(app.port, meshInbound) : tcp(app.port));

/**
 * Gives each app its network policy: both halves of every declared call, and what any pod needs to live. A call that
 * nobody declared is in neither half. Rules follow the apps' names, so that their order in the settings changes nothing.
 *
 * @param ingress The pods of every ingress controller there may be, let in to apps with routes: two of them, while one
 *   takes over from the other.
 * @see https://docs.cilium.io/en/stable/security/policy/language/
 */
export function withPolicies<App extends GraphApp>(
  apps: readonly App[],
  ingress: readonly Endpoint[],
): (App & { readonly policy: NetworkPolicySpec })[] {
  const byName = apps.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return apps.map((app) => ({
    ...app,
    policy: {
      endpointSelector: { matchLabels: podLabels(app.name) },
      ingress: [
        ...(app.routes.length > 0 ? [fromIngress(ingress, app)] : []),
        ...byName.filter((caller) => caller.calls.includes(app.name)).map((caller) => fromApp(caller, app)),
        fromKubelet(app),
        ...(app.meshed ? [fromViz] : []),
      ],
      egress: [
        ...byName.filter((callee) => app.calls.includes(callee.name)).map(toApp),
        toDns,
        ...(app.meshed ? [toControlPlane] : []),
      ],
    },
  }));
}

const fromIngress = (controllers: readonly Endpoint[], app: GraphApp): IngressRule => ({
  fromEndpoints: controllers.map((each) =>
    inNamespace(each.namespace, { "app.kubernetes.io/name": each.app }),
  ),
  toPorts: arrival(app),
});

const fromApp = (caller: GraphApp, app: GraphApp): IngressRule => ({
  fromEndpoints: [{ matchLabels: podLabels(caller.name) }],
  toPorts: arrival(app),
});

/** Probes come from the node the pod is on. */
const fromKubelet = (app: GraphApp): IngressRule => ({
  fromEntities: ["host"],
  toPorts: app.meshed ? tcp(app.port, proxyAdmin) : tcp(app.port),
});

const fromViz: IngressRule = {
  fromEndpoints: [inNamespace("linkerd-viz")],
  toPorts: tcp(proxyAdmin, proxyTap),
};

const toApp = (callee: GraphApp): EgressRule => ({
  toEndpoints: [{ matchLabels: podLabels(callee.name) }],
  toPorts: arrival(callee),
});

const toDns: EgressRule = {
  toEndpoints: [inNamespace("kube-system", { "k8s-app": "kube-dns" })],
  toPorts: [
    {
      ports: [
        { port: "53", protocol: "UDP" },
        { port: "53", protocol: "TCP" },
      ],
    },
  ],
};

const toControlPlane: EgressRule = {
  toEndpoints: [inNamespace("linkerd")],
  toPorts: tcp(...controlPlane),
};
