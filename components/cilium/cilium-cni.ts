import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { EndpointSelector } from "../custom-resources/cilium-resources";
import { releaseArgs, type Chart } from "../charts";
import { clusterwidePolicies, type ClusterwidePolicy } from "./clusterwide-policies";
import { preflight } from "./preflight-hook";
import type { Look } from "./cluster-info";
import { ciliumValues, type CiliumValuesArgs } from "./cilium-values";
import { clusterwidePolicy } from "../custom-resources/cilium-resources";

export interface CiliumCniArgs extends Omit<CiliumValuesArgs, "version"> {
  readonly chart: Chart;
  /** In place of the chart's own version. Only one minor version up or down from the one that runs. */
  readonly version?: string;
  /** How to reach the cluster's API server, which tells whether the cluster is as Cilium needs it. Absence: nobody looks. */
  readonly kubeconfig?: pulumi.Input<string>;
  /** Whether anybody waits until the pods run; then nodes must be there to run them. Default true. */
  readonly awaitReady?: boolean | undefined;
  /** How to look at the cluster. Default: its API server is asked. */
  readonly look?: Look;
  /** Whether every namespace is closed, but for what keeps the platform alive. Default false. */
  readonly clusterDefaultDeny?: boolean;
  /** The namespace of the apps, for which `clusterDefaultDeny` opens nothing: their own policies do. */
  readonly appsNamespace?: string;
  /** The URL of a CA of one's own, which `clusterDefaultDeny` lets cert-manager reach. */
  readonly acmeServer?: string | undefined;
  /** The pods of one's own Prometheus, which `clusterDefaultDeny` lets read the metrics of every proxy. */
  readonly scraper?: EndpointSelector | undefined;
}

/**
 * The cluster's network: pod addresses, kube-proxy's work done in eBPF, encryption between nodes, network policies,
 * and Hubble to see the flows. k3s must have been started without flannel, kube-proxy and its own policies: before
 * anything is installed or changed, the cluster is asked whether it was.
 *
 * @see https://docs.cilium.io/en/stable/installation/k3s/
 */
export class CiliumCni extends pulumi.ComponentResource {
  /** The chart version that is installed; known when Cilium is ready and its CRDs exist. */
  readonly version: pulumi.Output<string>;

  constructor(name: string, args: CiliumCniArgs, opts?: pulumi.ComponentResourceOptions) {
    const { kubeconfig, look, clusterDefaultDeny = false, appsNamespace, acmeServer, scraper } = args;
    const { ipam = "kubernetes", version = args.chart.version } = args;
    super("platform:networking:CiliumCni", name, {}, opts);

    const wanted = { ...args, version, ipam };
    const looks = kubeconfig === undefined ? [] : [preflight(name, wanted, kubeconfig, look)];
    const values = ciliumValues(wanted);
    const cilium = new kubernetes.helm.v3.Release(
      name,
      releaseArgs({ ...args.chart, version }, { name: "cilium", namespace: "kube-system", values }),
      { parent: this, hooks: { beforeCreate: looks, beforeUpdate: looks } },
    );

    const policies = clusterDefaultDeny ? clusterwidePolicies({ appsNamespace, acmeServer, scraper }) : [];
    const write = ({ name: role, spec }: ClusterwidePolicy, dependsOn: pulumi.Resource[]) =>
      clusterwidePolicy(`${name}-${role}`, { name: role }, spec, { parent: this, dependsOn });
    // What is let through is there before the last one closes the rest, and stays until that is gone.
    const opening = policies.slice(0, -1).map((policy) => write(policy, [cilium]));
    policies.slice(-1).map((policy) => write(policy, opening));

    this.version = cilium.status.version;
    this.registerOutputs({ version: this.version });
  }
}
