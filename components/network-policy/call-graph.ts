import { findTcpPort, listPorts, type BackendTls, type FurtherPort, type Protocol } from "../app/app-ports";
import type { EndpointSelector, NetworkPolicySpec, PortRule } from "../custom-resources/cilium-resources";
import { proxyPorts } from "../linkerd/ports";
import {
  fromApiServer,
  fromKubelet,
  fromMetricsApi,
  fromScraper,
  fromOutside,
  udpPorts,
  fromViz,
  podsInNamespace,
  tcpPorts,
  toApiServer,
  toTraceCollector,
  toControlPlane,
  toDns,
  toFqdns,
  toProxyMetrics,
  toEgressTarget,
  type EgressTarget,
  type Endpoint,
} from "./network-rules";

/** The parts of an app that determine its network policy and its Linkerd authorization. */
export interface GraphApp {
  readonly name: string;
  /** The port of its container that routes and probes use. Absent if it only calls. */
  readonly port?: number | undefined;
  /** The protocol on `port`. Default: `http`. */
  readonly protocol?: Protocol | undefined;
  /** The TLS of `port`. Default: none. */
  readonly tls?: BackendTls | undefined;
  /** Further ports of its container, by name. */
  readonly ports?: Readonly<Record<string, FurtherPort>> | undefined;
  /** Whether its pods have Linkerd's proxy. */
  readonly meshed: boolean;
  /** Its routes. The ingress controller may connect to their ports, by number or name. Default: the first port. */
  readonly routes: readonly { readonly port?: number | string | undefined }[];
  /** Whether routes of other apps name it in `forwardAuth`: the ingress controller connects to it then too. Default: false. */
  readonly authenticates?: boolean | undefined;
  /** The names of the apps it calls. With its own name among them, its pods may call each other. */
  readonly calls: readonly string[];
  /** If set, its pods may connect to the API server. */
  readonly kubernetesApi?: unknown;
  /** The TCP ports to which the API server connects, by number or name. Default: none. */
  readonly webhooks?: readonly (number | string)[] | undefined;
  /** Destinations outside the cluster. Default: none. */
  readonly egress?: readonly EgressTarget[] | undefined;
  /** If set, a canary Deployment exists; it gets the same policy. */
  readonly canary?: unknown;
  /** Whether it has a NodePort or LoadBalancer Service, so that any address may connect. Default: false. */
  readonly exposed?: boolean | undefined;
  /**
   * Whether its pods are managed elsewhere: its policy then allows the declared flows without default deny.
   * Default: false.
   */
  readonly existing?: boolean | undefined;
  /** The namespace of an existing app. Default: that of the other apps. */
  readonly namespace?: string | undefined;
  /** The name of its Service. Default: its own. */
  readonly serviceName?: string | undefined;
  /** The ServiceAccount of an existing app's pods, part of their mesh identity. Default: `default`. */
  readonly serviceAccount?: string | undefined;
  /** The labels that select an existing app's pods. Default: those of {@link podLabels}. */
  readonly podLabels?: Readonly<Record<string, string>> | undefined;
  /** The external name of an ExternalName Service. Such an app has no pods and no policy. */
  readonly external?: string | undefined;
}

/** All apps, and the other pods that their policies refer to. */
export interface CallGraph {
  readonly apps: readonly GraphApp[];
  /** The namespace of apps without a namespace of their own. */
  readonly namespace: string;
  /** The namespace of the trace collector of the proxies, which must be meshed. Default: no tracing. */
  readonly collector?: string | undefined;
  /** The ranges of the nodes, pods and Services, which an egress to `0.0.0.0/0` does not include. Default: none. */
  readonly ownRanges?: readonly string[] | undefined;
  /** Your own Prometheus, see {@link findScraper}: it scrapes every proxy, and linkerd-viz queries it. */
  readonly scraper?: GraphApp | undefined;
}

/** The labels by which Services and policies select an app's pods. */
export const podLabels = (app: string): Readonly<Record<string, string>> => ({ app });

/** The name of an app's canary: of its Deployment and Service, and the value of its pods' label `app`. */
export const canaryName = (app: string): string => `${app}-canary`;

type Ports = Pick<GraphApp, "port" | "ports" | "protocol">;

/** All ports of an app of this transport: its first port, then the others in ascending order. */
export const appPorts = (app: Ports, transport: "TCP" | "UDP" = "TCP"): readonly number[] => {
  const numbers = listPorts(app)
    .filter((each) => each.transport === transport)
    .map(({ number }) => number)
    .sort((a, b) => Number(b === app.port) - Number(a === app.port) || a - b);
  return [...new Set(numbers)];
};

