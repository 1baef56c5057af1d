import {
  countOf,
  ofLayer,
  type Layer,
  type Topology,
  type TopologyEdge,
  type TopologyNode,
} from "./topology";

/** The most nodes that a picture shows one by one. With more, it shows groups. */
export const maxNodes = 40;

/** The picture of the whole path: every node, or groups of them if there are too many. */
export const overview = (topology: Topology): Topology =>
  topology.nodes.length > maxNodes ? groupNodes(topology) : topology;

/** One app with its way in, the apps that call it, and what it calls. */
export function focusApp(topology: Topology, app: string): Topology {
  const { nodes, edges } = topology;
  const own = edges.filter(({ from, to }) => to === app || from === app);
  const neighbours = new Set([app, ...own.flatMap(({ from, to }) => [from, to])]);
  const routes = ofLayer(topology, "routes").filter(({ id }) => neighbours.has(id));
  const isPublic = routes.length > 0;
  const servers = new Set(routes.flatMap(({ servedBy = [] }) => servedBy));
  const isShown = ({ id, layer }: TopologyNode): boolean => {
    if (layer === "dns" || layer === "certificates") return servers.has(id);
    if (layer === "visitors" || layer === "balancer" || layer === "ingress")
      return isPublic || neighbours.has(id);
    if (layer === "edge") return edges.some(({ from, to }) => to === id && servers.has(from));
    return neighbours.has(id);
  };
  const shown = new Set(nodes.filter(isShown).map(({ id }) => id));
  return {
    ...topology,
    nodes: nodes.filter(({ id }) => shown.has(id)),
    edges: edges.filter(
      (edge) => shown.has(edge.from) && shown.has(edge.to) && (!isCall(edge) || own.includes(edge)),
    ),
  };
}

/** The most namespaces that a picture shows one by one. */
const maxNamespaces = 12;

const nouns: Partial<Record<Layer, string>> = {
  dns: "host",
  certificates: "certificate",
  routes: "route",
  apps: "app",
  outside: "destination",
};

/** Replaces nodes by one for each group: the apps by namespace, and by whether they have routes; the others by layer. */
function groupNodes(topology: Topology): Topology {
  const routed = new Set(topology.edges.filter(({ from }) => from.startsWith("routes/")).map(({ to }) => to));
  const namespaces = [...new Set(ofLayer(topology, "apps").map(({ namespace = "" }) => namespace))].sort();
  const groups = new Map<string, TopologyNode>();
  for (const node of topology.nodes) {
    const { id, layer, details } = node;
    const namespace = namespaces.slice(0, maxNamespaces).find((name) => name === node.namespace);
    const group = {
      ...node,
      namespace: layer === "apps" ? (namespace ?? "other namespaces") : undefined,
      details:
        layer === "dns"
          ? details.slice(-1)
          : layer === "apps"
            ? [routed.has(id) ? "with routes" : "without routes"]
            : [],
    };
    const key =
      nouns[layer] === undefined ? id : [layer, group.namespace, ...group.details].filter(Boolean).join("/");
    const members = [...(groups.get(key)?.members ?? []), node];
    groups.set(key, { ...group, id: key, members });
  }
  const nodes = [...groups.values()].map(({ members = [], ...group }) => {
    const [only, ...others] = members;
    if (only !== undefined && others.length === 0) return only;
    const [expiry] = members
      .flatMap(({ details }) => details.filter((line) => line.startsWith("until ")))
      .sort();
    return {
      ...group,
      members,
      title: countOf(members.length, nouns[group.layer] ?? ""),
      details: expiry === undefined ? group.details : [`the first ${expiry}`],
      objects: [],
      findings: [...new Set(members.flatMap(({ findings }) => findings))],
    };
  });
  const owners = new Map(nodes.flatMap((node) => (node.members ?? [node]).map(({ id }) => [id, node.id])));
  const edges = groupEdges(topology.edges, owners);
  const isInside = ({ from, to }: TopologyEdge) => from === to;
  const withCalls = nodes.map((node) => {
    const inside = edges.filter((edge) => isInside(edge) && edge.from === node.id);
    return { ...node, details: [...node.details, ...inside.map(({ label }) => `${label} inside`)] };
  });
  return { ...topology, nodes: withCalls, edges: edges.filter((edge) => !isInside(edge)) };
}

/** One edge for all of a kind between two groups. */
function groupEdges(edges: readonly TopologyEdge[], owners: ReadonlyMap<string, string>): TopologyEdge[] {
  const merged = new Map<string, TopologyEdge[]>();
  for (const edge of edges) {
    const grouped = { ...edge, from: owners.get(edge.from) ?? edge.from, to: owners.get(edge.to) ?? edge.to };
    const key = JSON.stringify([grouped.from, grouped.to, edge.kind]);
    merged.set(key, [...(merged.get(key) ?? []), grouped]);
  }
  return [...merged.values()].flatMap(([first, ...rest]) => {
    if (first === undefined) return [];
    if (rest.length === 0 && first.from !== first.to) return [first];
    return [{ ...first, label: isCall(first) ? countOf(rest.length + 1, "call") : "" }];
  });
}

const isCall = ({ kind }: TopologyEdge): boolean => kind === "meshed" || kind === "plain";
