import { controllerRequests, type Requests } from "../resource-requests";
import { minimumMinor, parseMinor } from "./cilium-versions";

/** The requests of Cilium's agent on each node. */
export const ciliumRequests: Requests = { cpu: "100m", memory: "256Mi" };

/** The settings of the chart. */
export interface CiliumValuesArgs {
  /** The chart's version. Values that it does not support are left out. */
  readonly version: string;
  /** The API server's address without kube-proxy: k3s load-balances it on every node at 127.0.0.1:6444. */
  readonly apiServer: { readonly host: string; readonly port: number };
  /** The number of nodes: the operator's two replicas never share one. */
  readonly nodes: number;
  /**
   * Whether traffic between nodes is encrypted with WireGuard (UDP 51871 between the nodes). From Cilium 1.20 on,
   * unencrypted packets of the tunnel are dropped.
   */
  readonly encryption: boolean;
  /** The ranges of node addresses at which node ports answer. Default: any address of a node. */
  readonly nodePortAddresses?: readonly string[] | undefined;
  /**
   * IPAM mode: `kubernetes` uses each Node's podCIDR; `cluster-pool` lets Cilium allocate from `pool`. Cannot be changed
   * in a running cluster. Default: `kubernetes`.
   */
  readonly ipam?: "kubernetes" | "cluster-pool" | undefined;
  /** The IPv4 ranges of `cluster-pool`, from which each node gets a /24. More can be appended later. */
  readonly pool?: readonly string[] | undefined;
  /** This cluster's ID and name in a Cluster Mesh. Default: none. */
  readonly clusterMesh?: { readonly id: number; readonly name: string } | undefined;
  /** Whether a dropped packet creates an event of its pod, for `kubectl describe`. Default: false. */
  readonly dropEvents?: boolean | undefined;
  /** The minor version first installed, such as `1.15`: the datapath keeps its behavior. Default: the current one's. */
  readonly upgradeCompatibility?: string | undefined;
}

/**
 * Builds the values of the chart from 1.15 to 1.20: github.com/cilium/cilium, install/kubernetes/cilium/values.yaml. They
 * mean the same in each of these versions, except those in `minimumMinor`.
 */
export function buildCiliumValues(args: CiliumValuesArgs): Record<string, unknown> {
  const { version, apiServer, nodes, encryption, clusterMesh, dropEvents, upgradeCompatibility } = args;
  const { nodePortAddresses } = args;
  const supports = (feature: keyof typeof minimumMinor) => parseMinor(version) >= minimumMinor[feature];
  const resources = { requests: controllerRequests };
  return {
    kubeProxyReplacement: true,
    k8sServiceHost: apiServer.host,
    k8sServicePort: apiServer.port,
    ...ipamValues(args),
    routingMode: "tunnel",
    tunnelProtocol: "vxlan",
    // Older versions use the MTU of the public interface, which is too large for Hetzner's private network.
    ...(!supports("smallestMtu") && { MTU: 1450 }),
    bpf: { masquerade: true },
    // Otherwise the ClusterIP is replaced before Linkerd's proxy sees it, and Linkerd cannot load-balance.
    socketLB: { hostNamespaceOnly: true },
    cni: { exclusive: false },
    encryption: {
      enabled: encryption,
      type: "wireguard",
      // The packets of the tunnel name the sender's identity, which anybody who can send UDP to a node could forge.
      ...(encryption && supports("strictIngress") && { strictMode: { ingress: { enabled: true } } }),
    },
    ...(nodePortAddresses && supports("nodePortAddresses") && { nodePort: { addresses: nodePortAddresses } }),
    resources: { requests: ciliumRequests },
    envoy: { resources },
    operator: { replicas: Math.min(2, nodes), resources },
    // No policy uses a Secret. With it, the operator could read those of every namespace.
    ...(supports("secretSync") && { tls: { secretSync: { enabled: false } } }),
    hubble: {
      relay: { enabled: true, resources },
      ui: { enabled: true, frontend: { resources }, backend: { resources } },
      metrics: { enabled: ["dns", "drop", "tcp", "flow", "port-distribution", "icmp"] },
      // The default, `helm`, creates new certificates on every upgrade.
      tls: { auto: { method: "cronJob" } },
      ...(dropEvents === true && supports("dropEvents") && { dropEventEmitter: { enabled: true } }),
    },
    prometheus: { enabled: true },
    ...(clusterMesh && { cluster: { ...clusterMesh } }),
    ...(upgradeCompatibility !== undefined && { upgradeCompatibility }),
  };
}

/** The chart's default pool is 10.0.0.0/8, which contains Hetzner's private network. */
function ipamValues({ ipam = "kubernetes", pool }: CiliumValuesArgs): Record<string, unknown> {
  if (ipam === "kubernetes") return { ipam: { mode: ipam }, k8s: { requireIPv4PodCIDR: true } };
  return { ipam: { mode: ipam, operator: { clusterPoolIPv4PodCIDRList: pool } } };
}
