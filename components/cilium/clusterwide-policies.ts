import type { EndpointSelector } from "../custom-resources/cilium-resources";
import { installations } from "../ingress/controllers";
import { proxyPorts } from "../linkerd/ports";
import { platformNamespaces } from "../namespaces";
import {
  anyPod,
  dnsPorts,
  dnsServer,
  podsInNamespace,
  tcpPorts,
  toControlPlane,
} from "../network-policy/network-rules";
import {
  buildControllerEgressPolicies,
  buildIngressControllerPolicy,
  kubeSystemPolicies,
  linkerdPolicies,
  webhookPolicies,
  type ClusterwidePolicy,
} from "./platform-policies";

export interface ClusterwideArgs {
  /** The namespace of the apps, for whose pods nothing is allowed here. Default: there is none. */
  readonly appsNamespace?: string | undefined;
  /** The ACME directory of another CA, whose port cert-manager may connect to in addition to 443. */
  readonly acmeServer?: string | undefined;
  /** The pods of your own Prometheus, which scrapes every proxy. Default: only linkerd-viz does. */
  readonly scraper?: EndpointSelector | undefined;
}

/**
 * Builds a default deny for every namespace, with the policies that the platform needs. The last policy denies: it must
 * be created last and deleted first.
 *
 * Allow rules of several policies add up, so none of these selects a pod in the apps' namespace: there, the call graph
 * alone allows. Between two pods, the policy of the receiver decides: the platform's own pods may connect to any pod,
 * and the receivers allow them in. Pods in the host network (Cilium itself, Hetzner's controllers) belong to the host
 * entity, to which none of these policies applies, and so do the kubelet's probes.
 */
export const buildClusterwidePolicies = (args: ClusterwideArgs): readonly ClusterwidePolicy[] => [
  buildBaselinePolicy(args),
  ...kubeSystemPolicies,
  ...webhookPolicies,
  ...buildControllerEgressPolicies(args.acmeServer),
  ...installations.map(({ identity, containerPorts }) =>
    buildIngressControllerPolicy(identity.podSelector, containerPorts),
  ),
  ...linkerdPolicies,
  {
    name: "platform-default-deny",
    spec: {
      description: "Nothing comes in or goes out unless another policy says so.",
      endpointSelector: anyPod(),
      ingress: [{}],
      egress: [{}],
    },
  },
];

/** The policy of what every pod outside the apps' namespace needs. */
const buildBaselinePolicy = ({ appsNamespace, scraper }: ClusterwideArgs): ClusterwidePolicy => ({
  name: "platform-lifelines",
  spec: {
    description:
      "What any pod needs: names, probes of the node it is on, and if it is meshed the control plane and viz. " +
      "Apps have it from policies of their own.",
    endpointSelector: anyPod(appsNamespace === undefined ? [] : [appsNamespace]),
    ingress: [
      { fromEntities: ["host"] },
      {
        fromEndpoints: [podsInNamespace(platformNamespaces.linkerdViz)],
        toPorts: tcpPorts(proxyPorts.tap, proxyPorts.admin),
      },
      ...(scraper === undefined ? [] : [{ fromEndpoints: [scraper], toPorts: tcpPorts(proxyPorts.admin) }]),
    ],
    egress: [{ toEndpoints: [dnsServer], toPorts: [{ ports: dnsPorts }] }, toControlPlane],
  },
});
