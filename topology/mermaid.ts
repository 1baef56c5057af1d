import { groupByTitle, type Topology, type TopologyNode } from "./topology";
import { overview } from "./views";

/** The path as a Mermaid flowchart, small enough for GitHub. @see https://mermaid.js.org/syntax/flowchart.html */
export function formatMermaid(topology: Topology): string {
  const { nodes, edges } = overview(topology);
  const ids = new Map(nodes.map(({ id }, index) => [id, `n${index}`]));
  const describe = (node: TopologyNode): string => {
    const lines = [node.title, ...node.details, ...node.findings.map(({ code }) => code)];
    const style = node.findings.length > 0 ? ":::broken" : "";
    return `${ids.get(node.id) ?? ""}["${lines.map(escapeMermaid).join("<br/>")}"]${style}`;
  };
  return [
    "flowchart LR",
    ...groupByTitle(nodes).flatMap(([title, members], index) => [
      `  subgraph g${index}["${escapeMermaid(title)}"]`,
      ...members.map((node) => `    ${describe(node)}`),
      "  end",
    ]),
    ...edges.map(({ from, to, kind, label }) => {
      const arrow = kind === "plain" || kind === "certificate" ? "-.->" : "-->";
      const text = label === "" ? "" : `|"${escapeMermaid(label)}"|`;
      return `  ${ids.get(from) ?? ""} ${arrow}${text} ${ids.get(to) ?? ""}`;
    }),
    "  classDef broken stroke:#d1242f,stroke-width:3px",
    "",
  ].join("\n");
}

/** A text inside of quotes: all but letters, digits and harmless marks as an entity code of Mermaid. */
const escapeMermaid = (text: string): string =>
  text.replace(/[^\p{L}\p{N} .,:/→-]/gu, (character) => `#${character.codePointAt(0) ?? 63};`);
