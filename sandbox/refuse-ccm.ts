import { z } from "zod";

import { SandboxError } from "./sandbox-error";

const byService = z.looseObject({ managedBy: z.literal("ccm") });

/**
 * Refuses a stack whose load balancer is created by the cloud controller manager: the sandbox's cluster has none.
 *
 * @param loadBalancer the setting of that name, as the stack's file has it.
 * @throws {SandboxError} with `managedBy: ccm`.
 */
export function refuseCcm(loadBalancer: unknown): void {
  if (!byService.safeParse(loadBalancer).success) return;
  throw new SandboxError(
    "loadBalancer.managedBy is ccm, and the sandbox's cluster runs no cloud controller manager, so its load balancer would " +
      "never be created: set managedBy: pulumi, or use a cluster that runs one with --kubeconfig.",
  );
}
