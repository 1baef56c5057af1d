// npm run bench: the program against a flat one, which registers the same resources without components.
import { execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { parseArgs } from "node:util";

import { z } from "zod";

import { root, yamlFile } from "../../tests/config";
import type { Cost } from "./cost";

const usage = "npm run bench -- [--apps 10,100,1000] [--runs 3] [--cdk8s] [--report FILE]";

/** What `--cdk8s` installs. */
const cdk8s = ["cdk8s@2.70.106", "cdk8s-plus-33@2.5.57", "constructs@10.8.1"];
const cdk8sFolder = path.join(root, ".sandbox", "bench");

/** Pulumi.yaml, of which this is read. */
const project = z.object({
  runtime: z.object({ options: z.object({ tsconfig: z.string(), nodeargs: z.string() }) }),
});
const { tsconfig, nodeargs } = project.parse(yamlFile("Pulumi.yaml")).runtime.options;

const cost = z.object({ resources: z.number(), cpu: z.number(), memory: z.number() });

type Costs<Name extends string> = Readonly<Record<Name, Cost>>;

/** Runs a program as Pulumi does: by ts-node, with the options of Pulumi.yaml. */
function run(file: string, args: readonly string[] = [], flags: readonly string[] = []): string {
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

/** Runs programs in turn, so that all meet the same moments of a busy machine, and takes the medians. */
function compare<Name extends string>(
  programs: Readonly<Record<Name, () => string>>,
  runs: number,
): Costs<Name> {
  const costs = new Map<Name, Cost[]>((Object.keys(programs) as Name[]).map((name) => [name, []]));
  for (let turn = 0; turn < runs; turn += 1)
    for (const [name, each] of costs) each.push(cost.parse(JSON.parse(programs[name]())));
  return Object.fromEntries([...costs].map(([name, each]) => [name, median(each)])) as Costs<Name>;
}

/** This program and a flat one, as people write it, and without the stack traces that the SDK reads. */
function compareApps(apps: number, runs: number, folder: string, withCdk8s: boolean) {
  const recording = path.join(folder, `${apps}.jsonl`);
  run("record.ts", [String(apps), recording]);
  const programs = {
    program: () => run("program.ts", [String(apps)], nodeargs.split(" ")),
    flat: () => run("flat.ts", [recording]),
    "flat, no traces": () => run("flat.ts", [recording], ["--stack-trace-limit=0"]),
  };
  return withCdk8s
    ? compare({ ...programs, "cdk8s-plus": () => run("cdk8s.cjs", [cdk8sFolder, String(apps)]) }, runs)
    : compare(programs, runs);
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
      cdk8s: { type: "boolean", default: false },
      report: { type: "string" },
    },
  });
  const counts = z.array(z.coerce.number().int().min(1).max(1500)).parse(values.apps.split(","));
  const runs = z.coerce.number().int().min(1).parse(values.runs);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "bench-"));
  if (values.cdk8s) {
    fs.mkdirSync(cdk8sFolder, { recursive: true });
    execFileSync("npm", [
      "install",
      "--silent",
      "--no-audit",
      "--no-fund",
      "--prefix",
      cdk8sFolder,
      ...cdk8s,
    ]);
  }
  const startup = compare(
    { program: () => run("import-program.ts"), "SDKs alone": () => run("import-sdks.ts") },
    Math.max(runs, 3),
  );
  process.stdout.write(`${formatTable("Imports", startup, "SDKs alone")}\n`);
  const byApps = counts.map((apps) => {
    const costs = compareApps(apps, runs, folder, values.cdk8s);
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
  // With fewer apps the imports, which have a table of their own, and the larger young generation count too much.
  const slow = byApps.filter(
    ({ apps, costs: { program, flat } }) =>
      apps >= 1000 && (program.cpu > flat.cpu || program.memory > flat.memory),
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
