import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { z } from "zod";

import { SandboxError } from "../sandbox-error";

const lockFile = z.looseObject({ pid: z.number(), hostname: z.string().optional() });

/**
 * Deletes the lock files of a stack whose engine was killed. With a state in files `pulumi cancel` does just that,
 * without a check of the process.
 *
 * @throws {SandboxError} The process that took a lock runs: the `pulumi` of the user.
 * @see https://github.com/pulumi/pulumi/blob/v3.259.0/pkg/backend/diy/backend.go#L1684
 */
export function deleteStaleLocks(home: string, project: string, stack: string, isRunning = isPulumi): void {
  const folder = path.join(home, "state", ".pulumi", "locks", "organization", project, stack);
  if (!fs.existsSync(folder)) return;
  for (const name of fs.readdirSync(folder)) {
    const file = path.join(folder, name);
    const { pid, hostname = os.hostname() } = readLock(file) ?? {};
    if (pid !== undefined && hostname === os.hostname() && isRunning(pid))
      throw new SandboxError(
        `The stack ${stack} is in use by another pulumi (process ${pid}): wait until it has ended.`,
      );
    fs.rmSync(file, { force: true });
  }
}

/** A lock file's content; undefined if the kill left it incomplete. */
function readLock(file: string): z.infer<typeof lockFile> | undefined {
  try {
    return lockFile.parse(JSON.parse(fs.readFileSync(file, "utf8")));
  } catch {
    return undefined;
  }
}

function isPulumi(pid: number): boolean {
  try {
    if (process.platform === "linux")
      return fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("pulumi");
    return process.kill(pid, 0);
  } catch {
    return false; // no such process
  }
}