/**
 * The ports of an app to which the ingress controller connects, in ascending order: those of its routes, and the first
 * one if it authenticates the requests of other apps.
 */
export const routedPorts = (app: Ports & Pick<GraphApp, "authenticates" | "routes">): readonly number[] => {
  const ports = [...app.routes.map(({ port }) => port), ...(app.authenticates === true ? [undefined] : [])];
  return [...new Set(ports.flatMap((port) => findTcpPort(app, port)?.number ?? []))].sort((a, b) => a - b);
};

/** The ports of an app to which the API server connects, in ascending order. */
export const webhookPorts = (app: Ports & Pick<GraphApp, "webhooks">): readonly number[] =>
  [...new Set((app.webhooks ?? []).flatMap((port) => findTcpPort(app, port)?.number ?? []))].sort(
    (a, b) => a - b,
  );

/** The selector of an app's pods (canary included) for policies in its own namespace. */
export function podSelector({ name, canary, ...app }: GraphApp): EndpointSelector {
  if (app.existing === true) return { matchLabels: app.podLabels ?? podLabels(name) };
  if (canary === undefined) return { matchLabels: podLabels(name) };
  return { matchExpressions: [{ key: "app", operator: "In", values: [name, canaryName(name)] }] };
}

/** The labels of the pods of an app that we deploy, one set for each version. */
const versionLabels = ({ name, canary }: GraphApp) =>
  [name, ...(canary === undefined ? [] : [canaryName(name)])].map(
    (version): Readonly<Record<string, string>> => ({ app: version, "app.kubernetes.io/name": version }),
  );

/**
 * Finds the apps that we deploy whose pods an existing app selects too, such as a Service for a further port of theirs.
 * They are in the namespace of the apps.
 *
 * @param namespace The namespace of apps without a namespace of their own.
 */
export function findPodOwners<App extends GraphApp>(
  app: GraphApp,
  apps: readonly App[],
  namespace: string,
): App[] {
  if (app.existing !== true || (app.namespace ?? namespace) !== namespace) return [];
  const selector = Object.entries(app.podLabels ?? podLabels(app.name));
  return apps.filter(
    (owner) =>
      owner.existing !== true &&
      owner.external === undefined &&
      versionLabels(owner).some((labels) => selector.every(([key, value]) => labels[key] === value)),
  );
}

/**
 * Finds your own Prometheus: the existing app whose Service is the host of the URL in `mesh.prometheus`.
 *
 * @param url Such as `http://prometheus.monitoring.svc.cluster.local:9090`.
 * @returns Undefined for a host outside the cluster, or a Service that belongs to no existing app.
 */
export function findScraper<App extends GraphApp>(
  apps: readonly App[],
  namespace: string,
  url: string | undefined,
): App | undefined {
  const [service, serviceNamespace, svc] = url === undefined ? [] : new URL(url).hostname.split(".");
  if (svc !== undefined && svc !== "svc") return undefined;
  return apps.find(
    (app) =>
      app.existing === true &&
      (app.serviceName ?? app.name) === service &&
      (app.namespace ?? namespace) === serviceNamespace,
  );
}

/** Finds the callers of an app, sorted by name. External apps never call. */
export const findCallers = <App extends GraphApp>({ name }: GraphApp, apps: readonly App[]): App[] =>
  sortByName(apps.filter(({ calls, external }) => external === undefined && calls.includes(name)));

/** Finds the apps that an app calls, sorted by name. */
export const findCallees = <App extends GraphApp>({ calls }: GraphApp, apps: readonly App[]): App[] =>
  sortByName(apps.filter(({ name }) => calls.includes(name)));

const sortByName = <App extends GraphApp>(apps: readonly App[]): App[] =>
  apps.toSorted((a, b) => (a.name < b.name ? -1 : 1));

/** Sorts targets, so that their order in the settings does not change the policy. */
const sortTargets = (targets: readonly EgressTarget[] = []): EgressTarget[] => {
  const key = ({ ports, protocol, ...to }: EgressTarget) =>
    `${"host" in to ? to.host : to.cidr} ${protocol} ${ports.join()}`;
  return targets.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
};

/** The TCP ports at the receiving pod: with a proxy at both ends, the proxy's inbound port too. */
const toPorts = (ports: readonly number[], meshed: boolean): PortRule[] =>
  meshed && ports.length > 0 ? tcpPorts(...ports, proxyPorts.inbound) : tcpPorts(...ports);

/** All ports of an app at the receiving pod. The proxy does not carry UDP. */
const allPorts = (app: GraphApp, meshed: boolean): PortRule[] => [
  ...toPorts(appPorts(app), meshed),
  ...udpPorts(...appPorts(app, "UDP")),
];

