import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

import { compareVersions } from "./go";

/** Either a path, or why there is none; `why` completes "because ...". */
export type PulumiOnPath =
  | { readonly usable: string; readonly why?: undefined }
  | { readonly usable?: undefined; readonly why: string };

/** The `pulumi` on PATH, if it is not older than `oldest`. */
export function findPulumiOnPath(oldest: string): PulumiOnPath {
  const file = findOnPath("pulumi");
  if (file === undefined) return { why: "there is no pulumi on PATH" };
  const version = readVersion(file);
  if (version === undefined) return { why: `${file} does not tell its version` };
  if (compareVersions(version, oldest) < 0) return { why: `${file} is ${version}, older than ${oldest}` };
  return { usable: file };
}

function findOnPath(program: string): string | undefined {
  const dirs = (process.env.PATH ?? "").split(path.delimiter).filter((dir) => dir !== "");
  return dirs.map((dir) => path.resolve(dir, program)).find(isExecutable);
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

function readVersion(file: string): string | undefined {
  const { stdout } = spawnSync(file, ["version"], {
    encoding: "utf8",
    env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    timeout: 30_000,
  });
  return /^v?\d+\.\d+\.\d+\S*/m.exec(stdout)?.[0];
}
