import * as fs from "node:fs";
import * as path from "node:path";

import { z } from "zod";

import { isAlive, identifyProcess, processIdentity, type ProcessIdentity } from "./process-identity";

/**
 * Takes a lock file for this process. One whose holders are all gone, or whose pids are others' now, is taken over.
 *
 * @returns the holders; none when this process now has the lock.
 */
export function acquireLock(file: string): readonly ProcessIdentity[] {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  for (;;) {
    if (linkLock(file)) return [];
    const holders = readHolders(file);
    if (holders.length > 0) return holders;
    fs.rmSync(file, { force: true });
  }
}

/** Names one more process that works under the lock, so that the lock outlives a killed holder until it has ended. */
export function addLockHolder(file: string, pid: number): void {
  const draft = writeDraft(file, process.pid, pid);
  fs.renameSync(draft, file);
}

export function releaseLock(file: string): void {
  fs.rmSync(file, { force: true });
}

/** Creates the lock with its content by a link, so that no reader sees half of it. @returns false if it exists. */
function linkLock(file: string): boolean {
  const draft = writeDraft(file, process.pid);
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

function writeDraft(file: string, ...pids: readonly number[]): string {
  const draft = `${file}.${process.pid}`;
  const identities = pids.map((pid) => identifyProcess(pid)).filter((identity) => identity !== undefined);
  fs.writeFileSync(draft, JSON.stringify(identities));
  return draft;
}

function readHolders(file: string): ProcessIdentity[] {
  try {
    return z
      .array(processIdentity)
      .parse(JSON.parse(fs.readFileSync(file, "utf8")))
      .filter(isAlive);
  } catch {
    return []; // given back just now, or damaged: free in both cases
  }
}
