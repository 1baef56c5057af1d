import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as net from "node:net";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { z } from "zod";

import { cloudsPort, sandboxDir } from "../paths";
import { isAlive, identifyProcess, processIdentity, type ProcessIdentity } from "./process-identity";
import { SandboxError } from "../sandbox-error";
import { digest } from "../tools/checksum";

/** A program that outlives the command that started it. */
export interface DaemonSpec {
  /** Names its pid file and its log, such as `etcd-dev`. Letters, digits, dots and dashes. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Where the output of a daemon goes. The log of the start before it is kept beside, as `.previous.log`. */
export function logFile(name: string, home = sandboxDir): string {
  return path.join(home, "logs", `${name}.log`);
}

/** Whether the daemon of this name runs. Never mistakes another process that was given its pid for it. */
export function isRunning(name: string, home = sandboxDir): boolean {
  return readPidFile(name, home) !== undefined;
}

/** Whether it runs by this very command, arguments, environment and build of the program; after a change it has to start anew. */
export function isRunningAs(spec: DaemonSpec, home = sandboxDir): boolean {
  return readPidFile(spec.name, home)?.fingerprint === fingerprint(spec);
}

/** The pid of the running daemon of this name. */
export function pidOf(name: string, home = sandboxDir): number | undefined {
  return readPidFile(name, home)?.pid;
}

/** Starts it detached, its output to {@link logFile}. Does nothing when it runs already. */
export function start(spec: DaemonSpec, home = sandboxDir): void {
  if (isRunning(spec.name, home)) return;
  const log = logFile(spec.name, home);
  fs.mkdirSync(path.dirname(log), { recursive: true });
  fs.mkdirSync(path.dirname(pidFile(spec.name, home)), { recursive: true });
  if (fs.existsSync(log)) fs.renameSync(log, log.replace(/\.log$/, ".previous.log"));

  const output = fs.openSync(log, "a", 0o600);
  try {
    const child = spawn(spec.command, spec.args, {
      cwd: home,
      env: { ...process.env, ...spec.env },
      detached: true,
      stdio: ["ignore", output, output],
    });
    child.on("error", (error) => fs.appendFileSync(log, `${error.message}\n`));
    child.unref();
    const identity = child.pid === undefined ? undefined : identifyProcess(child.pid);
    if (identity)
      fs.writeFileSync(
        pidFile(spec.name, home),
        JSON.stringify({ ...identity, fingerprint: fingerprint(spec) }),
      );
  } finally {
    fs.closeSync(output);
  }
}

/**
 * Ends it: SIGTERM, and SIGKILL when it is still there after `graceSeconds` (default 10). Does nothing when it does
 * not run. Resolves when it is gone.
 */
export async function stop(name: string, graceSeconds = 10, home = sandboxDir): Promise<void> {
  const identity = readPidFile(name, home);
  if (
    identity &&
    !(await terminate(identity, "SIGTERM", graceSeconds)) &&
    !(await terminate(identity, "SIGKILL", 10))
  ) {
    throw new SandboxError(`${name} (process ${identity.pid}) does not end, not even when it is killed.`);
  }
  fs.rmSync(pidFile(name, home), { force: true });
}

/**
 * Waits until `probe` answers true, asking every 50 ms. A probe that rejects counts as "not yet".
 * Fails, with the last lines of its log, when the daemon ends before that or takes longer than `seconds`.
 */
export async function waitUntilHealthy(
  name: string,
  probe: () => Promise<boolean>,
  seconds = 60,
  home = sandboxDir,
): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    if (await probe().catch(() => false)) return;
    if (!isRunning(name, home))
      throw new SandboxError(withLog(`${name} ended while it was starting.`, name, home));
    if (Date.now() > deadline) {
      throw new SandboxError(withLog(`${name} was not ready within ${seconds} seconds.`, name, home));
    }
    await sleep(50);
  }
}

/** Throws if another program listens on this port of 127.0.0.1. @param what the program that needs it. */
export async function assertPortFree(port: number, what: string): Promise<void> {
  const code = await listenOnce(port);
  if (code === undefined) return;
  const reason = code === "EADDRINUSE" ? "is in use by another program" : `cannot be used (${code})`;
  throw new SandboxError(
    `Port ${port} ${reason} (needed for ${what}): end it, or choose other ports with ` +
      `PLATFORM_SANDBOX_PORT=${cloudsPort + 1000} npm start`,
  );
}

function listenOnce(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

function pidFile(name: string, home: string): string {
  return path.join(home, "run", `${name}.json`);
}

/** Without a fingerprint the daemon of an older version: it is replaced. */
const record = processIdentity.extend({ fingerprint: z.string().optional() });

/** The daemon's pid file; undefined unless the daemon runs. */
function readPidFile(name: string, home: string): z.infer<typeof record> | undefined {
  const file = pidFile(name, home);
  if (!fs.existsSync(file)) return undefined;
  const { data } = record.safeParse(parsed(fs.readFileSync(file, "utf8")));
  return data && isAlive(data) ? data : undefined;
}

function fingerprint({ command, args, env = {} }: DaemonSpec): string {
  const program = fs.statSync(command, { throwIfNoEntry: false });
  return digest(command, String(program?.mtimeMs), JSON.stringify(env), ...args);
}

/** Undefined for a file that was cut off in the middle. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function terminate(
  identity: ProcessIdentity,
  signal: NodeJS.Signals,
  seconds: number,
): Promise<boolean> {
  try {
    process.kill(identity.pid, signal);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
  const deadline = Date.now() + seconds * 1000;
  while (isAlive(identity)) {
    if (Date.now() > deadline) return false;
    await sleep(25);
  }
  return true;
}

function withLog(message: string, name: string, home: string): string {
  const file = logFile(name, home);
  const lines = fs.existsSync(file) ? fs.readFileSync(file, "utf8").trimEnd().split("\n").slice(-12) : [];
  return [message, ...lines.map((line) => `  ${line}`), `The whole log: ${file}`].join("\n");
}
