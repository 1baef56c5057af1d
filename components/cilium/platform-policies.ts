import type {
  ClusterwidePolicySpec,
  EgressRule,
  Entity,
  IngressRule,
} from "../custom-resources/cilium-resources";
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
  type Endpoint,
} from "../network-policy/network-rules";

/** A CiliumClusterwideNetworkPolicy. */
export interface ClusterwidePolicy {
  readonly name: string;
  readonly spec: ClusterwidePolicySpec;
}

/**
 * The API server. Its packets come from a node: from the node's own address, or through the tunnel from Cilium's
 * interface, where they look like any other process in that node's host network.
 */
const fromApiServer: readonly Entity[] = ["host", "remote-node", "kube-apiserver"];

/** The nodes that run the API server, at k3s's port. */
const toApiServer: EgressRule = { toEntities: ["kube-apiserver"], toPorts: tcpPorts(6443) };

const { certManager, externalDns, kubeSystem, linkerd, linkerdViz } = platformNamespaces;

/** Policies of kube-system. */
export const kubeSystemPolicies: readonly ClusterwidePolicy[] = [
  {
    name: "platform-dns",
    spec: {
      description: "CoreDNS answers everybody in the cluster.",
      endpointSelector: dnsServer,
      ingress: [{ fromEntities: ["cluster"], toPorts: [{ ports: dnsPorts }] }],
    },
  },
  {
    name: "platform-kube-system",
    spec: {
      description:
        "The cluster's own: CoreDNS asks resolvers outside, metrics-server and storage answer the API server, Hubble's " +
        "relay asks the nodes and its UI the relay. What gets in there has the cluster anyway, so it may call out.",
      endpointSelector: podsInNamespace(kubeSystem),
      ingress: [{ fromEntities: fromApiServer }, { fromEndpoints: [podsInNamespace(kubeSystem)] }],
      egress: [{ toEntities: ["all"] }],
    },
  },
];

/** Container ports of webhooks and API extensions that the API server calls, by namespace. */
const webhookPorts: Readonly<Record<string, readonly number[]>> = {
  [certManager]: [6443, 10250], // trust-manager, cert-manager
  [linkerd]: [8443, 9443], // proxy injector and profile validator, policy validator
  [linkerdViz]: [8089, 8443], // tap, tap injector
  ...Object.fromEntries(
    installations
      .filter(({ webhookPorts: ports }) => ports.length > 0)
      .map(({ identity, webhookPorts: ports }) => [identity.podSelector.namespace, ports]),
  ),
};

/** Policies that allow the API server to call webhooks. */
export const webhookPolicies: readonly ClusterwidePolicy[] = Object.entries(webhookPorts).map(
  ([namespace, ports]) => ({
    name: `platform-webhooks-${namespace}`,
    spec: {
      description:
        "The API server calls the webhooks in this namespace; without an answer it rejects objects.",
      endpointSelector: podsInNamespace(namespace),
      ingress: [{ fromEntities: fromApiServer, toPorts: tcpPorts(...ports) }],
    },
  }),
);

/**
 * Policies that allow cert-manager and external-dns to connect to the API server and to the services outside the cluster
 * that they need.
 *
 * @param acmeServer The URL of a CA's ACME directory, whose port is allowed in addition to 443.
 */
export function buildControllerEgressPolicies(acmeServer: string | undefined): readonly ClusterwidePolicy[] {
  const acmePort = acmeServer === undefined ? 443 : Number(new URL(acmeServer).port || 443);
  const controller = (namespace: string, description: string, ...egress: readonly EgressRule[]) => ({
    name: `platform-controllers-${namespace}`,
    spec: { description, endpointSelector: podsInNamespace(namespace), egress: [toApiServer, ...egress] },
  });
  return [
    controller(certManager, "Controllers read and write objects."),
    {
      name: "platform-certificates",
      spec: {
        description:
          "cert-manager speaks with the CA and with Cloudflare, and asks public resolvers for the challenge.",
        endpointSelector: podsInNamespace(certManager, {
          matchLabels: {
            "app.kubernetes.io/name": "cert-manager",
            "app.kubernetes.io/component": "controller",
          },
        }),
        egress: [
          { toEntities: ["world"], toPorts: tcpPorts(...new Set([443, acmePort])) },
          { toEntities: ["world"], toPorts: [{ ports: dnsPorts }] },
        ],
      },
    },
    controller(externalDns, "Reads objects, and writes records at Cloudflare.", {
      toEntities: ["world"],
      toPorts: tcpPorts(443),
    }),
  ];
}

/**
 * The policy of an ingress controller: any address may connect to its container ports, and it may connect to any pod
 * whose own policy allows it.
 */
export const buildIngressControllerPolicy = (
  { namespace, app }: Endpoint,
  ports: readonly number[],
): ClusterwidePolicy => ({
  name: `platform-ingress-${namespace}`,
  spec: {
    description: "Visitors come in by the ports of the ingress; it calls the pods that let it in.",
    endpointSelector: podsInNamespace(namespace, { matchLabels: { "app.kubernetes.io/name": app } }),
    ingress: [{ fromEntities: ["world", "host", "remote-node"], toPorts: tcpPorts(...ports) }],
    egress: [toApiServer, { toEndpoints: [anyPod()] }],
  },
});

const linkerdPods = [podsInNamespace(linkerd), podsInNamespace(linkerdViz)];

const fromLinkerd: IngressRule = { fromEndpoints: linkerdPods };

/** Policies of Linkerd's control plane and of linkerd-viz. */
export const linkerdPolicies: readonly ClusterwidePolicy[] = [
  {
    name: "platform-mesh",
    spec: {
      description:
        "Every proxy asks Linkerd's control plane, whose parts speak with each other, and with the collector of spans.",
      endpointSelector: podsInNamespace(linkerd),
      ingress: [{ fromEndpoints: [anyPod()], toPorts: toControlPlane.toPorts }, fromLinkerd],
      egress: [
        toApiServer,
        { toEndpoints: linkerdPods },
        { toEndpoints: [anyPod()], toPorts: tcpPorts(proxyPorts.inbound) },
      ],
    },
  },
  {
    name: "platform-mesh-viz",
    spec: {
      description: "Linkerd's viz reads the metrics and the traffic of every proxy that lets it in.",
      endpointSelector: podsInNamespace(linkerdViz),
      ingress: [fromLinkerd],
      egress: [toApiServer, { toEndpoints: [anyPod()] }],
    },
  },
];
