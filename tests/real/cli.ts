import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

import type { EngineEvent } from "@pulumi/pulumi/automation";
import { parse, stringify } from "yaml";

import { Journal } from "../../sandbox/engine/journal";
import { passphraseFile, type Config } from "../../sandbox/engine/project";
import { changesOf } from "../../sandbox/report";
import { ensureTools } from "../../sandbox/tools/tools";
import { home, root, type Finished } from "../sandbox/start";

const project = path.join(home, "project");

/**
 * Runs the ordinary `pulumi` on the stack prod, in the project folder that `npm start` wrote.
 *
 * @param plugins the folder of the language host.
 */
export async function pulumi(plugins: string, ...args: readonly string[]): Promise<Omit<Finished, "report"> & {
  readonly changes: ReturnType<typeof changesOf>;
}> {
  const { pulumi: program } = await ensureTools();
  const events = path.join(home, "events.jsonl");
  const temporary = path.join(home, "tmp");
  fs.rmSync(events, { force: true });
  fs.mkdirSync(temporary, { recursive: true });
  const child = spawn(program, [...args, "--yes", "--non-interactive", "--stack", "prod"], {
    cwd: project,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      PATH: [plugins, path.dirname(program), process.env.PATH].join(path.delimiter),
      PULUMI_HOME: path.join(home, "pulumi"),
      PULUMI_CONFIG_PASSPHRASE_FILE: passphraseFile(home),
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      // Without it the CLI does not know --event-log.
      PULUMI_DEBUG_COMMANDS: "true",
      TMPDIR: temporary,
    },
  });
  return { code: 0, output: "", changes: changesOf({}) };
}