const portsForCall = (caller: GraphApp, callee: GraphApp): PortRule[] =>
  allPorts(callee, caller.meshed && callee.meshed);

/**
 * Builds an app's network policy: its half of every declared call (a call that is not declared is in neither half),
 * and what every pod needs. Routes have a policy of their own: {@link buildIngressPolicy}. Rules are sorted by name, so that the order of the settings does not matter.
 *
 * @returns Undefined for an app without pods, or without anything to allow.
 * @see https://docs.cilium.io/en/stable/security/policy/language/
 */
export function buildNetworkPolicy(
  app: GraphApp,
  { apps, namespace, collector, ownRanges = [], scraper }: CallGraph,
): NetworkPolicySpec | undefined {
  const { meshed, existing = false, exposed = false } = app;
  if (app.external !== undefined) return undefined;
  const ports = appPorts(app);
  const ownNamespace = app.namespace ?? namespace;
  const selectorFor = ({ namespace: peerNamespace = namespace, ...peer }: GraphApp) =>
    peerNamespace === ownNamespace ? podSelector(peer) : podsInNamespace(peerNamespace, podSelector(peer));
  // The namespace of the apps has default deny. Whether another namespace has it is up to its owners.
  const hasDefaultDeny = ownNamespace === namespace;
  const isScraper = app.name === scraper?.name;
  const callees = findCallees(app, apps);
  const targets = sortTargets(app.egress);
  const usesFqdns =
    targets.some((target) => "host" in target) || callees.some(({ external }) => external !== undefined);

  const ingressRules = [
    ...findCallers(app, apps).map((caller) => ({
      fromEndpoints: [selectorFor(caller)],
      toPorts: portsForCall(caller, app),
    })),
    ...(webhookPorts(app).length > 0
      ? [{ fromEntities: fromApiServer, toPorts: tcpPorts(...webhookPorts(app)) }]
      : []),
    ...(exposed ? [fromOutside(allPorts(app, false))] : []),
    ...(hasDefaultDeny && (meshed || ports.length > 0) ? [fromKubelet(ports, meshed)] : []),
    ...(hasDefaultDeny && meshed ? [fromViz] : []),
    ...(hasDefaultDeny && meshed && scraper !== undefined ? [fromScraper(selectorFor(scraper))] : []),
    ...(isScraper ? [fromMetricsApi(toPorts(ports.slice(0, 1), meshed))] : []),
  ];
  const egressRules = [
    ...callees.map((callee) =>
      callee.external === undefined
        ? { toEndpoints: [selectorFor(callee)], toPorts: portsForCall(app, callee) }
        : // The app resolves the name of the ExternalName Service; the answer is a CNAME to the external name.
          toFqdns(
            [callee.external, `${callee.name}.${namespace}.svc.cluster.local`],
            allPorts(callee, false),
          ),
    ),
    ...(app.kubernetesApi === undefined ? [] : [toApiServer]),
    ...targets.map((target) => toEgressTarget(target, ownRanges)),
    ...(hasDefaultDeny || usesFqdns ? [toDns(usesFqdns)] : []),
    ...(hasDefaultDeny && meshed ? [toControlPlane] : []),
    ...(hasDefaultDeny && meshed && collector !== undefined ? [toTraceCollector(collector)] : []),
    ...(isScraper ? [toProxyMetrics] : []),
  ];
  if (ingressRules.length + egressRules.length === 0) return undefined;
  return {
    endpointSelector: podSelector(app),
    ...(existing && { enableDefaultDeny: { ingress: false, egress: false } }),
    ingress: ingressRules,
    egress: egressRules,
  };
}

/**
 * Builds the policy that allows an ingress controller, which is meshed, into an app with routes. It is an object of its own
 * for each controller: on a change of controller both exist, and that of the old one is deleted last, with its routes.
 *
 * @returns Undefined for an app without pods, or to which the controller does not connect.
 */
export const buildIngressPolicy = (
  app: GraphApp,
  { namespace, app: name }: Endpoint,
): NetworkPolicySpec | undefined =>
  routedPorts(app).length === 0 || app.external !== undefined
    ? undefined
    : {
        endpointSelector: podSelector(app),
        ...(app.existing === true && { enableDefaultDeny: { ingress: false, egress: false } }),
        ingress: [
          {
            fromEndpoints: [podsInNamespace(namespace, { matchLabels: { "app.kubernetes.io/name": name } })],
            toPorts: toPorts(routedPorts(app), app.meshed),
          },
        ],
        egress: [],
      };
