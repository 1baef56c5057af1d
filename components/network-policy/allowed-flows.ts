import { appPorts, findCallees, routedPorts, webhookPorts, type GraphApp } from "./call-graph";
import type { Endpoint } from "./network-rules";

/** The API server, as an end of a flow. */
export const apiServer = "kube-apiserver";

/** A flow that the network policies allow. All others are dropped. */
export interface AllowedFlow {
  /** An app by its name (in another namespace: `<namespace>/<name>`), `kube-apiserver`, or `outside` for any address. */
  readonly from: string;
  /** Likewise; or a name or range of addresses outside the cluster. */
  readonly to: string;
  /** Ports of the pods, not of their Service. */
  readonly ports: readonly number[];
  readonly protocol: "TCP" | "UDP";
  /** Whether both ends have Linkerd's proxy: mutual TLS. */
  readonly meshed: boolean;
}

const outside = "outside";

/**
 * All flows that the network policies allow, sorted by name, without those that every pod needs: DNS, probes, Linkerd.
 *
 * @param ingress The pods of the ingress controller that routes. They are meshed.
 */
export function findAllowedFlows(apps: readonly GraphApp[], ingress: Endpoint): AllowedFlow[] {
  const flows = apps.flatMap((app) => [...inboundFlows(app, ingress), ...outboundFlows(app, apps)]);
  return flows.toSorted((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

const sortKey = ({ from, to, ports, protocol }: AllowedFlow): string =>
  [from, to, protocol, ...ports].join(" ");

const qualifiedName = ({ name, namespace }: GraphApp): string =>
  namespace === undefined ? name : `${namespace}/${name}`;

/** The ports of an app by transport protocol. */
const listPortFlows = (app: GraphApp) =>
  (["TCP", "UDP"] as const)
    .map((protocol) => ({ ports: appPorts(app, protocol), protocol }))
    .filter(({ ports }) => ports.length > 0);

function inboundFlows(app: GraphApp, ingress: Endpoint): AllowedFlow[] {
  const common = { to: qualifiedName(app), protocol: "TCP" } as const;
  const controllers = routedPorts(app).length > 0 ? [ingress] : [];
  return [
    ...controllers.map(({ namespace, app: controller }) => ({
      from: `${namespace}/${controller}`,
      ...common,
      ports: routedPorts(app),
      meshed: app.meshed,
    })),
    ...(webhookPorts(app).length > 0
      ? [{ from: apiServer, ...common, ports: webhookPorts(app), meshed: false }]
      : []),
    ...(app.exposed === true
      ? listPortFlows(app).map((ports) => ({ from: outside, ...common, ...ports, meshed: false }))
      : []),
  ];
}

function outboundFlows(app: GraphApp, apps: readonly GraphApp[]): AllowedFlow[] {
  if (app.external !== undefined) return [];
  const from = qualifiedName(app);
  return [
    ...findCallees(app, apps).flatMap((callee) =>
      listPortFlows(callee).map((ports) => ({
        from,
        to: qualifiedName(callee),
        ...ports,
        meshed: app.meshed && callee.meshed && callee.external === undefined && ports.protocol === "TCP",
      })),
    ),
    ...(app.kubernetesApi === undefined
      ? []
      : [{ from, to: apiServer, ports: [6443], protocol: "TCP" as const, meshed: false }]),
    ...(app.egress ?? []).map(({ ports, protocol, ...target }) => ({
      from,
      to: "host" in target ? target.host : target.cidr,
      ports,
      protocol,
      meshed: false,
    })),
  ];
}
