import { kind } from "./kind";

/** Labels that an endpoint must have; `k8s:io.kubernetes.pod.namespace` names another namespace. */
export interface EndpointSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
}

export interface PortRule {
  readonly ports: readonly { readonly port: string; readonly protocol: "TCP" | "UDP" }[];
}

export interface IngressRule {
  readonly fromEndpoints?: readonly EndpointSelector[];
  readonly fromEntities?: readonly ("host" | "remote-node" | "cluster" | "world")[];
  readonly toPorts?: readonly PortRule[];
}

export interface EgressRule {
  readonly toEndpoints?: readonly EndpointSelector[];
  readonly toPorts?: readonly PortRule[];
}

/** @see https://docs.cilium.io/en/stable/security/policy/language/ */
export interface NetworkPolicySpec {
  readonly endpointSelector: EndpointSelector;
  readonly ingress: readonly IngressRule[];
  readonly egress: readonly EgressRule[];
}

export const networkPolicy = kind<NetworkPolicySpec>("cilium.io/v2/CiliumNetworkPolicy");
