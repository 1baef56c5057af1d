import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import type { ZoneLogEntry } from "../../../sandbox/clouds/client";
import { clear, clouds, stackFile, start, succeeded, type Finished, type Settings } from "../start";
import { demands, refusals, type Demand, type Refusal } from "./origin-history";
import { gaps, zoneStates, type Gap, type ZoneState } from "./zone-history";

/** The stack prod's zone. */
const zone = "example.com";
export const zoneId = "0123456789abcdef0123456789abcdef";

/** A command that was run, and what became of the zone while it ran. */
export interface Run extends Finished {
  /** When it began: milliseconds since 1970. */
  readonly began: number;
  /** The changes of the zone, oldest first. */
  readonly changes: readonly ZoneLogEntry[];
  /** Every state that the zone was in, from before the first change to after the last. */
  readonly states: readonly ZoneState[];
}

/** The stack prod in the tests' sandbox, with settings that change from run to run. */
export class World {
  #folder = "";
  #settings: Settings;

  /** @param settings laid over those of `Pulumi.prod.yaml`, key by key. */
  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** Begins with an empty sandbox, but for clouds in which the account has its zone. */
  async begin(): Promise<void> {
    await clear();
    this.#folder = fs.mkdtempSync(path.join(os.tmpdir(), "edge-"));
    await clouds.start();
    const nothing = { networks: [], servers: [] };
    await clouds.seed({ hetzner: nothing, cloudflare: { zones: [{ id: zoneId, name: zone }] } });
  }

  /** Leaves nothing behind. */
  async end(): Promise<void> {
    await clear();
    fs.rmSync(this.#folder, { recursive: true });
  }

  /** Runs a command on the stack. The `settings` stay for the runs after it. */
  async run(command: "up" | "preview" | "refresh", settings: Settings = {}): Promise<Run> {
    this.#settings = { ...this.#settings, ...settings };
    const began = Date.now();
    const before = (await clouds.zoneLog()).length;
    const saving = command === "preview" ? [] : ["--save-at-end"];
    const finished = await start(command, "--stack", "prod", "--stack-file", this.#file(), ...saving);
    const log = await clouds.zoneLog();
    return { ...finished, began, changes: log.slice(before), states: zoneStates(log).slice(before) };
  }

  /** An `up` that must succeed. */
  up(settings: Settings = {}): Promise<Run> {
    return succeeded(this.run("up", settings));
  }

  /** A `destroy` that must succeed. */
  destroy(): Promise<Finished> {
    const options = ["--unprotect", "--save-at-end"];
    return succeeded(start("destroy", "--stack", "prod", "--stack-file", this.#file(), ...options));
  }

  #file(): string {
    const file = path.join(this.#folder, "Pulumi.prod.yaml");
    fs.writeFileSync(file, stackFile("prod", this.#settings));
    return file;
  }
}

/** The moments in which a name did not resolve that resolves before the run and after it. */
export const gapsIn = ({ states }: Run): readonly Gap[] => gaps(states, zone);

/** The moments of a run in which the ingress turned the edge away. */
export async function refusalsIn({ began }: Run): Promise<readonly Refusal[]> {
  const all = refusals(zoneStates(await clouds.zoneLog()), demands("prod"));
  return all.filter(({ at }) => at >= began);
}

/** The ingress' client certificate requirements since the start of a run. */
export function demandsIn({ began }: Run): readonly Demand[] {
  return demands("prod").filter(({ at }) => at >= began);
}
