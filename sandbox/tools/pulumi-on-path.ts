import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

import { z } from "zod";

import { compareVersions } from "./go";

/** Either a path, or why there is none; `why` completes "because ...". */
export type PulumiOnPath =
  | { readonly usable: string; readonly why?: undefined }
  | { readonly usable?: undefined; readonly why: string };

const remembered = z.object({ file: z.string(), version: z.string() });

/**
 * The `pulumi` on PATH, if it is not older than `oldest`. Its version is asked once and remembered in `cacheDir` for as
 * long as the file stays as it is, because the answer takes a good part of a second.
 */
export function findPulumiOnPath(oldest: string, cacheDir: string): PulumiOnPath {
  const file = findOnPath("pulumi");
  if (file === undefined) return { why: "there is no pulumi on PATH" };
  const version = readVersion(file, path.join(cacheDir, "pulumi-on-path.json"));
  if (version === undefined) return { why: `${file} does not tell its version` };
  if (compareVersions(version, oldest) < 0) return { why: `${file} is ${version}, older than ${oldest}` };
  return { usable: file };
}

function findOnPath(program: string): string | undefined {
  const dirs = (process.env.PATH ?? "").split(path.delimiter).filter((dir) => dir !== "");
  return dirs.map((dir) => path.resolve(dir, program)).find(executable);
}

function executable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false; // not there, or not ours to run
  }
}

function readVersion(file: string, cache: string): string | undefined {
  const real = fs.realpathSync(file);
  const { mtimeMs, size } = fs.statSync(real);
  const identity = `${real} ${mtimeMs} ${size}`;
  const known = fs.existsSync(cache) ? readRemembered(cache) : undefined;
  if (known?.file === identity) return known.version;

  const { stdout } = spawnSync(file, ["version"], {
    encoding: "utf8",
    env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    timeout: 30_000,
  });
  const version = /^v?\d+\.\d+\.\d+\S*/m.exec(stdout)?.[0];
  if (version === undefined) return undefined;
  fs.mkdirSync(path.dirname(cache), { recursive: true });
  fs.writeFileSync(cache, JSON.stringify({ file: identity, version }));
  return version;
}

function readRemembered(cache: string): z.infer<typeof remembered> | undefined {
  try {
    return remembered.safeParse(JSON.parse(fs.readFileSync(cache, "utf8"))).data;
  } catch {
    return undefined; // cut off in the middle
  }
}
