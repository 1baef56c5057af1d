import { Command, CommanderError, Option } from "commander";

import type { Faults } from "./cluster/faults";
import { SandboxError } from "./sandbox-error";

/** The commands. */
export const commands = ["up", "preview", "refresh", "destroy", "stop"] as const;
export type CommandName = (typeof commands)[number];
/** Those that write the state. */
const writingCommands: readonly CommandName[] = ["up", "refresh", "destroy"];

/** The command line, parsed. */
export interface Invocation {
  readonly command: CommandName;
  readonly stack: string;
  readonly stackFile?: string;
  readonly unprotect: boolean;
  /** Whether the state is written once, at the end of the command, and not with each step. */
  readonly saveAtEnd: boolean;
  readonly plugins?: string;
  readonly realKubernetes: boolean;
  readonly charts?: string;
  readonly kubeconfig?: string;
  readonly report?: string;
  /** The faults of objects in the sandbox's cluster. */
  readonly faults: Faults;
}

const faultOptions = {
  late: "make an object of the cluster ready so many seconds after its creation",
  stuck: "never make an object ready: an image that cannot be pulled, a challenge that stays pending",
  fail: "make an object fail: a container that crashes, a refused certificate",
  flap: "make an object ready for two seconds and fail for two, in turn",
} as const;

const help = `
Commands:
  up        brings the stack up to the program; twice in a row changes nothing (default)
  preview   tells what an up would do, and changes nothing
  refresh   reads every resource anew into the state, and clears pending creates
  destroy   removes all that the stack has; refuses while something in it is protected
  doctor    finds why a URL fails: npm start -- doctor https://api.dev.example.com/v1
  topology  draws the path: npm start -- topology --html path.html
  stop      ends the sandbox's programs; the state is kept

Nothing leaves this machine: the clouds are emulated, the cluster is the sandbox's own.
The environment variables PLATFORM_SANDBOX (a folder) and PLATFORM_SANDBOX_PORT (the first of its ports)
make a second sandbox beside the first.

Examples:
  npm start
  npm start -- preview --stack prod
  npm start -- destroy --stack prod --unprotect`;

/**
 * Parses the arguments after `npm start --`.
 *
 * @throws {SandboxError} in one sentence, what is wrong with them.
 * @returns undefined when all that was asked for is the help, which is printed.
 */
export function parseInvocation(args: readonly string[]): Invocation | undefined {
  const given: { command: CommandName } = { command: "up" };
  const program = new Command("npm start --")
    .description(
      "Runs the platform on this machine: the real Pulumi engine, emulated clouds, a real API server.",
    )
    .usage("[command] [options]")
    .argument("[command]", "what to do", "up")
    .addOption(new Option("--stack <name>", "the stack").choices(["dev", "prod"]).default("dev"))
    .option("--stack-file <file>", "take the settings from this file instead of Pulumi.<stack>.yaml")
    .option("--unprotect", "with destroy: lift the protection first", false)
    .option(
      "--save-at-end",
      "write the state once, at the end: a thousand resources take a fifth of the time, but what a killed run created is in no state",
      false,
    )
    .option(
      "--plugins <dir>",
      "use the real pulumi-resource-<name> programs in this folder instead of the stand-ins",
    )
    .addOption(
      new Option("--real-kubernetes", "use the real Kubernetes provider, built once, instead of its stand-in")
        .default(false)
        .conflicts("plugins"),
    )
    .option("--charts <dir>", "install the charts in this folder instead of the sandbox's own")
    .option(
      "--kubeconfig <file>",
      "use this cluster instead of the sandbox's own; charts and waiting are as in the stack",
    )
    .addOption(faultOption("late", "<Kind/name=seconds>"))
    .addOption(faultOption("stuck", "<Kind/name>"))
    .addOption(faultOption("fail", "<Kind/name>"))
    .addOption(faultOption("flap", "<Kind/name>"))
    .option("--report <file>", "write what happened to this file, as JSON")
    .addHelpText("after", help)
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .action((word: string) => {
      const found = commands.find((name) => name === word);
      if (found === undefined)
        throw new SandboxError(`There is no command "${word}": the commands are ${commands.join(", ")}.`);
      given.command = found;
    });
  try {
    program.parse(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return undefined;
    throw new SandboxError(`${sentence(error.message)} See "npm start -- --help".`);
  }
  const { late, stuck, fail, flap, ...options } = program.opts<
    Omit<Invocation, "command" | "faults"> & Record<keyof typeof faultOptions, Faults>
  >();
  const faults = { ...late, ...stuck, ...fail, ...flap };
  if (options.unprotect && given.command !== "destroy")
    throw new SandboxError(`--unprotect goes with destroy, not with ${given.command}.`);
  if (options.saveAtEnd && !writingCommands.includes(given.command))
    throw new SandboxError(
      `--save-at-end goes with ${writingCommands.join(", ")}, not with ${given.command}.`,
    );
  return { ...given, ...options, faults };
}

/** A repeatable option that gives objects a fault, by `Kind/name`. */
function faultOption(mode: keyof typeof faultOptions, flags: string): Option {
  return new Option(`--${mode} ${flags}`, faultOptions[mode])
    .default({}, "none")
    .conflicts("kubeconfig")
    .argParser((value: string, others: Faults) => {
      const [, kind, name, seconds] = /^([A-Z]\w+)\/([a-z0-9.-]+)(?:=(\d+))?$/.exec(value) ?? [];
      if (kind === undefined || name === undefined || (mode === "late") !== (seconds !== undefined))
        throw new SandboxError(
          `--${mode}: got ${value}, want ${flags.slice(1, -1)}, such as ${example[mode]}.`,
        );
      return { ...others, [`${kind}.${name}`]: seconds === undefined ? mode : `${mode}:${seconds}` };
    });
}

const example = {
  late: "Deployment/api-gateway=30",
  stuck: "Deployment/api-gateway",
  fail: "Certificate/wildcard-cert",
  flap: "Ingress/admin-admin-dev-example-com",
} as const;

/** "error: unknown option '--x'" as a sentence. */
function sentence(message: string): string {
  const text = message
    .replace(/^error: /, "")
    .replaceAll("\n", " ")
    .trim();
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith(".") ? "" : "."}`;
}
