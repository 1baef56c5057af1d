import * as fs from "node:fs";
import * as path from "node:path";

import { alive, identify, processIdentity, type ProcessIdentity } from "./daemon/process-identity";
import { SandboxError } from "./sandbox-error";

/**
 * Takes the sandbox for this process: two commands in one sandbox would race for its state. The lock of a process
 * that is gone, or of another one that was given its pid since, is taken over.
 *
 * @returns gives it back.
 * @throws {SandboxError} another command runs in it.
 */
export function takeSandbox(home: string): () => void {
  const file = path.join(home, "run.lock");
  fs.mkdirSync(home, { recursive: true });
  const self = identify(process.pid);
  for (let tries = 0; !written(file, self); tries++) {
    const holder = holderOf(file);
    if (holder && (alive(holder) || tries > 5))
      throw new SandboxError(
        `Another "npm start" is at work in this sandbox (process ${holder.pid}): wait until it has ended, ` +
          `or use a sandbox of its own with PLATFORM_SANDBOX=<folder> PLATFORM_SANDBOX_PORT=<first port>.`,
      );
    fs.rmSync(file, { force: true });
  }
  return () => fs.rmSync(file, { force: true });
}

/** Written beside and then linked, so that a lock is never seen empty. False when there is one already. */
function written(file: string, self: ProcessIdentity | undefined): boolean {
  const draft = `${file}.${process.pid}`;
  fs.writeFileSync(draft, JSON.stringify(self ?? { pid: process.pid, started: "" }));
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

function holderOf(file: string): ProcessIdentity | undefined {
  try {
    const holder = processIdentity.safeParse(JSON.parse(fs.readFileSync(file, "utf8")));
    return holder.success ? holder.data : undefined;
  } catch {
    return undefined; // given back just now, or damaged: free in both cases
  }
}
