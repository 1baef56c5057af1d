import { spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

import type { Report } from "./progress";
import { SandboxError } from "../sandbox-error";

/** The `go` line and the required versions of a go.mod. */
export interface GoMod {
  /** The oldest Go that will do, such as `1.26.0`. */
  readonly go: string;
  /** Module path to version. */
  readonly require: ReadonlyMap<string, string>;
}

/** Reads the go.mod in this folder. */
export function readGoMod(dir: string): GoMod {
  const text = fs.readFileSync(path.join(dir, "go.mod"), "utf8");
  const go = /^go (\S+)$/m.exec(text)?.[1];
  if (go === undefined) throw new Error(`${dir}/go.mod has no go line`);
  const lines = text.matchAll(/^(?:\t|require )(\S+) (v\S+)(?: \/\/ indirect)?$/gm);
  return { go, require: new Map(Array.from(lines, ([, module = "", version = ""]) => [module, version])) };
}

/** The pinned version of a module, such as `v1.37.2`. */
export function pinnedVersion(mod: GoMod, module: string): string {
  const version = mod.require.get(module);
  if (version === undefined) throw new Error(`no version of ${module} is pinned`);
  return version;
}

/**
 * Negative, zero or positive, as `a` is older than, equal to or newer than `b`. What follows the numbers (`rc1`,
 * `-alpha`) does not count.
 */
export function compareVersions(a: string, b: string): number {
  const numbers = (version: string) => (/\d+(\.\d+)*/.exec(version)?.[0] ?? "0").split(".").map(Number);
  const [left, right] = [numbers(a), numbers(b)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/**
 * Go must not fetch another Go by itself, and flags that somebody has set for their own modules are not meant for
 * these. GOPROXY and the like stay the user's.
 */
function environment(): NodeJS.ProcessEnv {
  return { ...process.env, GOTOOLCHAIN: "local", GOWORK: "off", GOFLAGS: "-mod=readonly", CGO_ENABLED: "0" };
}

/** Fails, with the remedy, unless a Go of at least this version is on PATH. `purpose` completes "to ...". */
export function requireGo(oldest: string, purpose: string): void {
  const short = oldest.replace(/\.0$/, "");
  const wanted = `Go ${short} or newer is needed to ${purpose}`;
  const { error, status, stdout } = spawnSync("go", ["version"], { encoding: "utf8", env: environment() });
  if (error || status !== 0) {
    throw new SandboxError(
      `${wanted}, and no go is on PATH: install it from https://go.dev/dl and try again.`,
    );
  }
  const found = /\bgo(\d\S*)/.exec(stdout)?.[1];
  // A build of Go from its development branch has no number; whoever has one knows what they do.
  if (found !== undefined && compareVersions(found, oldest) < 0) {
    throw new SandboxError(
      `${wanted}, and the go on PATH is ${found}: install a newer one from https://go.dev/dl and try again.`,
    );
  }
}

export interface GoRun {
  readonly cwd: string;
  /** Everything go prints to stderr is kept here. */
  readonly log: string;
  /** Told each line of it as it comes. */
  readonly report?: Report;
  /** Told the pid of the go command. */
  readonly started?: (pid: number) => void;
}

/** Runs go and returns what it prints to stdout. Fails with the last lines of its own output. */
export async function runGo(args: readonly string[], run: GoRun): Promise<string> {
  fs.mkdirSync(path.dirname(run.log), { recursive: true });
  fs.writeFileSync(run.log, `go ${args.join(" ")}\n`);
  const child = spawn("go", args, { cwd: run.cwd, env: environment(), stdio: ["ignore", "pipe", "pipe"] });
  if (child.pid !== undefined) run.started?.(child.pid);
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    fs.appendFileSync(run.log, text);
    run.report?.(text.trimEnd().split("\n").at(-1) ?? "");
  });
  const outcome = await new Promise<number | string>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) => resolve(code ?? `ended by ${signal ?? "a signal"}`));
  });
  if (outcome !== 0) throw new SandboxError(explain(args, outcome, `${stdout}${stderr}`, run.log));
  return stdout;
}

const unreachable =
  /dial tcp|no such host|i\/o timeout|connection re(fused|set)|TLS handshake|server misbehaving|proxyconnect|network is unreachable|reading https?:\/\/\S+: [45]\d\d|: EOF$/m;

function explain(args: readonly string[], outcome: number | string, output: string, log: string): string {
  const own = output
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("go: downloading "))
    .slice(-12)
    .map((line) => `  ${line}`);
  const what = unreachable.test(output)
    ? "Go modules could not be downloaded: the module proxy cannot be reached. Check the connection (and GOPROXY, when " +
      "you have one of your own), then try again; what has been downloaded is kept."
    : `go ${args[0] ?? ""} failed (${typeof outcome === "number" ? `exit ${outcome}` : outcome}).`;
  return [what, ...own, `The whole log: ${log}`].join("\n");
}
