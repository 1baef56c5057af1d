import * as path from "node:path";

import { binDir } from "../paths";
import { ensureGroup, type ToolGroup } from "./tools";

const program = "cilium-policy";

/** Cilium's policy engine, which the tests of the network policies ask. No run of the sandbox needs it. */
export const policy: ToolGroup = {
  name: "policy",
  what: "Cilium's policy engine",
  minutes: "3 minutes",
  programs: { [program]: "platform-networking/tools/policy" },
  variables: () => ({}),
};

/**
 * Path of the program around Cilium's policy engine, built if missing: see tools/policy/main.go.
 *
 * @throws SandboxError when Go is missing or too old, the module proxy cannot be reached, or the build fails.
 */
export async function ensurePolicyEngine(): Promise<string> {
  await ensureGroup(policy, "for the tests of the network policies");
  return path.join(binDir, program);
}
