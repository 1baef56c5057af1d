import type {
  EgressRule,
  EndpointSelector,
  Entity,
  FqdnSelector,
  IngressRule,
  PortRule,
} from "../custom-resources/cilium-resources";
import { controlPlanePorts, proxyPorts } from "../linkerd/ports";
import { platformNamespaces } from "../namespaces";

/** Pods of one namespace with the label `app.kubernetes.io/name`: those of an ingress controller. */
export interface Endpoint {
  readonly namespace: string;
  readonly app: string;
}

/** A destination outside the cluster: a name (or a pattern, with `*` as its first label) or a range of addresses. */
export type EgressTarget = {
  readonly ports: readonly number[];
  readonly protocol: "TCP" | "UDP";
  /** Whether the server speaks first, so that Linkerd's proxy must not detect the protocol. Default: false. */
  readonly opaque?: true | undefined;
} & ({ readonly host: string } | { readonly cidr: string });

/** The label by which a policy selects the namespace of a pod. */
const podNamespaceLabel = "k8s:io.kubernetes.pod.namespace";

/** Cilium's limit of ports in one rule. */
const maxPortsPerRule = 40;

const toPortRules = (ports: readonly number[], protocol: "TCP" | "UDP"): PortRule[] =>
  ports.length === 0
    ? []
    : ports.length <= maxPortsPerRule
      ? [{ ports: ports.map((port) => ({ port: String(port), protocol })) }]
      : [
          ...toPortRules(ports.slice(0, maxPortsPerRule), protocol),
          ...toPortRules(ports.slice(maxPortsPerRule), protocol),
        ];

/** Rules for TCP ports. */
export const tcpPorts = (...ports: readonly number[]): PortRule[] => toPortRules(ports, "TCP");

/** Rules for UDP ports. */
export const udpPorts = (...ports: readonly number[]): PortRule[] => toPortRules(ports, "UDP");

/** A selector of pods in another namespace. */
export const podsInNamespace = (namespace: string, { matchLabels, ...rest }: EndpointSelector = {}) => ({
  matchLabels: { [podNamespaceLabel]: namespace, ...matchLabels },
  ...rest,
});

/**
 * Every pod of every namespace. Without the expression, a clusterwide policy would also select Cilium's own health
 * endpoints, which are in no namespace.
 *
 * @param except Namespaces whose pods are left out. Default: none.
 */
export const anyPod = (except: readonly string[] = []): EndpointSelector => ({
  matchExpressions: [
    { key: podNamespaceLabel, operator: "Exists" },
    ...(except.length === 0 ? [] : [{ key: podNamespaceLabel, operator: "NotIn" as const, values: except }]),
  ],
});

/** The internet, and NodePort traffic forwarded by other nodes. */
export const fromOutside = (toPorts: readonly PortRule[]): IngressRule => ({
  fromEntities: ["world", "remote-node"],
  toPorts,
});

/**
 * The API server. Its packets come from a node: from the node's own address, or through the tunnel from Cilium's
 * interface, where they look like any other process in that node's host network.
 */
export const fromApiServer: readonly Entity[] = ["host", "remote-node", "kube-apiserver"];

/** The nodes that run the API server, at k3s's port. */
export const toApiServer: EgressRule = { toEntities: ["kube-apiserver"], toPorts: tcpPorts(6443) };

/** The kubelet's probes, which come from the pod's own node. */
export const fromKubelet = (ports: readonly number[], meshed: boolean): IngressRule => ({
  fromEntities: ["host"],
  toPorts: meshed ? tcpPorts(...ports, proxyPorts.admin) : tcpPorts(...ports),
});

/** linkerd-viz, to the metrics and the tap port of a proxy. */
export const fromViz: IngressRule = {
  fromEndpoints: [podsInNamespace(platformNamespaces.linkerdViz)],
  toPorts: tcpPorts(proxyPorts.admin, proxyPorts.tap),
};

/** Your own Prometheus, to the metrics of a proxy. */
export const fromScraper = (scraper: EndpointSelector): IngressRule => ({
  fromEndpoints: [scraper],
  toPorts: tcpPorts(proxyPorts.admin),
});

/** The metrics-api of linkerd-viz, to your own Prometheus. */
export const fromMetricsApi = (toPorts: PortRule[]): IngressRule => ({
  fromEndpoints: [
    podsInNamespace(platformNamespaces.linkerdViz, { matchLabels: { component: "metrics-api" } }),
  ],
  toPorts,
});

/** The metrics of every proxy in the cluster. The policies of the scraped pods decide which of them answer. */
export const toProxyMetrics: EgressRule = {
  toEndpoints: [anyPod()],
  toPorts: tcpPorts(proxyPorts.admin),
};

/** Names outside the cluster. Cilium learns their addresses from the DNS answers it inspects; see {@link toDns}. */
export const toFqdns = (names: readonly string[], toPorts: readonly PortRule[]): EgressRule => ({
  toFQDNs: names.map((name): FqdnSelector =>
    name.includes("*") ? { matchPattern: name } : { matchName: name },
  ),
  toPorts,
});

/** The link-local addresses. Hetzner's metadata service is one of them. */
export const linkLocalRanges = { ipv4: "169.254.0.0/16", ipv6: "fe80::/10" } as const;

/**
 * A destination outside the cluster. Linkerd's proxy connects to the same port as the app. All addresses, `0.0.0.0/0` or
 * `::/0`, are those of the internet: without link-local ones and the cluster's own.
 *
 * @param ownRanges The IPv4 ranges of the cluster.
 */
export function toEgressTarget(target: EgressTarget, ownRanges: readonly string[]): EgressRule {
  const toPorts = toPortRules(target.ports, target.protocol);
  if ("host" in target) return toFqdns([target.host], toPorts);
  const { cidr } = target;
  if (!cidr.endsWith("/0")) return { toCIDR: [cidr], toPorts };
  const except = cidr.includes(":") ? [linkLocalRanges.ipv6] : [linkLocalRanges.ipv4, ...ownRanges];
  return { toCIDRSet: [{ cidr, except }], toPorts };
}

/** The pods of CoreDNS, by the label that k3s and most other distributions use. */
export const dnsServer = podsInNamespace(platformNamespaces.kubeSystem, {
  matchLabels: { "k8s-app": "kube-dns" },
});

export const dnsPorts: PortRule["ports"] = [
  { port: "53", protocol: "UDP" },
  { port: "53", protocol: "TCP" },
];

/**
 * The cluster's DNS.
 *
 * @param inspect Whether Cilium reads the answers, which `toFQDNs` needs. All DNS of the pods then passes Cilium's DNS
 *   proxy, so only pods that need it get this rule.
 */
export const toDns = (inspect: boolean): EgressRule => ({
  toEndpoints: [dnsServer],
  toPorts: [{ ports: dnsPorts, ...(inspect && { rules: { dns: [{ matchPattern: "*" }] } }) }],
});

/** Linkerd's control plane. */
export const toControlPlane: EgressRule = {
  toEndpoints: [podsInNamespace(platformNamespaces.linkerd)],
  toPorts: tcpPorts(...controlPlanePorts),
};

/** The trace collector of the proxies, by its namespace. Its pods must be meshed. */
export const toTraceCollector = (namespace: string): EgressRule => ({
  toEndpoints: [podsInNamespace(namespace)],
  toPorts: tcpPorts(proxyPorts.inbound),
});
