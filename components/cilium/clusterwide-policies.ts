import { anyPod } from "../network-policy/network-rules";
import {
  buildBaseline,
  buildNamespacePolicy,
  hubblePolicy,
  kubeSystemPolicy,
  type ClusterwidePolicy,
  type PlatformPolicyArgs,
} from "./platform-policies";

export interface ClusterwideArgs extends PlatformPolicyArgs {
  /** The namespaces with pods of this program only, without that of the apps. They are closed. */
  readonly closedNamespaces: readonly string[];
  /** Whether every other namespace is closed too. Default: false. */
  readonly clusterDefaultDeny?: boolean | undefined;
  /** The namespace of the apps, for whose pods nothing is allowed here. Default: there is none. */
  readonly appsNamespace?: string | undefined;
}

/**
 * Builds the policies of the namespaces that this program creates its own pods in, and of Hubble. Each closes its pods and
 * allows what they need in one object, so that no pod is without what it needs in between. With `clusterDefaultDeny`, there
 * are also those of every other namespace; the last denies, so it must be created last and deleted first.
 *
 * Allow rules of several policies add up, so none of these selects a pod in the apps' namespace: there, the call graph
 * alone allows. Between two pods, the policy of the receiver decides: the platform's own pods may connect to any pod,
 * and the receivers allow them in. Pods in the host network (Cilium itself, Hetzner's controllers) belong to the host
 * entity, to which none of these policies applies, and so do the kubelet's probes.
 */
export const buildClusterwidePolicies = (args: ClusterwideArgs): readonly ClusterwidePolicy[] => [
  ...args.closedNamespaces.map((namespace) => buildNamespacePolicy(namespace, args)),
  hubblePolicy,
  ...(args.clusterDefaultDeny === true ? buildDefaultDeny(args) : []),
];

const buildDefaultDeny = ({
  appsNamespace,
  metricsReaders = [],
}: ClusterwideArgs): readonly ClusterwidePolicy[] => [
  kubeSystemPolicy,
  {
    name: "platform-lifelines",
    specs: [buildBaseline(anyPod(appsNamespace === undefined ? [] : [appsNamespace]), metricsReaders)],
  },
  {
    name: "platform-default-deny",
    specs: [
      {
        description: "Nothing comes in or goes out unless another policy says so.",
        endpointSelector: anyPod(),
        ingress: [{}],
        egress: [{}],
      },
    ],
  },
];
