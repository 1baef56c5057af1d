import * as path from "node:path";

import { releaseLock, acquireLock } from "./daemon/lock";
import { SandboxError } from "./sandbox-error";

/**
 * Takes the sandbox for this process: two commands in one sandbox would race for its state.
 *
 * @returns gives it back.
 * @throws {SandboxError} another command runs in it.
 */
export function lockSandbox(home: string): () => void {
  const file = path.join(home, "run.lock");
  const [holder] = acquireLock(file);
  if (holder)
    throw new SandboxError(
      `Another "npm start" is at work in this sandbox (process ${holder.pid}): wait until it has ended, ` +
        `or use a sandbox of its own with PLATFORM_SANDBOX=<folder> PLATFORM_SANDBOX_PORT=<first port>.`,
    );
  return () => releaseLock(file);
}
