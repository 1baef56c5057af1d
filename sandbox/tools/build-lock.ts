import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { z } from "zod";

import { alive, identify, processIdentity } from "../daemon/process-identity";

/** Names one more process that works under the lock, so that the lock outlives a killed holder until it has ended. */
export type Join = (pid: number) => void;

/**
 * Runs `work` while no other process does, in this checkout: two builds at once take twice the memory and end no
 * sooner. `waiting` is called once when another one has to end first. A holder that was killed holds nothing.
 */
export async function withLock<T>(
  file: string,
  work: (join: Join) => Promise<T>,
  waiting: () => void,
): Promise<T> {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  for (let tries = 0; !tryLock(file); tries++) {
    if (tries === 0) waiting();
    await sleep(250);
  }
  try {
    return await work((pid) => extend(file, pid));
  } finally {
    fs.rmSync(file, { force: true });
  }
}

/** Linked into place with its content, so that nobody ever reads half of it. */
function tryLock(file: string): boolean {
  if (fs.existsSync(file) && !held(file)) fs.rmSync(file, { force: true });
  const draft = `${file}.${process.pid}`;
  fs.writeFileSync(draft, holders(process.pid));
  try {
    fs.linkSync(draft, file);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  } finally {
    fs.rmSync(draft, { force: true });
  }
}

function extend(file: string, pid: number): void {
  const draft = `${file}.${process.pid}`;
  fs.writeFileSync(draft, holders(process.pid, pid));
  fs.renameSync(draft, file);
}

function holders(...pids: readonly number[]): string {
  return JSON.stringify(pids.map((pid) => identify(pid)).filter((identity) => identity !== undefined));
}

function held(file: string): boolean {
  try {
    return z
      .array(processIdentity)
      .parse(JSON.parse(fs.readFileSync(file, "utf8")))
      .some(alive);
  } catch {
    return false; // released just now
  }
}
