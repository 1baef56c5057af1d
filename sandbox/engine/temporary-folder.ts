import * as fs from "node:fs";
import * as path from "node:path";

/**
 * The TMPDIR of the engine and its plugins, below the sandbox's folder and readable by its owner only: the kubernetes
 * provider leaves kubeconfigs with all rights on the cluster there.
 */
export function temporaryFolder(home: string): string {
  const folder = path.join(home, "tmp");
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** To be called at the start and at the end of a run, when no engine runs. */
export const emptyTemporaryFolder = (home: string): void =>
  fs.rmSync(path.join(home, "tmp"), { recursive: true, force: true });
