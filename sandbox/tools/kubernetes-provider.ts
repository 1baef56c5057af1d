import * as fs from "node:fs";
import * as path from "node:path";

import { binDir, root } from "../paths";
import { ensureGroup, type ToolGroup } from "./tools";

const program = "pulumi-resource-kubernetes";

/** The real Kubernetes provider; the sandbox uses its stand-in unless asked for this one. */
export const kubernetesProvider: ToolGroup = {
  name: "kubernetes-provider",
  what: "the real Kubernetes provider",
  minutes: "9 minutes",
  programs: { [program]: "platform-networking/tools/kubernetes-provider" },
  variables: () => ({ "main.version": installedVersion("@pulumi/kubernetes") }),
};

/**
 * Folder of the real Kubernetes provider, in the form of `--plugins`; built if missing.
 *
 * @throws SandboxError when Go is missing or too old, the module proxy cannot be reached, or the build fails.
 */
export async function ensureKubernetesProvider(): Promise<string> {
  await ensureGroup(kubernetesProvider, "in place of its stand-in");
  return binDir;
}

function installedVersion(npmPackage: string): string {
  const file = path.join(root, "node_modules", npmPackage, "package.json");
  return (JSON.parse(fs.readFileSync(file, "utf8")) as { version: string }).version;
}
