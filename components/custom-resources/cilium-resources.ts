import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import { customResource, type ObjectMetadata } from "./custom-resource";

/** Selects pods by labels; the label `k8s:io.kubernetes.pod.namespace` is the namespace. */
export interface EndpointSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly (
    | { readonly key: string; readonly operator: "In" | "NotIn"; readonly values: readonly string[] }
    | { readonly key: string; readonly operator: "Exists" }
  )[];
}

/** Up to 40 ports, each with a protocol. */
export interface PortRule {
  readonly ports: readonly { readonly port: string; readonly protocol: "TCP" | "UDP" }[];
  /** Layer 7 rules: DNS names that may be queried. */
  readonly rules?: { readonly dns: readonly { readonly matchPattern: string }[] };
}

/** A group of peers other than pods, or all pods of the cluster. `kube-apiserver` are the nodes that run the API server. */
export type Entity = "host" | "remote-node" | "kube-apiserver" | "cluster" | "world" | "all";

/** A range of addresses outside the cluster, with exceptions. */
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

/** A name, or a pattern in which `*` matches any part of one label. */
export type FqdnSelector = { readonly matchName: string } | { readonly matchPattern: string };

/** An egress rule, with one of the five kinds of peers. */
export interface EgressRule {
  readonly toEndpoints?: readonly EndpointSelector[];
  readonly toEntities?: readonly Entity[];
  /** Names whose addresses Cilium learns from DNS answers, which needs a rule with `rules.dns`. */
  readonly toFQDNs?: readonly FqdnSelector[];
  /** Addresses outside the cluster: Cilium does not match pods or nodes by address. */
  readonly toCIDR?: readonly string[];
  readonly toCIDRSet?: readonly CidrRule[];
  readonly toPorts?: readonly PortRule[];
}

/** @see https://docs.cilium.io/en/stable/security/policy/language/ */
export interface NetworkPolicySpec {
  readonly endpointSelector: EndpointSelector;
  /** Whether all other traffic is dropped. Default: true for each direction with a rule. Since Cilium 1.16. */
  readonly enableDefaultDeny?: { readonly ingress: boolean; readonly egress: boolean };
  readonly ingress: readonly IngressRule[];
  /** Dropped even if another rule allows it. */
  readonly ingressDeny?: readonly IngressRule[];
  readonly egress: readonly EgressRule[];
}

export const networkPolicy = customResource<NetworkPolicySpec>("cilium.io/v2/CiliumNetworkPolicy");

/** As {@link NetworkPolicySpec}, for pods of every namespace. A missing direction neither allows nor denies. */
export interface ClusterwidePolicySpec {
  /** Its purpose. */
  readonly description: string;
  /** Pods of all namespaces, unless it contains the label `k8s:io.kubernetes.pod.namespace`. */
  readonly endpointSelector: EndpointSelector;
  /** As in {@link NetworkPolicySpec}. */
  readonly enableDefaultDeny?: { readonly ingress: boolean; readonly egress: boolean };
  readonly ingress?: readonly IngressRule[];
  readonly egress?: readonly EgressRule[];
  /** Dropped even if another rule allows it. */
  readonly egressDeny?: readonly EgressRule[];
}

/** Creates a clusterwide policy of several specs, each with pods of its own. They take effect together. */
export const clusterwidePolicy = (
  name: string,
  metadata: ObjectMetadata,
  specs: readonly ClusterwidePolicySpec[],
  opts: pulumi.CustomResourceOptions,
) =>
  new kubernetes.apiextensions.CustomResource(
    name,
    { apiVersion: "cilium.io/v2", kind: "CiliumClusterwideNetworkPolicy", metadata: { ...metadata }, specs },
    opts,
  );
