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

/** What `npm run bump-chart` reports. */
export interface Bumped {
  /** The version before. */
  readonly before: string;
  readonly appVersion: string;
  /** The other charts with the same pin. */
  readonly sharing: readonly string[];
}

/**
 * Moves one chart to another version: the pin in components/charts.ts, the chart's values and schema, and those CRDs
 * that are kept as fixtures.
 *
 * @throws Before anything is written, when the folder is not that chart at that version, or lacks a file that is kept.
 */
export function bumpChart({ chart, version, from, crds }: Bump, targets: Targets): Bumped {
  const charts = resolveCharts();
  if (!Object.hasOwn(charts, chart))
    throw new Error(`${chart}: unknown chart, want one of ${Object.keys(charts).join(", ")}`);
  const before = charts[chart as ChartName].version;
  const at = (file: string) => path.join(from, file);
  if (!fs.existsSync(at("Chart.yaml"))) throw new Error(`${from}: has no Chart.yaml, want an unpacked chart`);
  const found = parse(fs.readFileSync(at("Chart.yaml"), "utf8")) as {
    name: string;
    version: string;
    appVersion?: string;
  };
  if (found.name !== chart || unprefixed(found.version) !== unprefixed(version))
    throw new Error(`${from}: got ${found.name} ${found.version}, want ${chart} ${version}`);

  const writes = new Map<string, unknown>();
  const add = (file: string, to: string, read: (text: string) => unknown) => {
    const fixture = path.join(targets.fixtures, "charts", chart, to);
    if (fs.existsSync(at(file))) writes.set(fixture, read(fs.readFileSync(at(file), "utf8")));
    else if (fs.existsSync(fixture))
      throw new Error(
        `${from}: has no ${file}, want the whole chart; if it has none any more, delete ${fixture}`,
      );
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

  const pins = fs.readFileSync(targets.pins, "utf8");
  const shared = findSharedPin(pins, chart);
  const start = shared === undefined ? `  "?${chart}"?: \\{` : `const ${shared} = `;
  const pin = new RegExp(`(^${start}.*?version: ")[^"]+`, "ms");
  if (!pin.test(pins)) throw new Error(`${targets.pins}: no version of ${chart} found`);
  const prefix = before.startsWith("v") ? "v" : "";

  for (const [file, value] of writes) fs.writeFileSync(file, fixtureText(value));
  fs.writeFileSync(
    targets.pins,
    pins.replace(pin, (_, head: string) => `${head}${prefix}${unprefixed(version)}`),
  );
  const sharing = Object.keys(charts).filter(
    (name) => shared !== undefined && name !== chart && findSharedPin(pins, name) === shared,
  );
  return { before, appVersion: found.appVersion ?? "", sharing };
}

const unprefixed = (version: string): string => version.replace(/^v/, "");

/** The constant in components/charts.ts with a chart's version; undefined if the chart has a version of its own. */
const findSharedPin = (pins: string, chart: string): string | undefined =>
  new RegExp(`^  "?${chart}"?: \\{[^}]*\\.{3}(\\w+)`, "m").exec(pins)?.[1];

/** A pattern for `git grep -E`: the version, or its major and minor number alone, but no other patch version. */
export function versionPattern(version: string): string {
  const [major = "", minor = "", ...patch] = unprefixed(version).split(".");
  return `(^|[^0-9.])${major}\\.${minor}(\\.${patch.join("\\.")})?($|[^0-9.]|\\.($|[^0-9]))`;
}

/** The lines of go.mod files that require the chart's project at another version than its `appVersion`. */
export const findOtherModules = (lines: readonly string[], chart: string, appVersion: string) =>
  lines.filter((line) => {
    const required = new RegExp(`/${chart}(?:/v\\d+)? v(\\S+)`).exec(line)?.[1];
    return required !== undefined && required !== unprefixed(appVersion);
  });

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
  const { before, appVersion, sharing } = bumpChart({ chart, version, from, crds }, { pins, fixtures });
  console.log(`${chart}: ${before} -> ${version}.`);
  if (sharing.length > 0) console.log(`${sharing.join(" and ")} share this pin: bump their fixtures too.`);
  const grep = (pattern: string, ...files: string[]) =>
    spawnSync("git", ["grep", "-nE", pattern, "--", ...files], { cwd: root, encoding: "utf8" }).stdout;
  const others = findOtherModules(grep(`/${chart}(/v[0-9]+)? v`, "*go.mod").split("\n"), chart, appVersion);
  if (others.length > 0) console.log(`The chart's appVersion is ${appVersion}, but:\n${others.join("\n")}`);
  const exclude = [":!package-lock.json", ":!tests/fixtures", ":!*go.sum", ":!*go.mod"];
  const places = grep(versionPattern(before), ".", ...exclude);
  console.log(
    places === "" ? `No other place names ${before}.` : `Other places that name ${before}:\n${places}`,
  );
}

if (require.main === module)
  try {
    main(process.argv.slice(2));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
