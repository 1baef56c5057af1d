import type { EgressRule, EndpointSelector, Entity, PortRule } from "../custom-resources/cilium";

/** Under which a policy sees the namespace of a pod. */
export const namespaceLabel = "k8s:io.kubernetes.pod.namespace";

/** A pod of any namespace. */
export const anyPod: EndpointSelector = { matchExpressions: [{ key: namespaceLabel, operator: "Exists" }] };

/** Pods of one namespace, with these labels. */
export const inNamespace = (
  namespace: string,
  labels: Readonly<Record<string, string>> = {},
): EndpointSelector => ({
  matchLabels: { [namespaceLabel]: namespace, ...labels },
});

const ports = (protocol: "TCP" | "UDP", ...numbers: readonly number[]): PortRule["ports"] =>
  numbers.map((port) => ({ port: String(port), protocol }));

/** Of a rule: TCP at these ports. */
export const tcp = (...numbers: readonly number[]): { readonly toPorts: readonly PortRule[] } => ({
  toPorts: [{ ports: ports("TCP", ...numbers) }],
});

/** Of a rule: the port of DNS. */
export const dns = { toPorts: [{ ports: [...ports("UDP", 53), ...ports("TCP", 53)] }] };

/** CoreDNS, as k3s and most others label it. */
export const dnsServer = inNamespace("kube-system", { "k8s-app": "kube-dns" });

/** Where a proxy asks the control plane: identity, destination, policy. */
export const controlPlane = tcp(8080, 8086, 8090);

/**
 * The API server comes from a node: from its own address, or through the tunnel from that of Cilium's interface, by
 * which it cannot be told from what else runs on that node's own network.
 */
export const fromNodes: readonly Entity[] = ["host", "remote-node", "kube-apiserver"];

/** To the nodes that run the API server, at the port on which k3s has it. */
export const toApiServer: EgressRule = { toEntities: ["kube-apiserver"], ...tcp(6443) };
