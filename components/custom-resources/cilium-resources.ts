import { customResource } from "./custom-resource";

/** Labels that an endpoint must have; `k8s:io.kubernetes.pod.namespace` names another namespace. */
export interface EndpointSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly (
    | { readonly key: string; readonly operator: "In" | "NotIn"; readonly values: readonly string[] }
    | { readonly key: string; readonly operator: "Exists" }
  )[];
}

/** Of no more than 40 ports, each in one protocol. */
export interface PortRule {
  readonly ports: readonly { readonly port: string; readonly protocol: "TCP" | "UDP" }[];
  /** What is read of the traffic itself: the names that may be asked for. */
  readonly rules?: { readonly dns: readonly { readonly matchPattern: string }[] };
}

/** What is no pod, or all that is one. `kube-apiserver` are the nodes that run the API server. */
export type Entity = "host" | "remote-node" | "kube-apiserver" | "cluster" | "world" | "all";

/** Addresses outside of the cluster: a range without others in it. */
export interface CidrRule {
  readonly cidr: string;
  readonly except: readonly string[];
}

export interface IngressRule {
  readonly fromEndpoints?: readonly EndpointSelector[];
  readonly fromEntities?: readonly Entity[];
  readonly fromCIDR?: readonly string[];
  readonly fromCIDRSet?: readonly CidrRule[];
  readonly toPorts?: readonly PortRule[];
}

/** A name, or with `*` a pattern in which it stands for any part of one label. */
export type FqdnSelector = { readonly matchName: string } | { readonly matchPattern: string };

/** Of the four kinds of peers, a rule names one. */
export interface EgressRule {
  readonly toEndpoints?: readonly EndpointSelector[];
  readonly toEntities?: readonly Entity[];
  /** Known to Cilium from the answers it has seen, so DNS must pass by a rule with `rules.dns`. */
  readonly toFQDNs?: readonly FqdnSelector[];
  /** Outside of the cluster only: of a pod or a node, Cilium does not look at the address. */
  readonly toCIDR?: readonly string[];
  readonly toPorts?: readonly PortRule[];
}

/** @see https://docs.cilium.io/en/stable/security/policy/language/ */
export interface NetworkPolicySpec {
  readonly endpointSelector: EndpointSelector;
  /** Whether what is not let through is dropped. Absence means so, where there is a rule. Since Cilium 1.16. */
  readonly enableDefaultDeny?: { readonly ingress: boolean; readonly egress: boolean };
  readonly ingress: readonly IngressRule[];
  /** What is dropped whatever else lets it through. */
  readonly ingressDeny?: readonly IngressRule[];
  readonly egress: readonly EgressRule[];
}

export const networkPolicy = customResource<NetworkPolicySpec>("cilium.io/v2/CiliumNetworkPolicy");

/** As {@link NetworkPolicySpec}, for pods of every namespace. A half that is missing neither allows nor denies. */
export interface ClusterwidePolicySpec {
  /** What it is for. */
  readonly description: string;
  /** Pods of all namespaces, unless it names some by `k8s:io.kubernetes.pod.namespace`. */
  readonly endpointSelector: EndpointSelector;
  readonly ingress?: readonly IngressRule[];
  readonly egress?: readonly EgressRule[];
}

export const clusterwidePolicy = customResource<ClusterwidePolicySpec>(
  "cilium.io/v2/CiliumClusterwideNetworkPolicy",
);
