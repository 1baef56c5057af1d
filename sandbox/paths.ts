import * as path from "node:path";

/** The repository's root, where Pulumi.yaml lies. */
export const root = path.resolve(__dirname, "..");

/** The sandbox's folder: state, logs, pid files. `PLATFORM_SANDBOX`, default `.sandbox/home`. */
export const sandboxDir = path.resolve(root, process.env.PLATFORM_SANDBOX ?? ".sandbox/home");

/** The Go tools built from tools/, shared by every sandbox of this checkout. */
export const binDir = path.join(root, ".sandbox", "bin");

/** The Helm to run. `ensureTools` sets the variable if it is not the one that the sandbox built. */
export const helmFile = (): string => process.env.PLATFORM_SANDBOX_HELM ?? path.join(binDir, "helm");

/** The charts assembled from pinned Go modules, shared likewise. */
export const chartsDir = path.join(root, ".sandbox", "charts");

export interface ClusterPorts {
  readonly apiServer: number;
  readonly etcdClient: number;
  readonly etcdPeer: number;
  readonly controllers: number;
}

/**
 * The first of the sandbox's ports on loopback. Fixed, because an address is an input of a provider: another port
 * in the next run would be a change. `PLATFORM_SANDBOX_PORT` moves it; default 16440.
 */
const firstPort = Number(process.env.PLATFORM_SANDBOX_PORT ?? 16440);

/** The emulated clouds' port. */
export const cloudsPort = firstPort;

/** The ports of one stack's cluster: each stack has a cluster of its own, as in life. */
export function clusterPorts(stack: string): ClusterPorts {
  const first = firstPort + (stack === "prod" ? 11 : 1);
  return { apiServer: first, etcdClient: first + 1, etcdPeer: first + 2, controllers: first + 3 };
}
