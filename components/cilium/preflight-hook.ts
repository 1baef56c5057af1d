import * as pulumi from "@pulumi/pulumi";

import { hook, resolveInput } from "../pulumi/hooks";
import { runPreflightChecks, type DesiredCilium } from "./preflight-checks";
import { inspectCluster, type ClusterInspector, type ClusterInfo } from "./cluster-info";

/**
 * Creates the hook that checks, in previews too, whether the cluster meets Cilium's requirements before Cilium is
 * installed or changed, and fails with all that must be corrected. If the API server is unreachable, a preview logs a
 * warning (it may run where the cluster cannot be reached); `up` fails.
 *
 * @param inspect Reads the state of the cluster. Default: from its API server.
 */
export const createPreflightHook = (
  name: string,
  desired: DesiredCilium,
  kubeconfig: pulumi.Input<string>,
  inspect: ClusterInspector = inspectCluster,
): pulumi.ResourceHook =>
  hook(
    `${name}-preflight`,
    async ({ oldInputs }) => {
      const cluster = await tryInspect(inspect, await resolveInput(kubeconfig));
      if (cluster === undefined) return;
      const results = runPreflightChecks(desired, cluster, oldInputs === undefined);
      for (const { message, isBlocking } of results)
        if (!isBlocking) void pulumi.log.warn(`Cilium: ${message}`);
      const errors = results.filter(({ isBlocking }) => isBlocking).map(({ message }) => `  - ${message}`);
      if (errors.length > 0)
        throw new pulumi.RunError(
          `The cluster does not meet Cilium's requirements; nothing was changed.\n${errors.join("\n")}`,
        );
    },
    { onDryRun: true },
  );

async function tryInspect(inspect: ClusterInspector, kubeconfig: string): Promise<ClusterInfo | undefined> {
  try {
    return await inspect(kubeconfig);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `Cannot reach the cluster to run Cilium's preflight checks: ${reason}.`;
    if (!pulumi.runtime.isDryRun()) throw new pulumi.RunError(message);
    void pulumi.log.warn(message);
    return undefined;
  }
}
