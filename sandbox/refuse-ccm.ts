import { z } from "zod";

import { SandboxError } from "./sandbox-error";

const byService = z.looseObject({ managedBy: z.literal("ccm") });

/**
 * Refuses a stack whose load balancer is to be made for a Service: nobody in the sandbox's own cluster makes one.
 *
 * @param loadBalancer the setting of that name, as the stack's file has it.
 * @throws {SandboxError} it says `managedBy: ccm`.
 */
export function refuseCcm(loadBalancer: unknown): void {
  if (!byService.safeParse(loadBalancer).success) return;
  throw new SandboxError(
    "loadBalancer.managedBy is ccm, and the sandbox's cluster runs no cloud controller manager, so its load balancer would " +
      "never come: say managedBy: pulumi, or bring a cluster that has one with --kubeconfig.",
  );
}
