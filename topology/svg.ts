import { readFileSync } from "node:fs";
import { join } from "node:path";

import { escapeMarkup } from "./escape";
import { groupByTitle, type Topology, type TopologyEdge, type TopologyNode } from "./topology";

/** Colors and fonts of a picture, light and dark. */
export const pictureStyle = readFileSync(join(__dirname, "picture.css"), "utf8");

export interface PictureOptions {
  /** The id of the node in the focus. */
  readonly focus?: string | undefined;
  /** Whether the members of a group, by its id, are shown by name. Default: true. */
  readonly isOpen?: (group: string) => boolean;
  readonly title?: string | undefined;
  /** The link of a node. Default: none. */
  readonly link?: (node: TopologyNode) => string | undefined;
}

/** A topology as an SVG element, laid out by Graphviz. Its colors are those of {@link pictureStyle}. */
export async function drawSvg(topology: Topology, options: PictureOptions = {}): Promise<string> {
  const { Graphviz } = await import("@hpcc-js/wasm-graphviz");
  const graphviz = await Graphviz.load();
  const svg = graphviz.layout(formatDot(topology, options), "svg", "dot");
  return svg
    .slice(svg.indexOf("<svg"))
    .replace(/<!--.*?-->\n?/gs, "")
    .replace(/<title>.*?<\/title>\n?/gs, "")
    .replace(/ id="[^"]*"| xml:space="preserve"| font-family="[^"]*"/g, "")
    .replace(/width="(\d+)pt" height="(\d+)pt"/, 'width="$1" height="$2" role="img"')
    .replaceAll("xlink:href", "href")
    .trim();
}

/** A topology as an SVG file. */
export async function drawSvgFile(topology: Topology): Promise<string> {
  const title = `Network path of the stack ${topology.stack}`;
  const svg = await drawSvg(topology, { title, isOpen: (group) => !group.startsWith("dns/") });
  const head = `<title>${escapeMarkup(title)}</title>\n<style>\n${pictureStyle}</style>`;
  return `${svg.replace(/<svg[^>]*>/, (start) => `${start}\n${head}`)}\n`;
}

/** A topology in Graphviz' language. @see https://graphviz.org/doc/info/attrs.html */
function formatDot({ nodes, edges }: Topology, options: PictureOptions): string {
  return [
    "digraph {",
    "graph [rankdir=LR, bgcolor=transparent, fontname=Arial, fontsize=12, nodesep=0.1, ranksep=0.4, pad=0.15];",
    `graph [labelloc=t, labeljust=l, label=<${formatHeading(options.title)}>];`,
    'node [shape=box, style=rounded, fontname=Arial, fontsize=12, margin="0.1,0.07", height=0.3, width=0.5];',
    "edge [fontname=Arial, fontsize=10, arrowsize=0.6, tailport=e, headport=w];",
    ...groupByTitle(nodes).flatMap(([title, members], index) => [
      `subgraph cluster_${index} {`,
      members[0]?.layer === "visitors"
        ? "style=invis; label=<>;"
        : `class="layer"; style=rounded; margin=10; labeljust=c; label=<<B>${escapeMarkup(title)}</B>>;`,
      ...members.map((node) => formatNode(node, Math.max(...members.map(estimateWidth)), options)),
      "}",
    ]),
    ...edges.map(formatEdge),
    "}",
  ].join("\n");
}

const legend =
  "Green: a call with mutual TLS by the mesh. Dashed: a call without, or a certificate. Numbers: ports of the pods.";

function formatHeading(title: string | undefined): string {
  const rows = [
    ...(title === undefined ? [] : [`<FONT POINT-SIZE="16"><B>${escapeMarkup(title)}</B></FONT>`]),
    formatLine(legend, "gray"),
  ].map((content) => `<TR><TD ALIGN="LEFT">${content}</TD></TR>`);
  return `<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="3">${rows.join("")}</TABLE>`;
}

/** The width of a node's longest line in points, so that all nodes of a layer have the same. */
const estimateWidth = ({ title, details }: TopologyNode): number =>
  Math.round(Math.max(title.length * 6.8, ...details.map((line) => line.length * 5.2)));

const quote = (text: string): string => `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;

const formatEdge = ({ from, to, kind, label }: TopologyEdge): string =>
  `${quote(from)} -> ${quote(to)} [class=${kind}${label === "" ? "" : `, label=<${escapeMarkup(label)}>`}` +
  `${from === to ? ', tailport="", headport=""' : ""}];`;

function formatNode(
  { id, layer, title, details, findings, members = [], ...node }: TopologyNode,
  width: number,
  { focus, isOpen = () => true, link = () => undefined }: PictureOptions,
): string {
  const codes = [...new Set(findings.map(({ code }) => code))];
  const table = isOpen(id) ? formatMembers(members, link) : [];
  const rows = [
    `<B>${escapeMarkup(title)}</B>`,
    ...details.map((line) => formatLine(line, "gray")),
    ...codes.map((code) => formatLine(`✗ ${code}`, "red")),
  ].map((content) => `<TR><TD ALIGN="LEFT" COLSPAN="${countColumns(members)}">${content}</TD></TR>`);
  const classes = [
    `of-${layer}`,
    ...(codes.length > 0 ? ["broken"] : []),
    ...(id === focus ? ["focus"] : []),
  ];
  const url = table.length > 0 ? undefined : link({ id, layer, title, details, findings, members, ...node });
  const label = `<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="1" WIDTH="${width}">${[...rows, ...table].join("")}</TABLE>`;
  return `${quote(id)} [class="${classes.join(" ")}", ${url === undefined ? "" : `URL=${quote(url)}, tooltip=${quote(members.map((each) => each.title).join(" ") || title)}, `}label=<${label}>];`;
}

const formatLine = (line: string, color: "gray" | "red"): string =>
  `<FONT POINT-SIZE="10" COLOR="${color}">${escapeMarkup(line)}</FONT>`;

/** The columns of the table of a group's members: one for every 14. */
const countColumns = (members: readonly TopologyNode[]): number =>
  Math.max(1, Math.ceil(members.length / 14));

function formatMembers(
  members: readonly TopologyNode[],
  link: NonNullable<PictureOptions["link"]>,
): string[] {
  const columns = countColumns(members);
  const height = Math.ceil(members.length / columns);
  const formatMember = (member: TopologyNode | undefined): string => {
    if (member === undefined) return "<TD></TD>";
    const url = link(member);
    // The no-break spaces keep the columns apart.
    const text = formatLine(`${member.title}\u00a0\u00a0`, member.findings.length > 0 ? "red" : "gray");
    return `<TD ALIGN="LEFT" CELLPADDING="2"${url === undefined ? "" : ` HREF="${escapeMarkup(url)}"`}>${text}</TD>`;
  };
  return Array.from({ length: height }, (_, row) => {
    const cells = Array.from({ length: columns }, (__, column) =>
      formatMember(members[column * height + row]),
    );
    return `<TR>${cells.join("")}</TR>`;
  });
}
