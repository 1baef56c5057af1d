import { minimumMinor, parseMinor } from "./cilium-versions";

/** What the chart's values follow from. */
export interface CiliumValuesArgs {
  /** The chart's version: values that it does not know are left out. */
  readonly version: string;
  /** Where Cilium finds the API server without kube-proxy's help: k3s balances it on every node at 127.0.0.1:6444. */
  readonly apiServer: { readonly host: string; readonly port: number };
  /** How many nodes the cluster has: the operator's two replicas never share one. */
  readonly nodes: number;
  /** Whether traffic between nodes is encrypted with WireGuard (UDP 51871 between the nodes). */
  readonly encryption: boolean;
  /**
   * Who gives each node its range of pod addresses: `kubernetes`, which is k3s, or `cluster-pool`, which is Cilium, out
   * of `pool`. Not to be changed in a cluster that runs. Default `kubernetes`.
   */
  readonly ipam?: "kubernetes" | "cluster-pool" | undefined;
  /** The IPv4 ranges of `cluster-pool`, of which each node gets a /24. More may be added at the end. */
  readonly pool?: readonly string[] | undefined;
  /** What tells this cluster from those it is to be connected with. Absence means that it is alone. */
  readonly clusterMesh?: { readonly id: number; readonly name: string } | undefined;
  /** Whether a dropped packet leaves an event at its pod, for `kubectl describe`. Default false. */
  readonly dropEvents?: boolean | undefined;
  /** The minor version that the cluster began with, such as `1.15`: what the datapath did then, it goes on doing. */
  readonly upgradeCompatibility?: string | undefined;
}

/**
 * Values of the chart from 1.15 to 1.20: github.com/cilium/cilium, install/kubernetes/cilium/values.yaml. All that are
 * here have meant the same in each of them, but for those that `knownSince` names.
 */
export function buildCiliumValues(args: CiliumValuesArgs): Record<string, unknown> {
  const { version, apiServer, nodes, encryption, clusterMesh, dropEvents, upgradeCompatibility } = args;
  const supports = (what: keyof typeof minimumMinor) => parseMinor(version) >= minimumMinor[what];
  return {
    kubeProxyReplacement: true,
    k8sServiceHost: apiServer.host,
    k8sServicePort: apiServer.port,
    ...ipamValues(args),
    routingMode: "tunnel",
    tunnelProtocol: "vxlan",
    // Before, the MTU is that of the public interface, which is larger than what Hetzner's private network carries.
    ...(!supports("smallestMtu") && { MTU: 1450 }),
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
      ...(dropEvents === true && supports("dropEvents") && { dropEventEmitter: { enabled: true } }),
    },
    prometheus: { enabled: true },
    ...(clusterMesh && { cluster: { ...clusterMesh } }),
    ...(upgradeCompatibility !== undefined && { upgradeCompatibility }),
  };
}

/** The chart's own pool is 10.0.0.0/8, which holds Hetzner's private network. */
function ipamValues({ ipam = "kubernetes", pool }: CiliumValuesArgs): Record<string, unknown> {
  if (ipam === "kubernetes") return { ipam: { mode: ipam }, k8s: { requireIPv4PodCIDR: true } };
  return { ipam: { mode: ipam, operator: { clusterPoolIPv4PodCIDRList: pool } } };
}
