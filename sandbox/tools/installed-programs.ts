import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

import { compareVersions } from "./go";

/** Either a program of the user's, or why there is none; `why` completes "because ...". */
export type InstalledProgram =
  | { readonly usable: string; readonly version: string; readonly why?: undefined }
  | { readonly usable?: undefined; readonly why: string };

/** The `pulumi` on PATH, if it is not older than `oldest`. */
export const findPulumiOnPath = (oldest: string): InstalledProgram =>
  findOnPath("pulumi", ["version"], { oldest });

/** The `helm` on PATH, if it is a Helm 3 that is not older than `oldest`. Helm 4 has other options. */
export const findHelmOnPath = (oldest: string): InstalledProgram =>
  findOnPath("helm", ["version", "--short"], { oldest, before: "v4" });

/**
 * A program in the folder that `KUBEBUILDER_ASSETS` names, if it is not older than `oldest`. Undefined if the variable is
 * not set, or the folder does not have the program.
 *
 * @see https://book.kubebuilder.io/reference/envtest
 */
export function findInAssets(program: string, oldest: string): InstalledProgram | undefined {
  const folder = process.env.KUBEBUILDER_ASSETS ?? "";
  const file = path.resolve(folder, program);
  return folder !== "" && isExecutable(file) ? checkVersion(file, ["--version"], { oldest }) : undefined;
}

/** The versions of a program that the sandbox can use. */
interface Versions {
  readonly oldest: string;
  /** The oldest that it cannot use any more. Default: none. */
  readonly before?: string;
}

function findOnPath(program: string, args: readonly string[], versions: Versions): InstalledProgram {
  const dirs = (process.env.PATH ?? "").split(path.delimiter).filter((dir) => dir !== "");
  const file = dirs.map((dir) => path.resolve(dir, program)).find(isExecutable);
  return file === undefined ? { why: `there is no ${program} on PATH` } : checkVersion(file, args, versions);
}

/** Whether there is a program at this path that may be run. */
export function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false; // not there, or not to be run
  }
}

function checkVersion(file: string, args: readonly string[], { oldest, before }: Versions): InstalledProgram {
  const { stdout } = spawnSync(file, args, {
    encoding: "utf8",
    env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    timeout: 30_000,
  });
  const version = /\bv?\d+\.\d+\.\d+\S*/.exec(stdout)?.[0];
  if (version === undefined) return { why: `${file} does not print its version` };
  if (compareVersions(version, oldest) < 0) return { why: `${file} is ${version}, older than ${oldest}` };
  if (before !== undefined && compareVersions(version, before) >= 0)
    return { why: `${file} is ${version}, want a version below ${before}` };
  return { usable: file, version };
}
