import * as fs from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { isAlive, identifyProcess, type ProcessIdentity } from "../daemon/process-identity";

/** In the environment of the engine, and so of all it starts: which sandbox a process works for. */
export const engineOwnerVariable = "PLATFORM_SANDBOX_ENGINE_OF";

/** A process that an earlier engine of this sandbox left behind, or that engine itself. */
interface EngineProcess extends ProcessIdentity {
  readonly command: string;
}

/**
 * The processes of this sandbox's engines, by {@link engineOwnerVariable}: those that a killed engine left too.
 * Linux only: elsewhere a process' environment cannot be read, and the list is empty.
 */
export function findEngineProcesses(home: string): readonly EngineProcess[] {
  const mark = `${engineOwnerVariable}=${home}`;
  return pids().flatMap((pid) => {
    if (pid === process.pid || !read(`/proc/${pid}/environ`)?.split("\0").includes(mark)) return [];
    const identity = identifyProcess(pid);
    const command = read(`/proc/${pid}/cmdline`)?.split("\0").slice(0, 2).join(" ") ?? "";
    return identity ? [{ ...identity, command }] : [];
  });
}

/**
 * Waits until none of them is left. They are given `patienceSeconds` to finish what they are at, so that the state
 * is complete; then they are interrupted, and 10 seconds later killed.
 *
 * @returns how many there were.
 */
export async function endEngineProcesses(home: string, patienceSeconds = 20): Promise<number> {
  const began = Date.now();
  let most = 0;
  for (;;) {
    const left = findEngineProcesses(home).filter(isAlive);
    if (left.length === 0) return most;
    most = Math.max(most, left.length);
    const waited = (Date.now() - began) / 1000;
    // Without an engine no plugin is called again.
    const engineLives = left.some(({ command }) => /pulumi($| )/.test(command));
    if (waited > (engineLives ? patienceSeconds : 2)) {
      for (const { pid } of left) signal(pid, waited > patienceSeconds + 10 ? "SIGKILL" : "SIGTERM");
    }
    await sleep(100);
  }
}

/**
 * Watches how much memory this process, the engine and its plugins have at their peak, all together: every 250 ms
 * the peaks of the processes that run then (VmHWM of Linux) are added up, and the highest sum is kept. Since two
 * processes need not peak together this is at most too high. Outside Linux: this process alone.
 *
 * @returns megabytes so far (1 MB = 1,000,000 bytes).
 */
export function watchMemory(home: string): () => number {
  let peak = 0;
  const look = () => {
    const watched =
      process.platform === "linux" ? [process.pid, ...findEngineProcesses(home).map(({ pid }) => pid)] : [];
    peak = Math.max(
      peak,
      process.resourceUsage().maxRSS * 1024,
      watched.reduce((sum, pid) => sum + peakBytes(pid), 0),
    );
  };
  const timer = setInterval(look, 250);
  timer.unref();
  return () => {
    look();
    return Math.round(peak / 1e6);
  };
}

function peakBytes(pid: number): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`) ?? "")?.[1];
  return Number(kilobytes ?? 0) * 1024;
}

function pids(): readonly number[] {
  if (process.platform !== "linux") return [];
  return fs
    .readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

function read(file: string): string | undefined {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return undefined; // it has ended, or belongs to another user
  }
}
