import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

import { engineEnvironment } from "./engine/engine-environment";
import { binDir, root, sandboxDir as home } from "./paths";
import { SandboxError } from "./sandbox-error";

/** The product's commands that read a deployed stack. */
const stackCommands = ["doctor", "topology"];

export const isStackCommand = (name: string | undefined): name is string =>
  name !== undefined && stackCommands.includes(name);

/** Runs a command of the product, such as `doctor`, on the sandbox's stacks. @returns its exit code. */
export async function runStackCommand(name: string, args: readonly string[]): Promise<number> {
  const project = path.join(home, "project");
  if (!fs.existsSync(project)) throw new SandboxError("The sandbox has no stack yet: run npm start first.");
  const program = path.join(root, name, "main.ts");
  const child = spawn(
    process.execPath,
    ["--require", path.join(__dirname, "typescript.cjs"), program, ...args],
    {
      env: {
        ...process.env,
        ...engineEnvironment(home),
        PLATFORM_PROJECT: project,
        PATH: `${binDir}${path.delimiter}${process.env.PATH ?? ""}`,
      },
      stdio: "inherit",
    },
  );
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
}
