import * as fs from "node:fs";
import { createRequire } from "node:module";

import type { Clouds } from "./clouds/client";
import { setFaults, type Faults } from "./cluster/faults";
import type { ClusterNode } from "./cluster/nodes";
import { SandboxError } from "./sandbox-error";

const load = createRequire(__filename);

/** Tells the user a line. */
export const print = (line: string): void => void process.stdout.write(`${line}\n`);

/**
 * Starts the processes beside the engine. A failure is thrown once all starts have ended.
 *
 * @param nodes the nodes of the stack's cluster. Default: no cluster.
 * @param faults the faults of its objects.
 */
export async function startServices(
  stack: string,
  clouds: Clouds,
  nodes: readonly ClusterNode[] | undefined,
  faults: Faults,
) {
  const { ensureTools } = load("./tools/tools") as typeof import("./tools/tools");
  const { startCluster } = load("./cluster/cluster") as typeof import("./cluster/cluster");
  const { ensureCharts } = load("./tools/charts") as typeof import("./tools/charts");
  const started = withDelayNotice("Starting the emulated clouds ...", clouds.start());
  const tools = ensureTools();
  const cluster = tools.then(() =>
    nodes ? withDelayNotice(`Starting the cluster of ${stack} ...`, startCluster(stack, nodes)) : undefined,
  );
  const charts = tools.then(() => (nodes ? ensureCharts() : undefined));
  await Promise.allSettled([started, cluster, charts]);

  await started;
  const [{ pulumi }, ready, folder] = await Promise.all([tools, cluster, charts]);
  if (ready) await setFaults(ready.access, faults);
  const running =
    ready && folder !== undefined ? { kubeconfig: ready.kubeconfig, charts: folder } : undefined;
  return { tools: { pulumi }, cluster: running };
}

/** The text of `--kubeconfig`. @throws {SandboxError} it cannot be read or is no kubeconfig. */
export async function readKubeconfig(file: string): Promise<string> {
  let text: string;
  try {
    text = fs.readFileSync(file, "utf8");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new SandboxError(`--kubeconfig ${file} cannot be read: ${why}`);
  }
  // Loaded late: it is large, and most runs have no such option.
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  try {
    config.loadFromString(text);
  } catch (error) {
    const [first = ""] = String(error instanceof Error ? error.message : error).split("\n");
    throw new SandboxError(`--kubeconfig ${file} is no kubeconfig: ${first}`);
  }
  if (config.getCurrentCluster() === null)
    throw new SandboxError(`--kubeconfig ${file}: there is no cluster for its current context.`);
  return text;
}

/** The user's own tokens, clusters and Pulumi settings have no business in a sandbox. */
export function clearCredentialEnv(): void {
  for (const key of Object.keys(process.env))
    if (/^(PULUMI_|HCLOUD_|HETZNER_|CLOUDFLARE_)|^KUBECONFIG$/.test(key))
      Reflect.deleteProperty(process.env, key);
}

/** Says what is being waited for, if it takes longer than a second. */
export async function withDelayNotice<T>(what: string, work: Promise<T>): Promise<T> {
  const timer = setTimeout(() => print(what), 1000);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}
