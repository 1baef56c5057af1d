import { spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as path from "node:path";

import type { EngineEvent } from "@pulumi/pulumi/automation";

import { passphraseFile } from "../../sandbox/engine/project";
import { StepCounts } from "../../sandbox/engine/step-counts";
import { countChanges } from "../../sandbox/report";
import { binDir } from "../../sandbox/paths";
import { home } from "../sandbox/start";
import type { Ran } from "./table";

/** The project folder that `npm start` writes for the engine. */
export const projectFolder = path.join(home, "project");

/**
 * Runs the ordinary Pulumi CLI on the stack prod of {@link projectFolder}, without questions.
 *
 * @param plugins the folder of `pulumi-language-nodejs`; the folders of the providers are in Pulumi.yaml.
 * @param args the command and its options, such as `["destroy", "--skip-preview"]`.
 */
export async function pulumi(
  plugins: string,
  args: readonly string[],
): Promise<Ran & { readonly output: string }> {
  const events = path.join(home, "events.jsonl");
  // The Kubernetes provider leaves kubeconfigs there.
  const temporary = path.join(home, "tmp");
  fs.rmSync(events, { force: true });
  fs.mkdirSync(temporary, { recursive: true });
  const log = args[0] === "state" ? [] : ["--event-log", events];
  const all = [...args, "--yes", "--non-interactive", "--stack", "prod", ...log];
  // Not spawnSync: meanwhile the emulated clouds close this process' idle connections, and it must take notice.
  const child = spawn(path.join(binDir, "pulumi"), all, {
    cwd: projectFolder,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      PATH: [plugins, process.env.PATH].join(path.delimiter),
      TMPDIR: temporary,
      PULUMI_HOME: path.join(home, "pulumi"),
      PULUMI_CONFIG_PASSPHRASE_FILE: passphraseFile(home),
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      // Makes --event-log known.
      PULUMI_DEBUG_COMMANDS: "true",
    },
  });
  let output = "";
  const take = (chunk: Buffer) => (output += chunk.toString());
  child.stdout.on("data", take);
  child.stderr.on("data", take);
  const [code] = (await once(child, "close")) as [number | null];
  const lines = fs.existsSync(events) ? fs.readFileSync(events, "utf8").split("\n").filter(Boolean) : [];
  return { code, output, changes: countSteps(lines) };
}

/** A line of the event log. The library's type lacks the flag of events of the preview before the command. */
interface Logged extends EngineEvent {
  readonly resOutputsEvent?: EngineEvent["resOutputsEvent"] & { readonly planning?: boolean };
  readonly summaryEvent?: EngineEvent["summaryEvent"] & { readonly isPreview?: boolean };
}

/** The steps of the command, without the preview before it. @param lines of the engine's event log. */
export function countSteps(lines: readonly string[]): Ran["changes"] {
  const steps = new StepCounts();
  for (const line of lines) {
    const event = JSON.parse(line) as Logged;
    if (!event.resOutputsEvent?.planning && !event.summaryEvent?.isPreview) steps.add(event);
  }
  return countChanges(steps.counts);
}
