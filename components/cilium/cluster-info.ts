import { z } from "zod";

import { connectToCluster } from "../conflicts/cluster-api";

/** A node, as far as it says what Cilium will meet on it. */
export interface SeenNode {
  readonly name: string;
  /** Such as `6.8.0-45-generic`. */
  readonly kernel: string;
  /** Its range of pod addresses. Absence means that nobody has given it one. */
  readonly podCidr?: string | undefined;
  /** What k3s was started with there, its configuration file included. Absence means that it does not tell. */
  readonly k3sArgs?: readonly string[] | undefined;
  /** Whether flannel has run there, or does. */
  readonly flannel: boolean;
}

/** A cluster, as far as Cilium cares about it. */
export interface SeenCluster {
  readonly nodes: readonly SeenNode[];
  /** The DaemonSets of kube-system, with the image of the first container. */
  readonly daemonSets: readonly { readonly name: string; readonly image: string }[];
  /** What k3s installs by itself: the names of its HelmCharts in kube-system. */
  readonly helmCharts: readonly string[];
  /** What the Cilium that is there was told: the ConfigMap cilium-config. */
  readonly ciliumConfig: Readonly<Record<string, string>>;
}

/** Looks at a cluster. @throws {Error} It does not answer, or not with what was asked for. */
export type Look = (kubeconfig: string) => Promise<SeenCluster>;

const named = z.object({ metadata: z.object({ name: z.string() }) });

const nodeList = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), annotations: z.record(z.string(), z.string()).default({}) }),
      spec: z.object({ podCIDR: z.string().optional() }).default({}),
      status: z.object({ nodeInfo: z.object({ kernelVersion: z.string() }) }),
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

/** Looks at the cluster of a kubeconfig's current context, with four requests. */
export const lookAt: Look = async (kubeconfig) => {
  const get = await connectToCluster(kubeconfig);
  const kubeSystem = "namespaces/kube-system";
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
      k3sArgs: argsOf(annotations["k3s.io/node-args"]),
      flannel: Object.keys(annotations).some((key) => key.startsWith("flannel.alpha.coreos.com/")),
    })),
    daemonSets: daemonSets.items.map(({ metadata: { name }, spec }) => ({
      name,
      image: spec.template.spec.containers[0]?.image ?? "",
    })),
    helmCharts: helmCharts.items.map(({ metadata: { name } }) => name),
    ciliumConfig: data,
  };
};

/** k3s writes its arguments down as JSON. */
function argsOf(text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined;
  return z.array(z.string()).parse(JSON.parse(text));
}
