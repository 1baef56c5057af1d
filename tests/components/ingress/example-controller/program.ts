import "./registered";

import { attemptProgram, changed, stackConfig } from "../../../config";

// A program that stops at invalid settings leaves rejected promises; its error is in the result.
process.on("unhandledRejection", () => undefined);

/** Runs the program of the production stack with the example controller and these changes, and prints the result as JSON. */
async function main(changes: Readonly<Record<string, unknown>>): Promise<void> {
  const config = changed(stackConfig("prod"), changes);
  const { resources, logs, fault } = await attemptProgram(config, { stack: "prod", preview: true });
  process.stdout.write(JSON.stringify({ resources, logs, fault: fault?.message }));
}

void main(JSON.parse(process.argv[2] ?? "{}") as Record<string, unknown>);
