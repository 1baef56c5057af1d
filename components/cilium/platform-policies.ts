import type {
  ClusterwidePolicySpec,
  EgressRule,
  EndpointSelector,
  IngressRule,
} from "../custom-resources/cilium-resources";
import { installations } from "../ingress/controllers";
import type { IngressInstallation } from "../ingress/ingress-installation";
import { proxyPorts } from "../linkerd/ports";
import { platformNamespaces } from "../namespaces";
import {
  anyPod,
  dnsPorts,
  dnsServer,
  fromApiServer,
  linkLocalRanges,
  podsInNamespace,
  tcpPorts,
  toApiServer,
  toControlPlane,
  toDns,
} from "../network-policy/network-rules";

/** A CiliumClusterwideNetworkPolicy. Its specs take effect together. */
export interface ClusterwidePolicy {
  readonly name: string;
  readonly specs: readonly ClusterwidePolicySpec[];
}

/** The destinations and clients of the platform's pods that depend on the settings. */
export interface PlatformPolicyArgs {
  /** The ACME directory of another CA, which cert-manager connects to. */
  readonly acmeServer?: string | undefined;
  /** The URL of your own Prometheus, which linkerd-viz queries. */
  readonly prometheus?: string | undefined;
  /** The pods that read the metrics of the platform's pods, your own Prometheus among them. Default: only viz does. */
  readonly metricsReaders?: readonly EndpointSelector[] | undefined;
}

const { certManager, externalDns, kubeSystem, linkerd, linkerdCni, linkerdViz } = platformNamespaces;

/**
 * Builds the spec with what each of these pods needs, which denies all other traffic unless another spec allows it: a spec
 * with rules of a direction closes it.
 */
export const buildBaseline = (
  endpointSelector: EndpointSelector,
  metricsReaders: readonly EndpointSelector[],
): ClusterwidePolicySpec => ({
  description:
    "What any pod needs: names, probes of the node it is on, and if it is meshed the control plane and viz.",
  endpointSelector,
  ingress: [
    { fromEntities: ["host"] },
    {
      fromEndpoints: [podsInNamespace(linkerdViz)],
      toPorts: tcpPorts(proxyPorts.tap, proxyPorts.admin),
    },
    ...fromReaders(metricsReaders, [proxyPorts.admin]),
  ],
  egress: [toDns(false), toControlPlane],
});

const fromReaders = (readers: readonly EndpointSelector[], ports: readonly number[]): IngressRule[] =>
  readers.length === 0 ? [] : [{ fromEndpoints: readers, toPorts: tcpPorts(...ports) }];

/**
 * Builds the policy of a namespace with pods of this program only: it closes the namespace, and allows what these pods
 * need.
 *
 * @param namespace One of `platformNamespaces` but kube-system, or that of an ingress controller.
 */
export const buildNamespacePolicy = (namespace: string, args: PlatformPolicyArgs): ClusterwidePolicy => ({
  name: `platform-${namespace}`,
  specs: [
    buildBaseline(podsInNamespace(namespace), args.metricsReaders ?? []),
    ...(buildOpenings(args)[namespace] ?? []),
  ],
});

const buildOpenings = ({
  acmeServer,
  prometheus,
  metricsReaders = [],
}: PlatformPolicyArgs): Readonly<Record<string, readonly ClusterwidePolicySpec[]>> => ({
  [certManager]: [
    {
      description:
        "Controllers read and write objects; the API server calls the webhooks of cert-manager and trust-manager.",
      endpointSelector: podsInNamespace(certManager),
      ingress: [
        { fromEntities: fromApiServer, toPorts: tcpPorts(6443, 10250) },
        ...fromReaders(metricsReaders, [9402]),
      ],
      egress: [toApiServer],
    },
    {
      description:
        "cert-manager speaks with the CA and with Cloudflare, and tries challenges itself: it asks public resolvers for " +
        "those of DNS-01, and requests those of HTTP-01.",
      endpointSelector: podsInNamespace(certManager, {
        matchLabels: {
          "app.kubernetes.io/name": "cert-manager",
          "app.kubernetes.io/component": "controller",
        },
      }),
      egress: [...toAcme(acmeServer), { toEntities: ["world"], toPorts: [{ ports: dnsPorts }] }],
    },
  ],
  [externalDns]: [
    {
      description: "external-dns reads objects, and writes records at Cloudflare.",
      endpointSelector: podsInNamespace(externalDns),
      ingress: fromReaders(metricsReaders, [7979]),
      egress: [toApiServer, { toEntities: ["world"], toPorts: tcpPorts(443) }],
    },
  ],
  [linkerd]: [
    {
      description:
        "Every proxy asks Linkerd's control plane, whose parts speak with each other, and with the collector of spans. The " +
        "API server calls the proxy injector and the validators of profiles and policies; viz reads the metrics.",
      endpointSelector: podsInNamespace(linkerd),
      ingress: [
        { fromEndpoints: [anyPod()], toPorts: toControlPlane.toPorts },
        { fromEndpoints: [podsInNamespace(linkerd), podsInNamespace(linkerdViz)] },
        { fromEntities: fromApiServer, toPorts: tcpPorts(8443, 9443) },
        ...fromReaders(metricsReaders, [9990, 9995, 9996, 9997]),
      ],
      egress: [
        toApiServer,
        { toEndpoints: [podsInNamespace(linkerd)] },
        { toEndpoints: [anyPod()], toPorts: tcpPorts(proxyPorts.inbound) },
      ],
    },
  ],
  [linkerdCni]: [
    {
      description: "The CNI plugin's repair controller watches the pods of its node.",
      endpointSelector: podsInNamespace(linkerdCni),
      egress: [toApiServer],
    },
  ],
  [linkerdViz]: [
    {
      description:
        "viz reads the metrics and the traffic of every proxy that lets it in. Its parts speak with each other, and the API " +
        "server calls tap and its injector.",
      endpointSelector: podsInNamespace(linkerdViz),
      ingress: [
        { fromEndpoints: [podsInNamespace(linkerdViz)] },
        { fromEntities: fromApiServer, toPorts: tcpPorts(8089, 8443) },
      ],
      egress: [
        toApiServer,
        { toEndpoints: [anyPod()] },
        ...(prometheus === undefined
          ? []
          : [{ toEntities: ["world" as const], toPorts: tcpPorts(portOf(prometheus)) }]),
      ],
    },
  ],
  ...Object.fromEntries(
    installations.map((each) => [
      each.identity.podSelector.namespace,
      buildControllerSpecs(each, metricsReaders),
    ]),
  ),
});

