import type { EndpointSelector, NetworkPolicySpec, PortRule } from "../custom-resources/cilium-resources";
import {
  fromControllers,
  fromKubelet,
  fromMetricsApi,
  fromScraper,
  fromOutside,
  fromViz,
  inNamespace,
  meshInbound,
  tcp,
  toCollector,
  toControlPlane,
  toDns,
  toNames,
  toProxies,
  toTarget,
  type EgressTarget,
  type Endpoint,
} from "./network-rules";

/** An app, as far as the question goes who may talk to whom. */
export interface GraphApp {
  readonly name: string;
  /** The port its container listens on, to which routes and probes lead. */
  readonly port: number;
  /** What is spoken on `port`. Default http. */
  readonly protocol?: "http" | "grpc" | "tcp" | undefined;
  /** Further ports of its container, by name. */
  readonly ports?: Readonly<Record<string, number>> | undefined;
  /** Whether its pods carry Linkerd's proxy. */
  readonly meshed: boolean;
  /** Its routes: an app with any is reached by the ingress controller. */
  readonly routes: readonly unknown[];
  /** The names of the apps it calls. Its own among them means that its copies talk to each other. */
  readonly calls: readonly string[];
  /** What it reaches outside of the cluster. Absence means nothing. */
  readonly egress?: readonly EgressTarget[] | undefined;
  /** Anything means that a second version runs beside it, whose pods may do and are asked what its own are. */
  readonly canary?: unknown;
  /** Whether anybody outside reaches it by a port of the nodes or a load balancer of its own. Default false. */
  readonly exposed?: boolean | undefined;
  /** Whether its pods are another team's: then rules open what is declared, and close nothing. Default false. */
  readonly existing?: boolean | undefined;
  /** Where an existing app is. Absence means with all others. */
  readonly namespace?: string | undefined;
  /** The name of its Service. Default its own. */
  readonly serviceName?: string | undefined;
  /** The ServiceAccount of an existing app's pods, by which the mesh knows them. Absence means `default`. */
  readonly serviceAccount?: string | undefined;
  /** The labels by which an existing app's pods are found. Absence means as those of all others. */
  readonly podLabels?: Readonly<Record<string, string>> | undefined;
  /** The name outside for which it stands, as an ExternalName Service: it has no pods, and so no policy. */
  readonly external?: string | undefined;
}

/** The label by which Services and policies find an app's pods. */
export const podLabels = (app: string): Readonly<Record<string, string>> => ({ app });

/** What the second version of an app is called, its label `app` among it. */
export const canaryOf = (app: string): string => `${app}-canary`;

/** All ports that an app listens on: the one of its routes, then the others in the order of their numbers. */
export const portsOf = ({ port, ports = {} }: Pick<GraphApp, "port" | "ports">): readonly number[] => [
  ...new Set([port, ...Object.values(ports).sort((a, b) => a - b)]),
];

/** An app's pods, as its own namespace sees them. */
export function podsOf({ name, canary, ...app }: GraphApp): EndpointSelector {
  if (app.existing === true) return { matchLabels: app.podLabels ?? podLabels(name) };
  if (canary === undefined) return { matchLabels: podLabels(name) };
  return { matchExpressions: [{ key: "app", operator: "In", values: [name, canaryOf(name)] }] };
}

/** The labels on the pods of an own app, one set for each version. */
const versionsOf = ({ name, canary }: GraphApp) =>
  [name, ...(canary === undefined ? [] : [canaryOf(name)])].map(
    (version): Readonly<Record<string, string>> => ({ app: version, "app.kubernetes.io/name": version }),
  );

/**
 * The own apps whose pods an existing app selects too, such as one over a further port of theirs. They are in
 * the namespace of the apps.
 *
 * @param namespace Where the apps are that do not name another.
 */
export function ownersOf<App extends GraphApp>(
  app: GraphApp,
  apps: readonly App[],
  namespace: string,
): App[] {
  if (app.existing !== true || (app.namespace ?? namespace) !== namespace) return [];
  const selector = Object.entries(app.podLabels ?? podLabels(app.name));
  return apps.filter(
    (own) =>
      own.existing !== true &&
      own.external === undefined &&
      versionsOf(own).some((labels) => selector.every(([key, value]) => labels[key] === value)),
  );
}

/**
 * One's own Prometheus: the existing app whose Service the URL in `mesh.prometheus` names.
 *
 * @param url Such as `http://prometheus.monitoring.svc.cluster.local:9090`.
 * @returns Nothing for a host outside of the cluster, or a Service that is no existing app's.
 */
export function scraperOf<App extends GraphApp>(
  apps: readonly App[],
  namespace: string,
  url: string | undefined,
): App | undefined {
  const [service, where, svc] = url === undefined ? [] : new URL(url).hostname.split(".");
  if (svc !== undefined && svc !== "svc") return undefined;
  return apps.find(
    (app) =>
      app.existing === true &&
      (app.serviceName ?? app.name) === service &&
      (app.namespace ?? namespace) === where,
  );
}

