// npm run bench: the program against a flat one, which registers the same resources without components.
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { parseArgs } from "node:util";

import { z } from "zod";

import { root, yamlFile } from "../../tests/config";
import type { Cost } from "./cost";

const usage = "npm run bench -- [--apps 10,100,1000] [--runs 3] [--report FILE]";

/** Pulumi.yaml, of which this is read. */
const project = z.object({
  runtime: z.object({ options: z.object({ tsconfig: z.string(), nodeargs: z.string() }) }),
});
const { tsconfig, nodeargs } = project.parse(yamlFile("Pulumi.yaml")).runtime.options;

/** The programs that are compared: this one, and a flat one as people write it, and without the SDK's stack traces. */
const programs = {
  program: { file: "program.ts", takes: "apps", flags: nodeargs.split(" ") },
  flat: { file: "flat.ts", takes: "recording", flags: [] },
  "flat, no traces": { file: "flat.ts", takes: "recording", flags: ["--stack-trace-limit=0"] },
} as const;

const cost = z.object({ resources: z.number(), cpu: z.number(), memory: z.number() });

type Program = keyof typeof programs;
type Costs<Name extends string> = Readonly<Record<Name, Cost>>;

/** Runs a program as Pulumi does: by ts-node, with the options of Pulumi.yaml. */
function run(file: string, args: readonly string[], flags: readonly string[] = []): string {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...flags, "--require", "ts-node/register", path.join(__dirname, file), ...args],
    { cwd: root, encoding: "utf8", env: { ...process.env, TS_NODE_PROJECT: tsconfig } },
  );
  if (status !== 0) throw new Error(`${file} ${args.join(" ")} ended with ${status}:\n${stderr}`);
  return stdout;
}

function median(costs: readonly Cost[]): Cost {
  const middle = (key: keyof Cost) => {
    const values = costs.map((each) => each[key]).sort((a, b) => a - b);
    return values[Math.floor(values.length / 2)] ?? 0;
  };
  return { resources: middle("resources"), cpu: middle("cpu"), memory: middle("memory") };
}

/** Runs the programs in turn, so that all meet the same moments of a busy machine, and takes the medians. */
function compare<Name extends string>(
  names: readonly Name[],
  runs: number,
  start: (name: Name) => string,
): Costs<Name> {
  const costs = new Map<Name, Cost[]>(names.map((name) => [name, []]));
  for (let turn = 0; turn < runs; turn += 1)
    for (const name of names) costs.get(name)?.push(cost.parse(JSON.parse(start(name))));
  return Object.fromEntries([...costs].map(([name, each]) => [name, median(each)])) as Costs<Name>;
}

function compareApps(apps: number, runs: number, folder: string): Costs<Program> {
  const recording = path.join(folder, `${apps}.jsonl`);
  run("record.ts", [String(apps), recording]);
  return compare(Object.keys(programs) as Program[], runs, (name) => {
    const { file, takes, flags } = programs[name];
    return run(file, [takes === "apps" ? String(apps) : recording], flags);
  });
}

const fixed = (value: number, digits: number) => value.toFixed(digits).padStart(9);

function formatTable<Name extends string>(title: string, costs: Costs<Name>, base: Name): string {
  const rows = (Object.entries(costs) as [Name, Cost][]).map(([name, { cpu, memory }]) => {
    const of = costs[base];
    const ratios = `${fixed(cpu / of.cpu, 2)}${fixed(memory / of.memory, 2)}`;
    return `  ${name.padEnd(18)}${fixed(cpu, 2)}${fixed(memory, 0)}${ratios}`;
  });
  const head = ["CPU s", "MB", "CPU ×", "MB ×"].map((each) => each.padStart(9)).join("");
  return [title, `  ${"".padEnd(18)}${head}`, ...rows, ""].join("\n");
}

function main(): number {
  const { values } = parseArgs({
    options: {
      apps: { type: "string", default: "10,100,1000" },
      runs: { type: "string", default: "3" },
      report: { type: "string" },
    },
  });
  const counts = z.array(z.coerce.number().int().min(1).max(1500)).parse(values.apps.split(","));
  const runs = z.coerce.number().int().min(1).parse(values.runs);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "bench-"));
  const startup = compare(["program", "SDKs alone"], Math.max(runs, 3), (name) =>
    run(name === "program" ? "import-program.ts" : "import-sdks.ts", []),
  );
  process.stdout.write(`${formatTable("Imports", startup, "SDKs alone")}\n`);
  const byApps = counts.map((apps) => {
    const costs = compareApps(apps, runs, folder);
    const title = `${apps} apps, ${costs.program.resources} resources`;
    process.stdout.write(`${formatTable(title, costs, "flat")}\n`);
    return { apps, costs };
  });
  fs.rmSync(folder, { recursive: true });
  if (values.report !== undefined)
    fs.writeFileSync(
      values.report,
      JSON.stringify({ node: process.version, runs, startup, byApps }, null, 2),
    );
  // With fewer apps most of the time is for the imports, which have a table of their own.
  const slow = byApps.filter(
    ({ apps, costs: { program, flat } }) =>
      apps >= 100 && (program.cpu > flat.cpu || program.memory > flat.memory),
  );
  for (const { apps } of slow)
    process.stderr.write(`With ${apps} apps the program takes more than a flat one.\n`);
  return slow.length > 0 ? 1 : 0;
}

try {
  process.exitCode = main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}\n`);
  process.exitCode = 2;
}
