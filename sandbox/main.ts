import { createRequire } from "node:module";

import { parseInvocation } from "./invocation";
import { isStackCommand, runStackCommand } from "./stack-command";
import { SandboxError } from "./sandbox-error";

async function main(): Promise<void> {
  // Whoever reads along (such as head) may stop reading; the work goes on to its end all the same.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
  try {
    const [name, ...args] = process.argv.slice(2);
    if (isStackCommand(name)) {
      process.exitCode = await runStackCommand(name, name === "doctor" ? ["--offline", ...args] : args);
      return;
    }
    const wanted = parseInvocation(process.argv.slice(2));
    if (wanted === undefined) return;
    // Loaded late: an answer to a wrong argument should not have to wait for the engine's library.
    const { run } = createRequire(__filename)("./run") as typeof import("./run");
    process.exitCode = await run(wanted);
  } catch (error) {
    process.exitCode = 1;
    if (!(error instanceof SandboxError)) throw error;
    process.stderr.write(`${error.message}\n`);
  }
}

void main();
