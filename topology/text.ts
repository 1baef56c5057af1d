import { layers, ofLayer, type Layer, type Topology, type TopologyNode } from "./topology";

/** The path as text for a terminal: one paragraph per layer. */
export function formatText(topology: Topology): string {
  const names = (Object.keys(layers) as Layer[]).filter((layer) => ofLayer(topology, layer).length > 0);
  return names.map((layer) => formatLayer(topology, layer).join("\n")).join("\n  |\n");
}

function formatLayer(topology: Topology, layer: Layer): string[] {
  const nodes = ofLayer(topology, layer);
  if (layer === "visitors") return [layers[layer]];
  const width = Math.max(...nodes.map(({ title }) => title.length));
  return [
    layers[layer],
    ...nodes.flatMap((node) => [
      `  ${node.title.padEnd(width)}  ${[...node.details, ...formatTargets(topology, node)].join("; ")}`.trimEnd(),
      ...node.findings.map(({ code, object, problem }) => `    broken: ${code}: ${object} ${problem}`),
    ]),
  ];
}

/** The app of a route, and what an app calls. */
function formatTargets({ nodes, edges }: Topology, { id, layer }: TopologyNode): string[] {
  const targets = edges
    .filter(({ from }) => from === id && (layer === "routes" || layer === "apps"))
    .map(({ to, label, kind }) => {
      const title = nodes.find((node) => node.id === to)?.title ?? to;
      return `${title}:${label}${kind === "meshed" ? " (mutual TLS)" : ""}`;
    });
  return targets.length === 0 ? [] : [`-> ${targets.join(", ")}`];
}
