/** The layers of the path, from the visitor to the destinations outside of the cluster. */
export const layers = {
  visitors: "Visitors",
  dns: "DNS records",
  edge: "Cloudflare",
  balancer: "Load balancer",
  ingress: "Ingress controller",
  routes: "Routes",
  apps: "Apps",
  outside: "Outside the cluster",
  certificates: "Certificates",
} as const;

export type Layer = keyof typeof layers;

/** A part of the path, or several of a kind as one. */
export interface TopologyNode {
  /** Unique, such as `apps/api-gateway`. */
  readonly id: string;
  readonly layer: Layer;
  readonly title: string;
  /** One fact per line, such as `3 pods`. */
  readonly details: readonly string[];
  /** The namespace of an app. */
  readonly namespace?: string | undefined;
  /** The DNS records and certificates of a route, by id. */
  readonly servedBy?: readonly string[] | undefined;
  /** Patterns of the names by which the doctor calls its objects: `Service apps/web`, `* apps/web-*`. */
  readonly objects: readonly string[];
  /** What is broken, from the doctor. */
  readonly findings: readonly Finding[];
  /** The nodes that it stands for. Undefined for a single one. */
  readonly members?: readonly TopologyNode[] | undefined;
}

/** A finding of `npm run doctor -- --json`. */
export interface Finding {
  readonly code: string;
  readonly object: string;
  readonly problem: string;
  readonly fix: string;
}

export interface TopologyEdge {
  readonly from: string;
  readonly to: string;
  /** `path`: a request's way in. `meshed`, `plain`: a declared call, with and without mutual TLS by the mesh. */
  readonly kind: "path" | "certificate" | "meshed" | "plain";
  /** Such as `8080` or `53/UDP`. */
  readonly label: string;
}

/** The path of a stack as deployed. */
export interface Topology {
  readonly stack: string;
  readonly nodes: readonly TopologyNode[];
  readonly edges: readonly TopologyEdge[];
}

export const ofLayer = ({ nodes }: Topology, layer: Layer): TopologyNode[] =>
  nodes.filter((node) => node.layer === layer);

/** The nodes by the title of their group: the layer, or the namespace of apps. */
export function groupByTitle(nodes: readonly TopologyNode[]): [title: string, nodes: TopologyNode[]][] {
  const groups = new Map<string, TopologyNode[]>();
  for (const node of nodes) {
    const title = node.namespace === undefined ? layers[node.layer] : `Namespace ${node.namespace}`;
    groups.set(title, [...(groups.get(title) ?? []), node]);
  }
  return [...groups];
}

/** Such as `1 app` and `2 apps`. */
export const countOf = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
