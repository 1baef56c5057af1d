import { createRequire } from "node:module";
import * as path from "node:path";

import { findPluginFolders } from "../../sandbox/engine/plugin-folders";
import { SandboxError } from "../../sandbox/sandbox-error";
import { parseOptions, type Options } from "./options";
import { heading, isExpected, row } from "./table";

const load = createRequire(__filename);

/** Runs every step, and prints a line for each. Exit code 1 if a row is not as expected. */
async function check(options: Options): Promise<boolean> {
  // A sandbox of its own; read when the modules below are loaded.
  process.env.PLATFORM_TEST_SANDBOX ??= ".sandbox/real";
  process.env.PLATFORM_TEST_SANDBOX_PORT ??= "19900";
  const { clear } = load("../sandbox/start") as typeof import("../sandbox/start");
  const { folder, hasLanguageHost, RealStack } = load("./stack") as typeof import("./stack");
  const { steps } = load("./steps") as typeof import("./steps");
  const { clearCredentialEnv } = load("../../sandbox/services") as typeof import("../../sandbox/services");
  clearCredentialEnv();

  await clear();
  const stack = new RealStack(options);
  await stack.prepare();
  const { real, standIns } = findPluginFolders("", options.plugins);
  const by = hasLanguageHost(options) ? "the ordinary Pulumi CLI" : "npm start (no pulumi-language-nodejs)";
  console.log(
    `Real providers: ${real.join(", ")}. Stand-ins: ${standIns.join(", ") || "none"}. Run by ${by}.`,
  );
  console.log(
    `Charts: ${options.charts ?? "the sandbox's"}. Cluster: ${options.kubeconfig ?? "the sandbox's"}.`,
  );
  console.log(`What the commands print: ${path.join(folder, "output.log")}`);
  console.log(heading);
  let asExpected = true;
  try {
    for (const { what, expected, run } of steps) {
      const ran = await run(stack);
      console.log(row(what, ran, expected));
      asExpected &&= isExpected(ran, expected);
    }
  } finally {
    await clear();
  }
  return asExpected;
}

async function main(): Promise<void> {
  try {
    const options = parseOptions(process.argv.slice(2));
    if (options !== undefined && !(await check(options))) process.exitCode = 1;
  } catch (error) {
    process.exitCode = 1;
    if (!(error instanceof SandboxError)) throw error;
    process.stderr.write(`${error.message}\n`);
  }
}

void main();
