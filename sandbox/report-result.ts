import { createRequire } from "node:module";
import { setTimeout } from "node:timers/promises";

import type { Clouds } from "./clouds/client";
import { listStacks, readOutputs, readDeployment } from "./engine/deployment";
import { connectKubeApi } from "./cluster/kube-api";
import { findCloudOrphans, findClusterOrphans, formatOrphans } from "./orphans";
import type { Invocation } from "./invocation";
import { sandboxDir as home } from "./paths";
import { summarize } from "./summary";
import { print } from "./services";

const load = createRequire(__filename);

/**
 * Prints the result of a successful command: the summary of an up, the orphans of a destroy, or that a preview changed nothing.
 *
 * @returns the exit code: 1 when DNS does not lead to the load balancer, or a destroy left something.
 */
export async function reportResult(wanted: Invocation, clouds: Clouds, project: string): Promise<number> {
  const { command, stack } = wanted;
  if (command === "preview") print("\nNothing was changed.");
  if (command === "up") {
    const state = readDeployment(home, project, stack);
    const inventory = await clouds.inventory();
    const color = process.stdout.isTTY;
    const { text, isSound } = summarize({ outputs: readOutputs(state), inventory, state, color });
    print(`\n${text}`);
    return isSound ? 0 : 1;
  }
  if (command !== "destroy") return 0;

  const others = listStacks(home, project).filter((name) => name !== stack);
  const states = others.map((name) => readDeployment(home, project, name));
  const inClouds = findCloudOrphans(await clouds.inventory(), states);
  const inCluster = wanted.kubeconfig === undefined ? await searchCluster(stack) : undefined;
  const { text, clean } = formatOrphans(stack, inClouds, inCluster);
  print(`\n${text}`);
  return clean ? 0 : 1;
}

/** Searches the cluster, for up to a minute as long as objects in it are being deleted: Helm does not wait for them. */
async function searchCluster(stack: string) {
  const { startCluster } = load("./cluster/cluster") as typeof import("./cluster/cluster");
  const api = connectKubeApi((await startCluster(stack)).access);
  const end = Date.now() + 60_000;
  for (;;) {
    const found = await findClusterOrphans(api);
    if (!found.isDeleting || Date.now() > end) return found;
    await setTimeout(1000);
  }
}
