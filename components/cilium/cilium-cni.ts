import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { releaseArgs, type Chart } from "../charts";
import { clusterwidePolicy } from "../custom-resources/cilium-resources";
import { platformNamespaces } from "../namespaces";
import type { RequestSum } from "../resource-requests";
import { buildCiliumValues, type CiliumValuesArgs } from "./cilium-values";
import { minimumMinor, parseMinor } from "./cilium-versions";
import type { ClusterInspector } from "./cluster-info";
import { buildClusterwidePolicies, type ClusterwideArgs } from "./clusterwide-policies";
import { buildMetadataSpecs, type LabelledPods } from "./metadata-policy";
import type { ClusterwidePolicy } from "./platform-policies";
import { createPreflightHook } from "./preflight-hook";

export interface CiliumCniArgs extends Omit<CiliumValuesArgs, "version">, ClusterwideArgs {
  readonly chart: Chart;
  /** Cilium's version, at most one minor version above or below the running one. Default: the chart's own. */
  readonly version?: string;
  /** Kubeconfig for the preflight check. If omitted, the check is skipped. */
  readonly kubeconfig?: pulumi.Input<string>;
  /** Whether Pulumi waits until the pods are ready, which needs nodes to run them. Default: true. */
  readonly awaitReady?: boolean | undefined;
  /** The requests of all pods of the stack, for the preflight check. Default: they are not checked. */
  readonly requests?: RequestSum;
  /** Reads the state of the cluster for the preflight check. Default: from its API server. */
  readonly inspect?: ClusterInspector;
  /** The pods that may connect to the metadata service of Hetzner's servers. Default: Hetzner's CSI driver only. */
  readonly metadata?: { readonly allow: readonly LabelledPods[] } | undefined;
}

/**
 * Cilium, the cluster's network: pod addresses, kube-proxy replacement in eBPF, encryption between nodes, network
 * policies, and Hubble for flow visibility. k3s must run without flannel, kube-proxy and its own network policies: a
 * preflight check verifies it before anything is installed or changed.
 *
 * @see https://docs.cilium.io/en/stable/installation/k3s/
 */
export class CiliumCni extends pulumi.ComponentResource {
  /** The installed chart version; known when Cilium is ready and its CRDs exist. */
  readonly version: pulumi.Output<string>;

  constructor(name: string, args: CiliumCniArgs, opts?: pulumi.ComponentResourceOptions) {
    const { kubeconfig, inspect, clusterDefaultDeny = false, metadata } = args;
    const { ipam = "kubernetes", version = args.chart.version } = args;
    super("platform:networking:CiliumCni", name, {}, opts);

    const desired = { ...args, version, ipam };
    const hooks = kubeconfig === undefined ? [] : [createPreflightHook(name, desired, kubeconfig, inspect)];
    const cilium = new kubernetes.helm.v3.Release(
      name,
      releaseArgs(
        { ...args.chart, version },
        { name: "cilium", namespace: platformNamespaces.kubeSystem, values: buildCiliumValues(desired) },
      ),
      { parent: this, hooks: { beforeCreate: hooks, beforeUpdate: hooks } },
    );

    const policies = buildClusterwidePolicies(args);
    const create = ({ name: policy, specs }: ClusterwidePolicy, dependsOn: pulumi.Resource[]) =>
      clusterwidePolicy(`${name}-${policy}`, { name: policy }, specs, { parent: this, dependsOn });
    // Create the allow policies before the default-deny policy, and delete them after it.
    const last = clusterDefaultDeny ? -1 : undefined;
    const allow = policies.slice(0, last).map((policy) => create(policy, [cilium]));
    if (clusterDefaultDeny) policies.slice(-1).map((policy) => create(policy, allow));

    // Without enableDefaultDeny, the policy would close every namespace, so it needs clusterDefaultDeny.
    const supportsEnableDefaultDeny = parseMinor(version) >= minimumMinor.nonDefaultDenyPolicies;
    if (supportsEnableDefaultDeny || clusterDefaultDeny)
      clusterwidePolicy(
        `${name}-platform-no-metadata`,
        { name: "platform-no-metadata" },
        buildMetadataSpecs({ allow: metadata?.allow, supportsEnableDefaultDeny }),
        { parent: this, dependsOn: supportsEnableDefaultDeny ? [cilium] : allow },
      );

    this.version = cilium.status.version;
    this.registerOutputs({ version: this.version });
  }
}
