import * as fs from "node:fs";
import * as path from "node:path";

import { z } from "zod";

import { resolveCharts } from "../../components/charts";
import { assemble, modules, type ChartVersions, type ModuleDirs } from "./assemble-charts";
import { withLock } from "./build-lock";
import { pinnedVersion, readGoMod, requireGo, runGo } from "./go";
import { chartsDir, root } from "../paths";
import { withProgress } from "./progress";
import { digest, isUpToDate, writeChecksum } from "./checksum";
import { linkerdKinds, readStandInTemplates, standInCharts } from "./stand-in-charts";

/** Increase it when {@link assemble} changes its result for the same modules. */
const formatVersion = "5";

/**
 * The folder that holds one chart per name, each at the version the program pins, and the definitions of Gateway API, of
 * which there is no chart. Assembled once from the Go modules pinned in tools/charts; costs a few file reads when it is
 * there.
 *
 * @throws SandboxError when Go is missing or too old, or the module proxy cannot be reached.
 */
export function ensureCharts(): Promise<string> {
  // The run and its cluster both ask, at the same time.
  return (assembled ??= fetchCharts());
}

let assembled: Promise<string> | undefined;

async function fetchCharts(): Promise<string> {
  const source = path.join(root, "tools", "charts");
  const mod = readGoMod(source);
  const versions = chartVersions();
  const expected = digest(
    formatVersion,
    fs.readFileSync(path.join(source, "go.mod"), "utf8"),
    fs.readFileSync(path.join(source, "go.sum"), "utf8"),
    JSON.stringify([versions, linkerdKinds]),
    JSON.stringify(standInCharts.map(readStandInTemplates)),
  );
  const fresh = () => isUpToDate(path.join(chartsDir, "stamp"), expected);
  if (fresh()) return chartsDir;

  requireGo(mod.go, "fetch the charts");
  const lock = `${chartsDir}.lock`;
  await withLock(
    lock,
    async (join) => {
      if (fresh()) return;
      const wanted = Object.values(modules).map((module) => `${module}@${pinnedVersion(mod, module)}`);
      // With its version after it, a module is checked against go.sum.
      const answer = await withProgress(
        "Fetching the charts out of their Go modules. Only this once",
        (report) =>
          runGo(["mod", "download", "-json", ...wanted], {
            cwd: source,
            log: `${chartsDir}.log`,
            report,
            started: join,
          }),
      );
      const draft = `${chartsDir}.draft`;
      fs.rmSync(draft, { recursive: true, force: true });
      assemble(draft, parseDownloads(answer), versions, mod.require);
      writeChecksum(path.join(draft, "stamp"), expected);
      fs.rmSync(chartsDir, { recursive: true, force: true });
      fs.renameSync(draft, chartsDir);
    },
    () => console.log("The charts are being fetched by another run: waiting for it to end."),
  );
  return chartsDir;
}

/** A custom resource definition that no chart brings. */
export interface RegisteredDefinition {
  /** Who registers it in a cluster of the user's: Cilium's operator when it runs, or that of Prometheus. */
  readonly by: string;
  /** Its file. */
  readonly file: string;
}

/** Every definition that no chart brings. */
export function registeredDefinitions(dir = chartsDir): readonly RegisteredDefinition[] {
  const folder = path.join(dir, "registered");
  const inOrder = (of: string) => fs.readdirSync(of).sort();
  return inOrder(folder).flatMap((by) =>
    inOrder(path.join(folder, by)).map((name) => ({ by, file: path.join(folder, by, name) })),
  );
}

function chartVersions(): ChartVersions {
  const charts = resolveCharts();
  const entries = Object.entries(charts).map(([name, { version }]) => [name, version]);
  return Object.fromEntries(entries) as ChartVersions;
}

/** go prints one object after the other, not a list. */
export function parseDownloads(answer: string): ModuleDirs {
  const list = `[${answer.trim().replace(/\}\s*\n\{/g, "},{")}]`;
  const found = z.array(z.object({ Path: z.string(), Dir: z.string() })).parse(JSON.parse(list));
  return new Map(found.map(({ Path, Dir }) => [Path, Dir]));
}
