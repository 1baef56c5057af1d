import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";

import { readStack, UserError } from "../stack/read-stack";
import { addFindings, parseFindings } from "./findings";
import { formatPage } from "./page";
import { formatMermaid } from "./mermaid";
import { readTopology } from "./read-topology";
import { drawSvgFile } from "./svg";
import { formatText } from "./text";
import { overview } from "./views";

const usage = `npm run topology -- [options]
Shows the path of a stack as deployed, from its state: text, or the files that are named.

  --stack NAME    the stack; default: dev
  --html FILE     a page with search, a picture of each app's path and a table of the apps
  --svg FILE      a picture
  --mermaid FILE  a Mermaid flowchart
  --doctor FILE   the output of npm run doctor -- --json, whose findings are marked in red`;

/** Runs the command. @throws {UserError} */
async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      stack: { type: "string", default: "dev" },
      html: { type: "string" },
      svg: { type: "string" },
      mermaid: { type: "string" },
      doctor: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  const { stack, html, svg, mermaid, doctor } = values;
  const findings = doctor === undefined ? [] : parseFindings(readText(doctor), stack);
  const topology = addFindings(readTopology(await readStack(stack)), findings);
  if (html !== undefined) writeFileSync(html, await formatPage(topology, findings));
  if (svg !== undefined) writeFileSync(svg, await drawSvgFile(overview(topology)));
  if (mermaid !== undefined) writeFileSync(mermaid, formatMermaid(topology));
  if (html === undefined && svg === undefined && mermaid === undefined) console.log(formatText(topology));
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UserError(`--doctor: got ${file}, want a file that can be read: ${String(error)}`);
  }
}

const isUsageError = (error: unknown): error is Error =>
  error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");

run(process.argv.slice(2)).catch((error: unknown) => {
  if (!(error instanceof UserError) && !isUsageError(error)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
});
