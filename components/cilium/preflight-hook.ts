import * as pulumi from "@pulumi/pulumi";

import { hook, resolveInput } from "../pulumi/hooks";
import { findings, type WantedCilium } from "./preflight-checks";
import { lookAt, type Look, type SeenCluster } from "./cluster-info";

/**
 * Looks, in preview too, whether the cluster is as Cilium needs it before that is installed or changed, and refuses
 * with all that must be put right. What cannot be looked at is no reason to fail a preview, which may run where the
 * cluster is out of reach; an `up` is refused.
 *
 * @param look How to see the cluster of a kubeconfig. Default: ask its API server.
 */
export const preflight = (
  name: string,
  wanted: WantedCilium,
  kubeconfig: pulumi.Input<string>,
  look: Look = lookAt,
): pulumi.ResourceHook =>
  hook(
    `${name}-preflight`,
    async ({ oldInputs }) => {
      const seen = await seenBy(look, await resolveInput(kubeconfig));
      if (seen === undefined) return;
      const found = findings(wanted, seen, oldInputs === undefined);
      for (const { message } of found.filter(({ refused }) => !refused))
        void pulumi.log.warn(`Cilium: ${message}`);
      const refused = found.filter((each) => each.refused);
      if (refused.length > 0)
        throw new Error(
          `The cluster is not as Cilium needs it; nothing was changed.\n${refused.map(({ message }) => `  - ${message}`).join("\n")}`,
        );
    },
    { onDryRun: true },
  );

async function seenBy(look: Look, kubeconfig: string): Promise<SeenCluster | undefined> {
  try {
    return await look(kubeconfig);
  } catch (fault) {
    const why = fault instanceof Error ? fault.message : String(fault);
    const message = `The cluster cannot be looked at, so nobody knows whether it is as Cilium needs it: ${why}.`;
    if (!pulumi.runtime.isDryRun()) throw new Error(message, { cause: fault });
    void pulumi.log.warn(message);
    return undefined;
  }
}
