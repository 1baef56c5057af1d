import * as fs from "node:fs";
import * as path from "node:path";

import { ensureCharts } from "../../sandbox/tools/charts";
import { ensureTools } from "../../sandbox/tools/tools";
import { root } from "../../sandbox/paths";
import { SandboxError } from "../../sandbox/sandbox-error";
import { ensureKubectl } from "../faults/kubectl";
import { inNamespace, requireNamespaces } from "./network/network-namespace";
import { ensureWireTools } from "./network/wire-tools";

/** Builds what is missing, where there is a way out; then runs the tests in a network of their own, where there is none. */
async function main(): Promise<void> {
  requireNamespaces();
  await ensureTools();
  await ensureCharts();
  await ensureWireTools();
  await ensureKubectl();

  const home = path.resolve(root, process.env.PLATFORM_WIRE ?? ".sandbox/wire");
  fs.rmSync(home, { recursive: true, force: true });
  fs.mkdirSync(home, { recursive: true });
  const mocha = path.join(root, "node_modules", "mocha", "bin", "mocha.js");
  const args = [mocha, "--config", "tests/wire/.mocharc.json", ...process.argv.slice(2)];
  process.exitCode = await inNamespace(process.execPath, args, {
    ...process.env,
    PLATFORM_SANDBOX: home,
    PLATFORM_SANDBOX_PORT: "19700",
    // The controllers run as processes of the test: no pod becomes ready in the cluster.
    PLATFORM_SANDBOX_PODS: "off",
  });
}

main().catch((error: unknown) => {
  process.exitCode = 1;
  if (!(error instanceof SandboxError)) throw error;
  process.stderr.write(`${error.message}\n`);
});
