import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { release, type Chart } from "./charts";

export interface CiliumCniArgs {
  readonly chart: Chart;
  /** Where Cilium finds the API server without kube-proxy's help: k3s balances it on every node at 127.0.0.1:6444. */
  readonly apiServer: { readonly host: string; readonly port: number };
  /** How many nodes the cluster has: the operator's two replicas never share one. */
  readonly nodes: number;
  /** Whether traffic between nodes is encrypted with WireGuard (UDP 51871 between the nodes). */
  readonly encryption: boolean;
}

/**
 * The cluster's network: pod addresses, kube-proxy's work done in eBPF, encryption between nodes, network policies,
 * and Hubble to see the flows. k3s must have been started without flannel, kube-proxy and its own policies.
 *
 * @see https://docs.cilium.io/en/stable/installation/k3s/
 */
export class CiliumCni extends pulumi.ComponentResource {
  /** The chart version that is installed; known when Cilium is ready and its CRDs exist. */
  readonly version: pulumi.Output<string>;

  constructor(name: string, args: CiliumCniArgs, opts?: pulumi.ComponentResourceOptions) {
    super("platform:networking:CiliumCni", name, {}, opts);

    const cilium = new kubernetes.helm.v3.Release(
      name,
      release(args.chart, { name: "cilium", namespace: "kube-system", values: ciliumValues(args) }),
      { parent: this },
    );

    this.version = cilium.status.version;
    this.registerOutputs({ version: this.version });
  }
}

/** Values of the chart at 1.20: github.com/cilium/cilium, install/kubernetes/cilium/values.yaml. */
export function ciliumValues({ apiServer, nodes, encryption }: CiliumCniArgs): Record<string, unknown> {
  return {
    kubeProxyReplacement: true,
    k8sServiceHost: apiServer.host,
    k8sServicePort: apiServer.port,
    // The chart's own pool is 10.0.0.0/8, which holds Hetzner's private network: take the nodes' ranges from k3s.
    ipam: { mode: "kubernetes" },
    k8s: { requireIPv4PodCIDR: true },
    routingMode: "tunnel",
    tunnelProtocol: "vxlan",
    bpf: { masquerade: true },
    // Otherwise a ClusterIP is rewritten before Linkerd's proxy sees it, and the mesh balances nothing.
    socketLB: { hostNamespaceOnly: true },
    cni: { exclusive: false },
    encryption: { enabled: encryption, type: "wireguard" },
    operator: { replicas: Math.min(2, nodes) },
    hubble: {
      relay: { enabled: true },
      ui: { enabled: true },
      metrics: { enabled: ["dns", "drop", "tcp", "flow", "port-distribution", "icmp"] },
      // `helm`, the default, makes new certificates at every upgrade.
      tls: { auto: { method: "cronJob" } },
    },
    prometheus: { enabled: true },
  };
}