/**
 * The specs of an ingress controller: any address may connect to its container ports, and it may connect to any pod whose
 * own policy allows it.
 */
const buildControllerSpecs = (
  { identity, containerPorts, webhookPorts, metricsPort }: IngressInstallation,
  metricsReaders: readonly EndpointSelector[],
): readonly ClusterwidePolicySpec[] => [
  {
    description: "Visitors come in by the ports of the ingress; it calls the pods that let it in.",
    endpointSelector: podsInNamespace(identity.podSelector.namespace, {
      matchLabels: { "app.kubernetes.io/name": identity.podSelector.app },
    }),
    ingress: [
      { fromEntities: ["world", "host", "remote-node"], toPorts: tcpPorts(...containerPorts) },
      ...(webhookPorts.length === 0
        ? []
        : [{ fromEntities: fromApiServer, toPorts: tcpPorts(...webhookPorts) }]),
      ...fromReaders(metricsReaders, [metricsPort]),
    ],
    egress: [toApiServer, { toEndpoints: [anyPod()] }],
  },
];

const portOf = (url: string): number => {
  const { port, protocol } = new URL(url);
  return Number(port || (protocol === "https:" ? 443 : 80));
};

/** Let's Encrypt, Cloudflare and the hosts of HTTP-01 challenges, and another CA outside or inside the cluster. */
function toAcme(acmeServer: string | undefined): readonly EgressRule[] {
  const isInCluster =
    acmeServer !== undefined && /\.svc(\.cluster\.local)?$/.test(new URL(acmeServer).hostname);
  const ports = new Set([443, ...(acmeServer === undefined ? [] : [portOf(acmeServer)])]);
  return [
    { toEntities: ["world"], toPorts: tcpPorts(...ports) },
    // Not the entity `world`: at this port, the metadata service of the servers answers.
    { toCIDRSet: [{ cidr: "0.0.0.0/0", except: [linkLocalRanges.ipv4] }], toPorts: tcpPorts(80) },
    // The port of its pods is unknown.
    ...(isInCluster ? [{ toEndpoints: [anyPod()] }] : []),
  ];
}

const hubblePods = (app: string) => podsInNamespace(kubeSystem, { matchLabels: { "k8s-app": app } });

/** The labels of Hubble's pods in kube-system. */
const hubbleApps = { relay: "hubble-relay", ui: "hubble-ui" } as const;

/**
 * The policy of Hubble's relay and UI, which have no login and know all flows of the cluster. The UI answers clients that
 * another policy names, such as that of an existing app with a route to it. `kubectl port-forward` passes no policy.
 */
export const hubblePolicy: ClusterwidePolicy = {
  name: "platform-hubble",
  specs: [
    {
      description: "Hubble's relay asks the agent of every node, and answers Hubble's UI only.",
      endpointSelector: hubblePods(hubbleApps.relay),
      ingress: [
        { fromEntities: ["host"] },
        { fromEndpoints: [hubblePods(hubbleApps.ui)], toPorts: tcpPorts(4245) },
      ],
      egress: [toDns(false), { toEntities: ["host", "remote-node"], toPorts: tcpPorts(4244) }],
    },
    {
      description: "Hubble's UI asks the relay and the API server, and answers nobody.",
      endpointSelector: hubblePods(hubbleApps.ui),
      ingress: [{ fromEntities: ["host"] }],
      egress: [
        toDns(false),
        toApiServer,
        { toEndpoints: [hubblePods(hubbleApps.relay)], toPorts: tcpPorts(4245) },
      ],
    },
  ],
};

/** The policy of the rest of kube-system, which is closed with `clusterDefaultDeny` only: others install there too. */
export const kubeSystemPolicy: ClusterwidePolicy = {
  name: "platform-kube-system",
  specs: [
    {
      description: "CoreDNS answers everybody in the cluster.",
      endpointSelector: dnsServer,
      ingress: [{ fromEntities: ["cluster"], toPorts: [{ ports: dnsPorts }] }],
    },
    {
      description:
        "The cluster's own: CoreDNS asks resolvers outside, metrics-server and storage answer the API server. What gets in " +
        "there has the cluster anyway, so it may call out.",
      endpointSelector: podsInNamespace(kubeSystem, {
        matchExpressions: [{ key: "k8s-app", operator: "NotIn", values: Object.values(hubbleApps) }],
      }),
      ingress: [{ fromEntities: fromApiServer }, { fromEndpoints: [podsInNamespace(kubeSystem)] }],
      egress: [{ toEntities: ["all"] }],
    },
  ],
};
