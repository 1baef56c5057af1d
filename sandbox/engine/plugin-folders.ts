import * as path from "node:path";

import { SandboxError } from "../sandbox-error";
import { isExecutable } from "../tools/installed-programs";

const names = ["hcloud", "cloudflare", "kubernetes", "random", "tls"] as const;

/** Where the engine finds each provider's plugin, and which of them are the real ones. */
export interface PluginFolders {
  readonly folders: Readonly<Record<string, string>>;
  readonly real: readonly string[];
  readonly standIns: readonly string[];
}

/**
 * The stand-ins, but for those that `dir` holds the real plugin of.
 *
 * @param standIns the folder with a folder for each stand-in.
 * @param dir of `--plugins`: executables `pulumi-resource-<name>`.
 * @throws {SandboxError} `dir` has none of them.
 */
export function findPluginFolders(standIns: string, dir?: string): PluginFolders {
  const isReal = (name: string) =>
    dir !== undefined && isExecutable(path.join(dir, `pulumi-resource-${name}`));
  const real = names.filter(isReal);
  if (dir !== undefined && real.length === 0)
    throw new SandboxError(
      `--plugins ${dir}: no executable pulumi-resource-<name> is there; wanted are those of ${names.join(", ")}.`,
    );
  const folder = (name: string) =>
    dir !== undefined && isReal(name) ? path.resolve(dir) : path.join(standIns, name);
  return {
    folders: Object.fromEntries(names.map((name) => [name, folder(name)] as const)),
    real,
    standIns: names.filter((name) => !isReal(name)),
  };
}
