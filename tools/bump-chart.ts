import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { parseArgs } from "node:util";

import { parse, parseAllDocuments } from "yaml";

import { resolveCharts, type ChartName } from "../components/charts";
import { fixtureText, withoutProse } from "../tests/fixtures/trim";
import { crdFolders, fixtures } from "../tests/fixtures/upstream";

const usage = "npm run bump-chart -- CHART VERSION --from FOLDER [--crds FOLDER]";

/** What `npm run bump-chart` is asked to do. */
export interface Bump {
  readonly chart: string;
  readonly version: string;
  /** The unpacked chart of that version, with its Chart.yaml. */
  readonly from: string;
  /** A folder of CRD files, for a chart without a folder `crds`. */
  readonly crds?: string | undefined;
}

/** Where the pin and the fixtures are. */
export interface Targets {
  readonly pins: string;
  readonly fixtures: string;
}

/**
 * Moves one chart to another version: the pin in components/charts.ts, the chart's values and schema, and those CRDs
 * that are kept as fixtures.
 *
 * @returns The version before.
 * @throws Before anything is written, when the folder is not that chart at that version, or lacks a CRD that is kept.
 */
export function bumpChart({ chart, version, from, crds }: Bump, targets: Targets): string {
  const charts = resolveCharts();
  if (!Object.hasOwn(charts, chart))
    throw new Error(`${chart}: unknown chart, want one of ${Object.keys(charts).join(", ")}`);
  const before = charts[chart as ChartName].version;
  const at = (file: string) => path.join(from, file);
  if (!fs.existsSync(at("Chart.yaml"))) throw new Error(`${from}: has no Chart.yaml, want an unpacked chart`);
  const found = parse(fs.readFileSync(at("Chart.yaml"), "utf8")) as { name: string; version: string };
  if (found.name !== chart || found.version.replace(/^v/, "") !== version.replace(/^v/, ""))
    throw new Error(`${from}: got ${found.name} ${found.version}, want ${chart} ${version}`);

  const writes = new Map<string, unknown>();
  const add = (file: string, to: string, read: (text: string) => unknown) => {
    if (fs.existsSync(at(file)))
      writes.set(path.join(targets.fixtures, "charts", chart, to), read(fs.readFileSync(at(file), "utf8")));
  };
  add("values.yaml", "values.json", parse);
  add("values-ha.yaml", "values-ha.json", parse);
  add("values.schema.json", "values.schema.json", (text) => withoutProse(JSON.parse(text)));

  const project = crdFolders[chart];
  if (project !== undefined) {
    const offered = readCrds(crds ?? at("crds"));
    for (const file of fs.readdirSync(path.join(targets.fixtures, "crds", project))) {
      const name = file.replace(/\.json$/, "");
      if (!offered.has(name))
        throw new Error(`${name}: not in ${crds ?? at("crds")}, want the CRDs of ${version}: --crds FOLDER`);
      writes.set(path.join(targets.fixtures, "crds", project, file), offered.get(name));
    }
  }

  for (const [file, value] of writes) fs.writeFileSync(file, fixtureText(value));
  const pins = fs.readFileSync(targets.pins, "utf8");
  fs.writeFileSync(targets.pins, pins.replaceAll(`version: "${before}"`, `version: "${version}"`));
  return before;
}

/** The CRDs in a folder's YAML files, by name, without descriptions. */
function readCrds(folder: string): ReadonlyMap<string, unknown> {
  if (!fs.existsSync(folder)) return new Map();
  const files = fs.readdirSync(folder).filter((file) => /\.ya?ml$/.test(file));
  const documents = files.flatMap((file) =>
    parseAllDocuments(fs.readFileSync(path.join(folder, file), "utf8")),
  );
  return new Map(
    documents
      .map((each) => each.toJS() as { kind?: string; metadata: { name: string } } | null)
      .filter((each) => each?.kind === "CustomResourceDefinition")
      .map((each) => [each?.metadata.name ?? "", withoutProse(each)]),
  );
}

function main(args: readonly string[]): void {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { from: { type: "string" }, crds: { type: "string" } },
  });
  const [chart, version, ...rest] = positionals;
  const { from, crds } = values;
  if (chart === undefined || version === undefined || from === undefined || rest.length > 0)
    throw new Error(`usage: ${usage}`);

  const root = path.resolve(__dirname, "..");
  const pins = path.join(root, "components", "charts.ts");
  const before = bumpChart({ chart, version, from, crds }, { pins, fixtures });
  console.log(
    `${chart}: ${before} -> ${version}. Charts of one project share a pin: bump their fixtures too.`,
  );
  const unprefixed = before.replace(/^v/, "");
  const grep = [
    "grep",
    "-nF",
    "-e",
    unprefixed,
    "--",
    ".",
    ":!package-lock.json",
    ":!tests/fixtures",
    ":!*go.sum",
  ];
  const { stdout } = spawnSync("git", grep, { cwd: root, encoding: "utf8" });
  console.log(
    stdout === "" ? `No other place names ${before}.` : `Other places that name ${before}:\n${stdout}`,
  );
}

if (require.main === module)
  try {
    main(process.argv.slice(2));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
