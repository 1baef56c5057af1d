import { z } from "zod";

import { connectToCluster, type ReadApi } from "../conflicts/cluster-api";
import { platformNamespaces } from "../namespaces";
import type { Requests } from "../resource-requests";

/** A node, as far as Cilium's requirements go. */
export interface NodeInfo {
  readonly name: string;
  /** The kernel version, such as `6.8.0-45-generic`. */
  readonly kernel: string;
  /** Its range of pod addresses. Undefined until one is assigned. */
  readonly podCidr?: string | undefined;
  /** The arguments of k3s on the node, with those of its configuration file. Undefined if k3s does not publish them. */
  readonly k3sArgs?: readonly string[] | undefined;
  /** Whether flannel runs or ran on it. */
  readonly flannel: boolean;
  /** What pods may request in total, in Kubernetes' quantities. */
  readonly allocatable: Requests;
}

/** A cluster, as far as Cilium's requirements go. */
export interface ClusterInfo {
  readonly nodes: readonly NodeInfo[];
  /** The DaemonSets of kube-system, with the image of the first container. */
  readonly daemonSets: readonly { readonly name: string; readonly image: string }[];
  /** The HelmCharts in kube-system by name: what k3s installs itself. */
  readonly helmCharts: readonly string[];
  /** The configuration of a running Cilium: the data of the ConfigMap cilium-config. */
  readonly ciliumConfig: Readonly<Record<string, string>>;
}

/** Reads the state of a cluster. @throws {Error} The API server cannot be reached or answers unexpectedly. */
export type ClusterInspector = (kubeconfig: string) => Promise<ClusterInfo>;

const named = z.object({ metadata: z.object({ name: z.string() }) });

const nodeList = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), annotations: z.record(z.string(), z.string()).default({}) }),
      spec: z.object({ podCIDR: z.string().optional() }).default({}),
      status: z.object({
        nodeInfo: z.object({ kernelVersion: z.string() }),
        allocatable: z.object({ cpu: z.string(), memory: z.string() }),
      }),
    }),
  ),
});

const daemonSetList = z.object({
  items: z.array(
    named.extend({
      spec: z.object({
        template: z.object({ spec: z.object({ containers: z.array(z.object({ image: z.string() })) }) }),
      }),
    }),
  ),
});

const configMap = z.object({ data: z.record(z.string(), z.string()).default({}) });

/** Reads the state of the cluster in a kubeconfig's current context. */
export const inspectCluster: ClusterInspector = async (kubeconfig) =>
  readClusterInfo(await connectToCluster(kubeconfig));

/** Reads the state of a cluster with four requests. */
export async function readClusterInfo(get: ReadApi): Promise<ClusterInfo> {
  const kubeSystem = `namespaces/${platformNamespaces.kubeSystem}`;
  const [nodes, daemonSets, helmCharts, { data }] = await Promise.all([
    get("/api/v1/nodes", nodeList),
    get(`/apis/apps/v1/${kubeSystem}/daemonsets`, daemonSetList),
    get(`/apis/helm.cattle.io/v1/${kubeSystem}/helmcharts`, z.object({ items: z.array(named) }), {
      absent: { items: [] },
    }),
    get(`/api/v1/${kubeSystem}/configmaps/cilium-config`, configMap, { absent: { data: {} } }),
  ]);
  return {
    nodes: nodes.items.map(({ metadata: { name, annotations }, spec, status }) => ({
      name,
      kernel: status.nodeInfo.kernelVersion,
      podCidr: spec.podCIDR,
      k3sArgs: parseK3sArgs(annotations["k3s.io/node-args"]),
      flannel: Object.keys(annotations).some((key) => key.startsWith("flannel.alpha.coreos.com/")),
      allocatable: status.allocatable,
    })),
    daemonSets: daemonSets.items.map(({ metadata: { name }, spec }) => ({
      name,
      image: spec.template.spec.containers[0]?.image ?? "",
    })),
    helmCharts: helmCharts.items.map(({ metadata: { name } }) => name),
    ciliumConfig: data,
  };
}

/** Parses the arguments of k3s, which it publishes as JSON in an annotation of the node. */
function parseK3sArgs(text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined;
  return z.array(z.string()).parse(JSON.parse(text));
}
