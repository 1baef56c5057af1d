import type { ClusterInfo, NodeInfo } from "../../../components/cilium/cluster-info";
import type { DesiredCilium } from "../../../components/cilium/preflight-checks";

/** The required arguments of a k3s server, as k3s publishes them. */
export const goodArgs: readonly string[] = [
  "server",
  "--flannel-backend",
  "none",
  "--disable-network-policy",
  "--disable-kube-proxy",
  "--disable",
  "traefik",
  "--disable",
  "servicelb",
  "--secrets-encryption",
];

export const node = (name: string, changes: Partial<NodeInfo> = {}): NodeInfo => ({
  name,
  kernel: "6.8.0-45-generic",
  podCidr: "10.42.0.0/24",
  k3sArgs: goodArgs,
  flannel: false,
  allocatable: { cpu: "2", memory: "3919Mi" },
  ...changes,
});

/** A cluster that meets Cilium's requirements: a server and two agents, with nothing installed. */
export const good: ClusterInfo = {
  nodes: [node("s1"), node("a1", { k3sArgs: ["agent"] }), node("a2", { k3sArgs: ["agent"] })],
  daemonSets: [],
  helmCharts: [],
  ciliumConfig: {},
};

/** A cluster where this version of Cilium runs. */
export const running = (version: string, config: ClusterInfo["ciliumConfig"] = {}): ClusterInfo => ({
  ...good,
  daemonSets: [
    { name: "cilium", image: `quay.io/cilium/cilium:v${version}@sha256:0123` },
    { name: "cilium-envoy", image: "quay.io/cilium/cilium-envoy:v1.37.6-1789133542-cbec91f666af" },
  ],
  ciliumConfig: { ipam: "kubernetes", "cluster-id": "0", "cluster-name": "default", ...config },
});

export const wanted: DesiredCilium = {
  version: "1.20.2",
  nodes: 3,
  encryption: true,
  ipam: "kubernetes",
};
