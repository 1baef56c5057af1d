import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { escapeMarkup } from "./escape";
import { drawSvg, pictureStyle, type PictureOptions } from "./svg";
import { ofLayer, type Finding, type Topology, type TopologyNode } from "./topology";
import { focusApp, overview } from "./views";

const readFile = (name: string): string => readFileSync(join(__dirname, name), "utf8");
const style = pictureStyle + readFile("page.css");
const script = readFile("page-script.mjs");
/** The page may load nothing and run no other script. */
const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${createHash("sha256").update(script).digest("base64")}'`;

/** The path as one HTML page without other files: the overview, each group of apps and each app as a picture, and tables. */
export async function formatPage(topology: Topology, findings: readonly Finding[]): Promise<string> {
  const whole = overview(topology);
  const groups = whole.nodes.filter(({ members }) => members !== undefined);
  const apps = ofLayer(topology, "apps");
  const link: PictureOptions["link"] = ({ id, layer, members }) =>
    layer === "apps" || members !== undefined ? toLink(id) : undefined;
  const views = [
    formatView("overview", "", await drawSvg(whole, { link, isOpen: () => false })),
    ...(await Promise.all(
      groups.map(async ({ id, title }) =>
        formatView(id, title, await drawSvg(whole, { link, focus: id, isOpen: (group) => group === id })),
      ),
    )),
    ...(await Promise.all(
      apps.map(async ({ id, title }) =>
        formatView(id, title, await drawSvg(focusApp(topology, id), { link, focus: id })),
      ),
    )),
  ];
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeMarkup(policy)}">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${escapeMarkup(topology.stack)}: network path</title>
<style>${style}</style>
<header>
<a href="#overview">${escapeMarkup(topology.stack)}</a> <span id="place"></span>
<input id="search" type="search" placeholder="Search apps and hosts" aria-label="Search">
</header>
<main>
${views.join("\n")}
${formatFindings(findings)}
</main>
<aside>
<table>
<colgroup><col><col style="width: 42%"><col style="width: 3.6rem"><col style="width: 3.6rem"></colgroup>
<thead><tr><th>App</th><th>Routes</th><th>Calls</th><th>Called</th></tr></thead>
<tbody>
${apps.map((app) => formatRow(topology, app)).join("\n")}
</tbody>
</table>
</aside>
<script type="module">${script}</script>
</html>
`;
}

const toLink = (id: string): string => `#${encodeURIComponent(id)}`;

const formatView = (id: string, title: string, svg: string): string =>
  `<section id="${escapeMarkup(id)}" data-title="${escapeMarkup(title)}"${id === "overview" ? "" : " hidden"}>${svg}</section>`;

function formatRow(
  { nodes, edges }: Topology,
  { id, title, namespace = "", details, findings }: TopologyNode,
): string {
  const count = (ids: readonly string[]) => ids.filter((each) => !each.startsWith("routes/")).length;
  const callers = edges.filter(({ to }) => to === id).map(({ from }) => from);
  const callees = edges.filter(({ from }) => from === id).map(({ to }) => to);
  const routes = nodes.filter((node) => node.layer === "routes" && callers.includes(node.id));
  const cells = [
    `<a href="${toLink(id)}">${escapeMarkup(title)}</a><small>${escapeMarkup([namespace, ...details.slice(1)].join(", "))}</small>`,
    routes.map((route) => `<div>${escapeMarkup(route.title)}</div>`).join(""),
    String(count(callees)),
    String(count(callers)),
  ];
  return `<tr${findings.length > 0 ? ' class="broken"' : ""}>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
}

const formatFindings = (findings: readonly Finding[]): string =>
  findings.length === 0
    ? ""
    : `<ol id="findings">${findings
        .map(
          ({ code, object, problem, fix }) =>
            `<li><b>${escapeMarkup(code)}</b>: ${escapeMarkup(`${object} ${problem}`)}<br><code>${escapeMarkup(fix)}</code></li>`,
        )
        .join("\n")}</ol>`;
