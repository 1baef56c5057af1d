import type { EgressRule, EndpointSelector, Entity } from "../custom-resources/cilium-resources";
import * as rules from "../network-policy/network-rules";

export { dnsServer } from "../network-policy/network-rules";

/** A pod of any namespace. */
export const anyPod: EndpointSelector = {
  matchExpressions: [{ key: rules.podNamespace, operator: "Exists" }],
};

/** Pods of one namespace, with these labels. */
export const inNamespace = (
  namespace: string,
  matchLabels: Readonly<Record<string, string>> = {},
): EndpointSelector => rules.inNamespace(namespace, { matchLabels });

/** Of a rule: TCP at these ports. */
export const tcp = (...numbers: number[]) => ({ toPorts: rules.tcp(...numbers) });

/** Of a rule: the port of DNS. */
export const dns = { toPorts: [{ ports: rules.dnsPorts }] };

/** Of a rule: where a proxy asks the control plane. */
export const controlPlane = { toPorts: rules.toControlPlane.toPorts };

/**
 * The API server comes from a node: from its own address, or through the tunnel from that of Cilium's interface, by
 * which it cannot be told from what else runs on that node's own network.
 */
export const fromNodes: readonly Entity[] = ["host", "remote-node", "kube-apiserver"];

/** To the nodes that run the API server, at the port on which k3s has it. */
export const toApiServer: EgressRule = { toEntities: ["kube-apiserver"], ...tcp(6443) };
