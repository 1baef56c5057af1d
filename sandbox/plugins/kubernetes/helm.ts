import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

import { helmFile, sandboxDir } from "../../paths";
import { connect, isKubeconfigText, UnreachableError, type Connection } from "./connection";
import { record, text } from "./values";

/** A cluster for Helm. */
export interface HelmTarget {
  /** Its text or its path. */
  readonly kubeconfig: string;
}

/** Helm failed; the message is its error output. */
export class HelmError extends Error {}

/**
 * The state of a release. "pending" is one that an install, upgrade or uninstall began and did not end, "failed" one
 * whose last attempt did not succeed.
 */
type ReleaseStatus = "absent" | "deployed" | "pending" | "failed";

const running = new Set<() => void>();

// A plugin whose engine was killed ends too; a Helm left behind would go on while the next run begins.
process.once("exit", () => running.forEach((end) => end()));

const home = path.join(sandboxDir, "helm");

/** Helm's own files go to the sandbox, and settings of the user's shell stay out. */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([key]) => !/^(HELM_|KUBE)/.test(key));
  return {
    ...Object.fromEntries(kept),
    HELM_CACHE_HOME: path.join(home, "cache"),
    HELM_CONFIG_HOME: path.join(home, "config"),
    HELM_DATA_HOME: path.join(home, "data"),
  };
}

/** Milliseconds between two requests to the API server, and how many in a row may fail. */
const pollMs = 1500;
const maxMisses = 3;

/** Calls `lost` when the API server is gone, which Helm itself notices only after a minute. @returns ends the watch. */
function watch(target: HelmTarget, lost: (error: UnreachableError) => void): () => void {
  let connection: Promise<Connection> | undefined;
  let missed = 0;
  const look = async (): Promise<void> => {
    try {
      connection ??= connect(target.kubeconfig);
      await (await connection).send({ method: "GET", path: "/version" });
      missed = 0;
    } catch (error) {
      missed += 1;
      if (error instanceof UnreachableError && missed === maxMisses) lost(error);
    }
  };
  const timer = setInterval(() => void look(), pollMs);
  return () => clearInterval(timer);
}

function start(target: HelmTarget, args: readonly string[], input: string): Promise<string> {
  const binary = helmFile();
  if (!fs.existsSync(binary)) throw new HelmError(`there is no helm at ${binary}: npm start builds it`);
  return new Promise((resolve, reject) => {
    const child = spawn(binary, args, { env: environment(), stdio: ["pipe", "pipe", "pipe"] });
    const end = () => void child.kill("SIGTERM");
    running.add(end);
    const unwatch = watch(target, (error) => {
      child.kill("SIGKILL");
      reject(new HelmError(error.message));
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
    child.on("error", (error) => {
      unwatch();
      reject(new HelmError(`${binary} does not start: ${error.message}`));
    });
    child.on("close", (code) => {
      running.delete(end);
      unwatch();
      const said = Buffer.concat(err).toString("utf8").trim();
      if (code === 0) resolve(Buffer.concat(out).toString("utf8"));
      else reject(new HelmError(said.replace(/^Error: /gm, "") || `helm ended with ${code ?? "a signal"}`));
    });
    // Helm may end without having read it; "close" reports that.
    child.stdin.on("error", () => child.stdin.destroy());
    child.stdin.end(input);
  });
}

/**
 * Runs the sandbox's Helm and gives what it printed. Values go in by `input` (`--values -`), never through a file or
 * the process list. @throws {HelmError} with Helm's error output.
 */
export async function helm(target: HelmTarget, args: readonly string[], input = ""): Promise<string> {
  if (!isKubeconfigText(target.kubeconfig))
    return start(target, [...args, "--kubeconfig", target.kubeconfig], input);
  fs.mkdirSync(home, { recursive: true, mode: 0o700 });
  const folder = fs.mkdtempSync(path.join(home, "kubeconfig-"));
  try {
    const file = path.join(folder, "kubeconfig");
    fs.writeFileSync(file, target.kubeconfig, { mode: 0o600 });
    return await start(target, [...args, "--kubeconfig", file], input);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Metadata of a release's newest revision. */
export interface ReleaseInfo {
  readonly name: string;
  readonly namespace: string;
  readonly revision: number;
  /** Helm's status, such as `deployed` or `pending-upgrade`. */
  readonly status: string;
  readonly chart: string;
  readonly version: string;
  readonly appVersion: string;
}

/** Undefined if there is no such release. */
export async function findRelease(
  target: HelmTarget,
  namespace: string,
  name: string,
): Promise<ReleaseInfo | undefined> {
  try {
    const args = ["get", "metadata", name, "--namespace", namespace, "--output", "json"];
    const facts = record(JSON.parse(await helm(target, args)));
    const say = (key: string): string => text(facts[key]) ?? "";
    return {
      name,
      namespace,
      revision: Number(facts.revision),
      status: say("status"),
      chart: say("chart"),
      version: say("version"),
      appVersion: say("appVersion"),
    };
  } catch (error) {
    if (error instanceof HelmError && error.message.includes("not found")) return undefined;
    throw error;
  }
}

/** The state for Helm's status. */
export function toReleaseStatus(status: string | undefined): ReleaseStatus {
  if (status === undefined || status === "uninstalled") return "absent";
  if (status === "deployed") return "deployed";
  return status.startsWith("pending-") || status === "uninstalling" ? "pending" : "failed";
}
