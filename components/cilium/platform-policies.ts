import type { EgressRule, IngressRule } from "../custom-resources/cilium-resources";
import type { ClusterwideArgs, ClusterwidePolicy } from "./clusterwide-policies";
import {
  anyPod,
  controlPlane,
  dns,
  dnsServer,
  fromNodes,
  inNamespace,
  tcp,
  toApiServer,
} from "./policy-peers";

/** The cluster's own namespace. */
export const kubeSystem: readonly ClusterwidePolicy[] = [
  {
    name: "platform-dns",
    spec: {
      description: "CoreDNS answers everybody in the cluster.",
      endpointSelector: dnsServer,
      ingress: [{ fromEntities: ["cluster"], ...dns }],
    },
  },
  {
    name: "platform-kube-system",
    spec: {
      description:
        "The cluster's own: CoreDNS asks resolvers outside, metrics-server and storage answer the API server, Hubble's " +
        "relay asks the nodes and its UI the relay. What gets in there has the cluster anyway, so it may call out.",
      endpointSelector: inNamespace("kube-system"),
      ingress: [{ fromEntities: fromNodes }, { fromEndpoints: [inNamespace("kube-system")] }],
      egress: [{ toEntities: ["all"] }],
    },
  },
];

/** The ports of the containers on which the API server asks about objects, or for answers of its own. */
const asked: Readonly<Record<string, readonly number[]>> = {
  "cert-manager": [6443, 10250], // trust-manager, cert-manager
  linkerd: [8443, 9443], // injector and profiles, policies
  "linkerd-viz": [8089, 8443], // tap, its injector
  "ingress-nginx": [8443],
};

/** Whom the API server asks. */
export const webhooks: readonly ClusterwidePolicy[] = Object.entries(asked).map(([namespace, numbers]) => ({
  name: `platform-webhooks-${namespace}`,
  spec: {
    description: "The API server asks here; without an answer it refuses objects.",
    endpointSelector: inNamespace(namespace),
    ingress: [{ fromEntities: fromNodes, ...tcp(...numbers) }],
  },
}));

/** To the API server, and for those whose work it is, out of the cluster. */
export function outward({ acmeServer }: ClusterwideArgs): readonly ClusterwidePolicy[] {
  const authority = acmeServer === undefined ? 443 : Number(new URL(acmeServer).port || 443);
  const https = [...new Set([443, authority])];
  const controller = (namespace: string, description: string, ...egress: readonly EgressRule[]) => ({
    name: `platform-controllers-${namespace}`,
    spec: { description, endpointSelector: inNamespace(namespace), egress: [toApiServer, ...egress] },
  });
  return [
    controller("cert-manager", "Controllers read and write objects."),
    {
      name: "platform-certificates",
      spec: {
        description:
          "cert-manager speaks with the CA and with Cloudflare, and asks public resolvers for the challenge.",
        endpointSelector: inNamespace("cert-manager", {
          "app.kubernetes.io/name": "cert-manager",
          "app.kubernetes.io/component": "controller",
        }),
        egress: [
          { toEntities: ["world"], ...tcp(...https) },
          { toEntities: ["world"], ...dns },
        ],
      },
    },
    controller("external-dns", "Reads objects, and writes records at Cloudflare.", {
      toEntities: ["world"],
      ...tcp(443),
    }),
  ];
}

/** The way in: everybody, to the ports of the container. On to the apps, which say themselves whether they let it in. */
export const ways = (
  { namespace, app }: { readonly namespace: string; readonly app: string },
  numbers: readonly number[],
): readonly ClusterwidePolicy[] => [
  {
    name: `platform-ingress-${namespace}`,
    spec: {
      description: "Visitors come in by the ports of the ingress; it calls the pods that let it in.",
      endpointSelector: inNamespace(namespace, { "app.kubernetes.io/name": app }),
      ingress: [{ fromEntities: ["world", "host", "remote-node"], ...tcp(...numbers) }],
      egress: [toApiServer, { toEndpoints: [anyPod] }],
    },
  },
];

const withinMesh: IngressRule = { fromEndpoints: [inNamespace("linkerd"), inNamespace("linkerd-viz")] };

/** Linkerd and its viz. */
export const mesh: readonly ClusterwidePolicy[] = [
  {
    name: "platform-mesh",
    spec: {
      description:
        "Every proxy asks Linkerd's control plane, whose parts speak with each other, and with the collector of spans.",
      endpointSelector: inNamespace("linkerd"),
      ingress: [{ fromEndpoints: [anyPod], ...controlPlane }, withinMesh],
      egress: [
        toApiServer,
        { toEndpoints: [inNamespace("linkerd"), inNamespace("linkerd-viz")] },
        { toEndpoints: [anyPod], ...tcp(4143) },
      ],
    },
  },
  {
    name: "platform-mesh-viz",
    spec: {
      description: "Linkerd's viz reads the metrics and the traffic of every proxy that lets it in.",
      endpointSelector: inNamespace("linkerd-viz"),
      ingress: [withinMesh],
      egress: [toApiServer, { toEndpoints: [anyPod] }],
    },
  },
];
