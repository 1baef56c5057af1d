import type { ClusterwidePolicySpec, EndpointSelector } from "../custom-resources/cilium-resources";
import { controllers } from "../ingress/controllers";
import { traefikPorts } from "../ingress/controllers/traefik/traefik-values";
import { podNamespace, toControlPlane } from "../network-policy/network-rules";
import { anyPod, dns, dnsServer, inNamespace, tcp } from "./policy-peers";
import { kubeSystem, mesh, outward, ways, webhooks } from "./platform-policies";

export interface ClusterwideArgs {
  /** The namespace of the apps: nothing is opened for a pod in it. Absence means that there is none. */
  readonly appsNamespace?: string | undefined;
  /** The URL of a CA of one's own, whose port cert-manager may reach outside the cluster beside 443. */
  readonly acmeServer?: string | undefined;
  /** The pods of one's own Prometheus, which reads the metrics of every proxy. Absence means viz's alone does. */
  readonly scraper?: EndpointSelector | undefined;
}

/** A CiliumClusterwideNetworkPolicy. */
export interface ClusterwidePolicy {
  readonly name: string;
  readonly spec: ClusterwidePolicySpec;
}

/**
 * Closes every namespace, but for what keeps the platform alive. The last policy closes: it must be the last to come
 * and the first to go.
 *
 * Policies only ever add up, so none of those that open selects a pod in the apps' namespace: there, the graph of calls
 * alone opens. Of two pods, the one that is called decides. The platform's own may therefore call any pod, and what
 * they reach is what lets them in. Pods on the host's network (Cilium itself, and Hetzner's controllers where they are
 * there) belong to the host, of which none of this speaks, and so do the probes of the kubelet.
 */
export const clusterwidePolicies = (args: ClusterwideArgs): readonly ClusterwidePolicy[] => [
  ...lifelines(args),
  ...kubeSystem,
  ...webhooks,
  ...outward(args),
  ...ways(controllers.traefik.ingressEndpoint, Object.values(traefikPorts)),
  ...ways(controllers.nginx.ingressEndpoint, [80, 443]),
  ...mesh,
  {
    name: "platform-default-deny",
    spec: {
      description: "Nothing comes in or goes out unless another policy says so.",
      // Cilium's own health checks are endpoints too, and in no namespace.
      endpointSelector: anyPod,
      ingress: [{}],
      egress: [{}],
    },
  },
];

/** What every pod needs to live that is not an app's. */
function lifelines({ appsNamespace, scraper }: ClusterwideArgs): readonly ClusterwidePolicy[] {
  const outsideApps: EndpointSelector = {
    matchExpressions: [
      { key: podNamespace, operator: "Exists" },
      ...(appsNamespace === undefined
        ? []
        : [{ key: podNamespace, operator: "NotIn" as const, values: [appsNamespace] }]),
    ],
  };
  return [
    {
      name: "platform-lifelines",
      spec: {
        description:
          "What any pod needs: names, probes of the node it is on, and if it is meshed the control plane and viz. " +
          "Apps have it from policies of their own.",
        endpointSelector: outsideApps,
        ingress: [
          { fromEntities: ["host"] },
          { fromEndpoints: [inNamespace("linkerd-viz")], ...tcp(4190, 4191) },
          ...(scraper === undefined ? [] : [{ fromEndpoints: [scraper], ...tcp(4191) }]),
        ],
        egress: [{ toEndpoints: [dnsServer], ...dns }, toControlPlane],
      },
    },
  ];
}
