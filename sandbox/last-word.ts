import * as fs from "node:fs";
import { createRequire } from "node:module";

import type { Clouds } from "./clouds/client";
import { knownStacks, outputsOf, readDeployment } from "./engine/deployment";
import { kubeApi } from "./cluster/kube-api";
import { cloudLeftovers, clusterLeftovers, toldLeftovers } from "./leftovers";
import type { Invocation } from "./invocation";
import { sandboxDir as home } from "./paths";
import { summary } from "./summary";
import { say } from "./surroundings";

const load = createRequire(__filename);

/**
 * What is said when the engine has succeeded: the summary of an up, what a destroy left, that a preview changed nothing.
 *
 * @returns the exit code: 1 when DNS does not lead to the load balancer, or a destroy left something.
 */
export async function lastWord(wanted: Invocation, clouds: Clouds, project: string): Promise<number> {
  const { command, stack } = wanted;
  if (command === "preview") say("\nNothing was changed.");
  if (command === "up") {
    const state = readDeployment(home, project, stack);
    const inventory = await clouds.inventory();
    const color = process.stdout.isTTY;
    const { text, sound } = summary({ stack, outputs: outputsOf(state), inventory, state, color });
    say(`\n${text}`);
    return sound ? 0 : 1;
  }
  if (command !== "destroy") return 0;

  const others = knownStacks(home, project).filter((name) => name !== stack);
  const states = others.map((name) => readDeployment(home, project, name));
  const inClouds = cloudLeftovers(await clouds.inventory(), states);
  const inCluster = wanted.kubeconfig === undefined ? await searchCluster(stack) : undefined;
  const { text, clean } = toldLeftovers(stack, inClouds, inCluster);
  say(`\n${text}`);
  return clean ? 0 : 1;
}

async function searchCluster(stack: string) {
  const { startCluster } = load("./cluster/cluster") as typeof import("./cluster/cluster");
  const { kubeconfig } = await startCluster(stack);
  return clusterLeftovers(await kubeApi(fs.readFileSync(kubeconfig, "utf8"), "the sandbox's kubeconfig"));
}
