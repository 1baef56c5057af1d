import type { ClusterwidePolicySpec, EndpointSelector } from "../custom-resources/cilium-resources";
import { platformNamespaces } from "../namespaces";
import { anyPod, podsInNamespace, tcpPorts } from "../network-policy/network-rules";

/** Pods of one namespace that have all of these labels. */
export interface LabelledPods {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface MetadataPolicyArgs {
  /** The pods that may connect to the metadata service, in addition to Hetzner's CSI driver. Default: none. */
  readonly allow?: readonly LabelledPods[] | undefined;
  /** Whether the version of Cilium supports policies without default deny. */
  readonly supportsEnableDefaultDeny: boolean;
}

/**
 * The metadata service of Hetzner's servers. It answers every process of a server without authentication, with the
 * server's user data, which often contains the join token of k3s.
 *
 * @see https://docs.hetzner.cloud/reference/cloud#description/server-metadata
 */
const metadataService = "169.254.169.254/32";

/**
 * Hetzner's CSI driver. Its node pods ask for the ID and the location of their server; its controller does if no server
 * has the name of its node.
 *
 * @see https://github.com/hetznercloud/csi-driver
 */
const csiDriver: LabelledPods = {
  namespace: platformNamespaces.kubeSystem,
  labels: { "app.kubernetes.io/name": "hcloud-csi" },
};

/**
 * Builds the specs of the policy that denies the metadata service to every pod but the allowed ones. A deny rule wins
 * over every allow rule, so it must not select the allowed pods. Pods in the host network belong to the host entity, to
 * which no policy of pods applies.
 */
export function buildMetadataSpecs({
  allow = [],
  supportsEnableDefaultDeny,
}: MetadataPolicyArgs): readonly ClusterwidePolicySpec[] {
  const allowed = [csiDriver, ...allow];
  const namespaces = [...new Set(allowed.map(({ namespace }) => namespace))].sort();
  const denied = [
    anyPod(namespaces),
    ...namespaces.flatMap((namespace) =>
      selectOthers(
        namespace,
        allowed.filter((pods) => pods.namespace === namespace),
      ),
    ),
  ];
  // Without it, a policy with a rule of one direction closes that direction for all the pods that it selects.
  const defaults = supportsEnableDefaultDeny && { enableDefaultDeny: { ingress: false, egress: false } };
  const to = { toCIDR: [metadataService] };
  return [
    ...denied.map((endpointSelector) => ({
      description: "No pod reads the server's metadata, whatever other policies allow.",
      endpointSelector,
      ...defaults,
      egressDeny: [to],
    })),
    ...allowed.map(({ namespace, labels: matchLabels }) => ({
      description: "These pods may read the server's metadata.",
      endpointSelector: podsInNamespace(namespace, { matchLabels }),
      ...defaults,
      egress: [{ ...to, toPorts: tcpPorts(80) }],
    })),
  ];
}

/**
 * Selects the pods of a namespace that have none of these sets of labels. A pod does not have a set if it lacks one label
 * of it, so there is a selector for each choice of one label per set.
 */
const selectOthers = (namespace: string, pods: readonly LabelledPods[]): EndpointSelector[] =>
  pods
    .map(({ labels }) =>
      Object.entries(labels).map(([key, value]) => ({ key, operator: "NotIn" as const, values: [value] })),
    )
    .reduce<NonNullable<EndpointSelector["matchExpressions"]>[]>(
      (choices, set) => choices.flatMap((choice) => set.map((label) => [...choice, label])),
      [[]],
    )
    .map((matchExpressions) => podsInNamespace(namespace, { matchExpressions }));
