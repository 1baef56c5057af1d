import type {
  EgressRule,
  EndpointSelector,
  FqdnSelector,
  IngressRule,
  PortRule,
} from "../custom-resources/cilium-resources";

/** Pods of another namespace: the ingress controller's. */
export interface Endpoint {
  readonly namespace: string;
  readonly app: string;
}

/** What is outside of the cluster and may be reached: a name, or with `*` as its first label a pattern; or a range. */
export type EgressTarget = {
  readonly ports: readonly number[];
  readonly protocol: "TCP" | "UDP";
} & ({ readonly host: string } | { readonly cidr: string });

/** Linkerd's proxy takes all meshed traffic on this port, whatever port the app has. */
export const meshInbound = 4143;
/** The proxy's own: probes and metrics, and `linkerd viz tap`. */
const proxyAdmin = 4191;
const proxyTap = 4190;
/** Where a proxy asks the control plane: identity, destination, policy. */
const controlPlane = [8080, 8086, 8090];

/** Under which a policy sees the namespace of a pod. */
export const podNamespace = "k8s:io.kubernetes.pod.namespace";

/** As many ports as Cilium takes in one rule. */
const mostPorts = 40;

const portRules = (ports: readonly number[], protocol: "TCP" | "UDP"): PortRule[] =>
  ports.length <= mostPorts
    ? [{ ports: ports.map((port) => ({ port: String(port), protocol })) }]
    : [...portRules(ports.slice(0, mostPorts), protocol), ...portRules(ports.slice(mostPorts), protocol)];

/** Rules for TCP ports. */
export const tcp = (...ports: number[]): PortRule[] => portRules(ports, "TCP");

/** The same pods, as policies of another namespace see them. */
export const inNamespace = (namespace: string, { matchLabels, ...rest }: EndpointSelector = {}) => ({
  matchLabels: { [podNamespace]: namespace, ...matchLabels },
  ...rest,
});

/** The ingress controllers, all by one rule. */
export const fromControllers = (controllers: readonly Endpoint[], toPorts: PortRule[]): IngressRule => ({
  fromEndpoints: controllers.map(({ namespace, app }) =>
    inNamespace(namespace, { matchLabels: { "app.kubernetes.io/name": app } }),
  ),
  toPorts,
});

/** Everybody outside, and nodes that pass on what they were asked for at a port of their own. */
export const fromOutside = (ports: readonly number[]): IngressRule => ({
  fromEntities: ["world", "remote-node"],
  toPorts: tcp(...ports),
});

/** Probes come from the node the pod is on. */
export const fromKubelet = (ports: readonly number[], meshed: boolean): IngressRule => ({
  fromEntities: ["host"],
  toPorts: meshed ? tcp(...ports, proxyAdmin) : tcp(...ports),
});

export const fromViz: IngressRule = {
  fromEndpoints: [inNamespace("linkerd-viz")],
  toPorts: tcp(proxyAdmin, proxyTap),
};

/** One's own Prometheus, at the metrics of a proxy. */
export const fromScraper = (scraper: EndpointSelector): IngressRule => ({
  fromEndpoints: [scraper],
  toPorts: tcp(proxyAdmin),
});

/** Viz' metrics-api, at one's own Prometheus. */
export const fromMetricsApi = (toPorts: PortRule[]): IngressRule => ({
  fromEndpoints: [inNamespace("linkerd-viz", { matchLabels: { component: "metrics-api" } })],
  toPorts,
});

/** The metrics of every proxy in the cluster: the pods that are scraped decide. */
export const toProxies: EgressRule = {
  toEndpoints: [{ matchExpressions: [{ key: podNamespace, operator: "Exists" }] }],
  toPorts: tcp(proxyAdmin),
};

/** Names of which Cilium learns the addresses as they are asked for; see {@link toDns}. */
export const toNames = (
  names: readonly string[],
  ports: readonly number[],
  protocol: "TCP" | "UDP",
): EgressRule => ({
  toFQDNs: names.map((name): FqdnSelector =>
    name.includes("*") ? { matchPattern: name } : { matchName: name },
  ),
  toPorts: portRules(ports, protocol),
});

/** Something outside of the cluster. Linkerd's proxy dials it as the app does, so the port stays. */
export const toTarget = (target: EgressTarget): EgressRule =>
  "host" in target
    ? toNames([target.host], target.ports, target.protocol)
    : { toCIDR: [target.cidr], toPorts: portRules(target.ports, target.protocol) };

/** CoreDNS, as k3s and most others label it. */
export const dnsServer = inNamespace("kube-system", { matchLabels: { "k8s-app": "kube-dns" } });

export const dnsPorts: PortRule["ports"] = [
  { port: "53", protocol: "UDP" },
  { port: "53", protocol: "TCP" },
];

/**
 * The cluster's DNS.
 *
 * @param read Whether Cilium reads the answers, without which it knows no names. All of the pods' DNS then passes its
 *   proxy, so only those have it who need it.
 */
export const toDns = (read: boolean): EgressRule => ({
  toEndpoints: [dnsServer],
  toPorts: [{ ports: dnsPorts, ...(read && { rules: { dns: [{ matchPattern: "*" }] } }) }],
});

export const toControlPlane = {
  toEndpoints: [inNamespace("linkerd")],
  toPorts: tcp(...controlPlane),
} satisfies EgressRule;

/** Where a proxy sends its spans: pods of this namespace, which must be meshed themselves. */
export const toCollector = (namespace: string): EgressRule => ({
  toEndpoints: [inNamespace(namespace)],
  toPorts: tcp(meshInbound),
});
