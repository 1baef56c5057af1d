import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { z } from "zod";

import {
  deployment as deploymentOf,
  nameOf,
  readDeployment,
  type Deployment,
  type Operation,
  type Resource,
} from "./deployment";
import type { Engine } from "./engine";
import { doubtfulOperations, forgetDoubtful } from "./journal";
import { find, unblock, type Places } from "./natural-keys";
import { SandboxError } from "../sandbox-error";

/** What is to be done about operations whose outcome is unknown. */
export interface Findings {
  /** Creates that were carried out: the resource goes into the state with this id. */
  readonly adopt: readonly { readonly resource: Resource; readonly id: string }[];
  /** Resources of the state that are to be read anew. */
  readonly reread: readonly string[];
}

/**
 * Finds out, at the clouds and the API server, what became of each operation: one that the engine was at when it was
 * killed, or one whose answer was lost. Nothing is changed but half-made Helm releases and
 * tokens whose value was lost, which are taken away.
 */
export async function examine(
  operations: readonly Operation[],
  state: Deployment,
  places: Places,
): Promise<Findings> {
  const resources = state.resources ?? [];
  const adopt: { resource: Resource; id: string }[] = [];
  const reread = new Set<string>();
  for (const { type, resource } of operations) {
    const { urn } = resource;
    const known = resources.some((one) => one.urn === urn && !one.delete && !one.pendingReplacement);
    if (type === "creating") {
      const id = await find(resource, places);
      const taken = resources.some((one) => one.type === resource.type && sameId(one.id, id));
      if (id !== undefined && !taken) adopt.push({ resource, id });
      else if (known) reread.add(urn);
    } else if (known) {
      await unblock(resource, places);
      reread.add(urn);
    }
  }
  return { adopt, reread: [...reread, ...adopt.map(({ resource }) => resource.urn)] };
}

/**
 * The state with the findings in it: adopted resources in the place of those they replace, else at the end, and no
 * pending operation. Outputs are left empty: to a provider a resource without outputs is one that is imported, so the
 * refresh that follows takes the id in its import form and brings everything in.
 */
export function mended(state: Deployment, { adopt }: Findings): Deployment {
  let resources = [...(state.resources ?? [])];
  for (const { resource, id } of adopt) {
    const adopted: Resource = { ...resource, custom: true, id, outputs: {} };
    delete adopted.delete;
    const index = resources.findIndex(({ urn }) => urn === resource.urn);
    if (index < 0) resources.push(adopted);
    else {
      // What it replaces is deleted by the next run, unless that was done before.
      resources = resources
        .filter((one) => one.urn !== resource.urn || !one.pendingReplacement)
        .map((one) => (one.urn === resource.urn ? { ...one, delete: true } : one));
      resources.splice(index, 0, adopted);
    }
  }
  return { ...state, resources, pending_operations: [] };
}

/**
 * Puts right what a killed run left in a stack's state, so that the next command converges: what exists is adopted,
 * what does not is forgotten, what is in doubt is read again.
 *
 * @param say is told in one line what was done, if anything was.
 * @throws {SandboxError} the resources in doubt could not be read.
 */
export async function healState(
  engine: Engine,
  where: { readonly home: string; readonly project: string; readonly stack: string },
  places: () => Promise<Places>,
  say: (line: string) => void,
): Promise<void> {
  const { home, project, stack } = where;
  const state = readDeployment(home, project, stack);
  const pending = state?.pending_operations ?? [];
  const doubtful = doubtfulOperations(home, stack);
  if (state === undefined || pending.length + doubtful.length === 0) return;

  const found = await examine([...pending, ...doubtful], state, await places());
  say(
    `An earlier run was cut off in the middle of ${pending.length + doubtful.length} step(s): ` +
      [
        ...found.adopt.map(({ resource }) => `${nameOf(resource.urn)} was made and is taken over`),
        ...(found.reread.length > found.adopt.length
          ? [`${found.reread.length - found.adopt.length} resource(s) are read again`]
          : []),
        "what was not made is made anew",
      ].join(", ") +
      ".",
  );
  const file = path.join(home, `mended.${stack}.json`);
  const exported = exportedFile.parse(JSON.parse(await engine.cli("stack", "export")));
  const deployment = mended(exported.deployment, found);
  fs.writeFileSync(file, JSON.stringify({ ...exported, deployment }), { mode: 0o600 });
  await engine.cli("stack", "import", "--file", file);
  fs.rmSync(file);

  if (found.reread.length > 0) {
    const { succeeded } = await engine.refresh([...found.reread]);
    if (!succeeded)
      throw new SandboxError("What the earlier run left could not be read: see the errors above.");
  }
  forgetDoubtful(home, stack);
}

const exportedFile = z.looseObject({ deployment: deploymentOf });

const lockFile = z.looseObject({ pid: z.number(), hostname: z.string().optional() });

/**
 * Removes the engine's own lock of a stack when the engine that took it is gone.
 *
 * @throws {SandboxError} that engine runs: somebody works on the stack with `pulumi` itself.
 */
export function breakStaleLocks(home: string, project: string, stack: string, runs = runsPulumi): void {
  const folder = path.join(home, "state", ".pulumi", "locks", "organization", project, stack);
  if (!fs.existsSync(folder)) return;
  for (const name of fs.readdirSync(folder)) {
    const file = path.join(folder, name);
    const holder = lockFile.safeParse(tolerant(fs.readFileSync(file, "utf8")));
    if (holder.success && (holder.data.hostname ?? os.hostname()) === os.hostname() && runs(holder.data.pid))
      throw new SandboxError(
        `The stack ${stack} is in use by another pulumi (process ${holder.data.pid}): wait until it has ended.`,
      );
    fs.rmSync(file, { force: true });
  }
}

/**
 * Removes what a kill in the middle of writing a state file leaves: drafts, and attributes that are cut off. The engine
 * puts a state in place whole, but writes the attributes beside it where they are, and refuses a state beside which
 * they cannot be read. They say nothing that is not in the state.
 */
export function dropCutOffFiles(home: string): void {
  const folder = path.join(home, "state");
  if (!fs.existsSync(folder)) return;
  for (const name of fs.readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    const file = path.join(folder, name);
    const cutOff = name.endsWith(".attrs") && tolerant(fs.readFileSync(file, "utf8")) === undefined;
    if (cutOff || name.endsWith(".tmp")) fs.rmSync(file);
  }
}

function runsPulumi(pid: number): boolean {
  try {
    return /pulumi/.test(fs.readFileSync(`/proc/${pid}/cmdline`, "utf8"));
  } catch {
    if (process.platform === "linux") return false;
  }
  try {
    return process.kill(pid, 0);
  } catch {
    return false; // no such process
  }
}

/** Undefined for a file that was cut off in the middle. */
function tolerant(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Import ids say more than the state's own, e.g. `<zone>/<record>` for `<record>`. */
function sameId(inState: string | undefined, imported: string | undefined): boolean {
  if (inState === undefined || imported === undefined) return false;
  return inState === imported || imported.endsWith(`/${inState}`);
}
