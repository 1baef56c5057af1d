import * as fs from "node:fs";
import * as path from "node:path";

import { Command, CommanderError } from "commander";

import { findPluginFolders } from "../../sandbox/engine/plugin-folders";
import { SandboxError } from "../../sandbox/sandbox-error";

/** The arguments of `npm run test:real --`; every path is absolute. */
export interface Options {
  /** A folder with real `pulumi-resource-<name>` programs, and `pulumi-language-nodejs` for the ordinary CLI. */
  readonly plugins: string;
  /** A folder with real charts, one per name. Default: the sandbox's charts. */
  readonly charts?: string;
  /** An empty cluster whose controllers run. Default: the sandbox's API server, where nothing becomes ready. */
  readonly kubeconfig?: string;
}

/**
 * Parses the arguments.
 *
 * @returns undefined when all that was asked for is the help, which is printed.
 * @throws {SandboxError} an unknown or missing argument, a path that is not there, or no real plugin in `plugins`.
 */
export function parseOptions(args: readonly string[]): Options | undefined {
  const program = new Command("npm run test:real --")
    .description("Runs the stack prod with real provider plugins; one line for each step.")
    .requiredOption("--plugins <dir>", "folder with pulumi-resource-<name>, and pulumi-language-nodejs")
    .option("--charts <dir>", "folder with real charts; those it lacks are the sandbox's")
    .option("--kubeconfig <file>", "an empty cluster whose controllers run")
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  try {
    program.parse(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return undefined;
    throw new SandboxError(`${error.message.replace(/^error: /, "")}. See "npm run test:real -- --help".`);
  }
  const given = program.opts<Options>();
  for (const [name, file] of Object.entries<string>({ ...given }))
    if (!fs.existsSync(file)) throw new SandboxError(`--${name}: got ${file}, want a path that exists.`);
  findPluginFolders("", given.plugins);
  const absolute = Object.entries<string>({ ...given }).map(
    ([name, file]) => [name, path.resolve(file)] as const,
  );
  return { plugins: given.plugins, ...Object.fromEntries(absolute) };
}