/** The apps that call one, in the order of their names. Of what stands outside, nothing calls. */
export const callersOf = <App extends GraphApp>({ name }: GraphApp, apps: readonly App[]): App[] =>
  byName(apps).filter(({ calls, external }) => external === undefined && calls.includes(name));

/** The apps that one calls, in the order of their names. */
export const calleesOf = <App extends GraphApp>({ calls }: GraphApp, apps: readonly App[]): App[] =>
  byName(apps).filter(({ name }) => calls.includes(name));

const byName = <App extends GraphApp>(apps: readonly App[]): App[] =>
  apps.toSorted((a, b) => (a.name < b.name ? -1 : 1));

/** The same, whatever the order in the settings. */
const sorted = (targets: readonly EgressTarget[] = []): EgressTarget[] => {
  const key = ({ ports, protocol, ...to }: EgressTarget) =>
    `${"host" in to ? to.host : to.cidr} ${protocol} ${ports.join()}`;
  return targets.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
};

/** Where packets arrive: the ports asked for, and the proxy's if there is one at both ends. */
const arrival = (ports: readonly number[], overMesh: boolean): PortRule[] =>
  overMesh ? tcp(...ports, meshInbound) : tcp(...ports);

const call = (caller: GraphApp, callee: GraphApp): PortRule[] =>
  arrival(portsOf(callee), caller.meshed && callee.meshed);

/**
 * Gives each app its network policy: both halves of every declared call, and what any pod needs to live. A call that
 * nobody declared is in neither half. Rules follow the apps' names, so that their order in the settings changes nothing.
 *
 * @param ingress The pods of every ingress controller there may be, let in to apps with routes: two of them, while one
 *   takes over from the other. They are meshed.
 * @param namespace Where the apps are that do not say otherwise.
 * @param collector The namespace of the meshed collector that proxies send their spans to. Absence means that they send none.
 * @param scraper One's own Prometheus, of {@link scraperOf}: it reads the metrics of every proxy, and viz reads from it.
 * @returns The apps, in their order. One has no policy where there are no pods, or nothing to open.
 * @see https://docs.cilium.io/en/stable/security/policy/language/
 */
export function withPolicies<App extends GraphApp>(
  apps: readonly App[],
  ingress: readonly Endpoint[],
  namespace: string,
  collector?: string,
  scraper?: GraphApp,
): (App & { readonly policy: NetworkPolicySpec | undefined })[] {
  const graph = { apps, ingress, namespace, collector, scraper };
  return apps.map((app) => ({ ...app, policy: policyOf(app, graph) }));
}

/** The apps, and what is around them. */
interface Graph {
  readonly apps: readonly GraphApp[];
  readonly ingress: readonly Endpoint[];
  readonly namespace: string;
  readonly collector?: string | undefined;
  readonly scraper?: GraphApp | undefined;
}

function policyOf(
  app: GraphApp,
  { apps, ingress, namespace, collector, scraper }: Graph,
): NetworkPolicySpec | undefined {
  const { port, meshed, routes, existing = false, exposed = false } = app;
  if (app.external !== undefined) return undefined;
  const ports = portsOf(app);
  const own = app.namespace ?? namespace;
  const seen = ({ namespace: its = namespace, ...peer }: GraphApp) =>
    its === own ? podsOf(peer) : inNamespace(its, podsOf(peer));
  // The namespace of the apps is closed by default; of another one we do not know what its team has closed, and why.
  const isClosed = own === namespace;
  const isScraper = app.name === scraper?.name;
  const callees = calleesOf(app, apps);
  const targets = sorted(app.egress);
  const readsNames =
    targets.some((target) => "host" in target) || callees.some(({ external }) => external !== undefined);

  const into = [
    ...(routes.length > 0 ? [fromControllers(ingress, arrival([port], meshed))] : []),
    ...callersOf(app, apps).map((caller) => ({
      fromEndpoints: [seen(caller)],
      toPorts: call(caller, app),
    })),
    ...(exposed ? [fromOutside(ports)] : []),
    ...(isClosed ? [fromKubelet(ports, meshed)] : []),
    ...(isClosed && meshed ? [fromViz] : []),
    ...(isClosed && meshed && scraper !== undefined ? [fromScraper(seen(scraper))] : []),
    ...(isScraper ? [fromMetricsApi(arrival([port], meshed))] : []),
  ];
  const out = [
    ...callees.map((callee) =>
      callee.external === undefined
        ? { toEndpoints: [seen(callee)], toPorts: call(app, callee) }
        : // The name that is asked for is the Service's; the answer is the other's.
          toNames([callee.external, `${callee.name}.${namespace}.svc.cluster.local`], portsOf(callee), "TCP"),
    ),
    ...targets.map(toTarget),
    ...(isClosed || readsNames ? [toDns(readsNames)] : []),
    ...(isClosed && meshed ? [toControlPlane] : []),
    ...(isClosed && meshed && collector !== undefined ? [toCollector(collector)] : []),
    ...(isScraper ? [toProxies] : []),
  ];
  if (into.length + out.length === 0) return undefined;
  return {
    endpointSelector: podsOf(app),
    ...(existing && { enableDefaultDeny: { ingress: false, egress: false } }),
    ingress: into,
    egress: out,
  };
}
