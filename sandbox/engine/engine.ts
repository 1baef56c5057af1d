import * as path from "node:path";

import { LocalWorkspace, PulumiCommand, Stack, type EngineEvent } from "@pulumi/pulumi/automation";
import { RunError } from "@pulumi/pulumi";

import { listStacks } from "./deployment";
import { engineEnvironment } from "./engine-environment";
import { engineOwnerVariable } from "./processes";
import { storeSecrets, type WrittenProject } from "./project";
import { StepCounts } from "./step-counts";
import { temporaryFolder } from "./temporary-folder";
import { countChanges, type Changes } from "../report";
import { SandboxError } from "../sandbox-error";

/** How one command of the engine ended. */
export interface Outcome {
  readonly succeeded: boolean;
  readonly changes: Changes;
}

export interface EngineOptions {
  /** The `pulumi` to run. */
  readonly pulumi: string;
  readonly home: string;
  readonly stack: string;
  /** The file that the settings come from, which the program takes for `Pulumi.<stack>.yaml`. */
  readonly stackFile: string;
  readonly project: WrittenProject;
  /** Loads the program and returns its exports; called once, while the engine listens. */
  readonly program: () => Record<string, unknown>;
  /** Whether the state is written once, at the end of a command. Default false: with each step, so twice a resource. */
  readonly saveAtEnd?: boolean;
  /** The engine's output. */
  readonly out: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/** The real engine over one stack. Its output streams to the terminal; errors that it printed are not repeated. */
export class Engine {
  readonly #options: EngineOptions;
  readonly #stack: Stack;
  #abort = new AbortController();
  #said: RunLog = { any: false };

  private constructor(options: EngineOptions, stack: Stack) {
    this.#options = options;
    this.#stack = stack;
    stack.workspace.program = () => this.#load();
  }

  /** Such as `3.259.0`. */
  get version(): string {
    return this.#stack.workspace.pulumiVersion;
  }

  /** Makes or selects the stack, and encrypts the secrets that are new. @throws {SandboxError} the engine's own error. */
  static async open(options: EngineOptions): Promise<Engine> {
    const { pulumi, home, stack, project, saveAtEnd = false } = options;
    const env = {
      ...engineEnvironment(home),
      // A plugin comes from the folder that the project names, or not at all: nothing is fetched in secret.
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      PULUMI_IGNORE_AMBIENT_PLUGINS: "true",
      ...(saveAtEnd && { PULUMI_SKIP_CHECKPOINTS: "true" }),
      TMPDIR: temporaryFolder(home),
      [engineOwnerVariable]: home,
    };
    const made = await withEngineErrors(async () => {
      const inBin = path.basename(path.dirname(pulumi)) === "bin";
      const pulumiCommand = await PulumiCommand.get(
        inBin ? { root: path.resolve(pulumi, "../..") } : undefined,
      );
      const workspace = await LocalWorkspace.create({
        workDir: project.dir,
        pulumiCommand,
        envVars: env,
        secretsProvider: "passphrase",
        program: () => Promise.resolve({}),
      });
      if (!listStacks(home, project.name).includes(stack)) return Stack.create(stack, workspace);
      // Each command names the stack, so there is no need to select it by a start of the CLI.
      workspace.selectStack = () => Promise.resolve();
      return Stack.select(stack, workspace);
    });
    // Queried after each command by three starts of the CLI, and unused: the state has them.
    made.outputs = () => Promise.resolve({});
    made.info = () => Promise.resolve(undefined);
    const engine = new Engine(options, made);
    const secrets = Object.entries(project.toEncrypt);
    if (secrets.length > 0) {
      const values = Object.fromEntries(
        secrets.map(([key, value]) => [key, { value, secret: true }] as const),
      );
      await withEngineErrors(() => made.setAllConfig(values));
      storeSecrets(project.dir, stack, project.toEncrypt);
    }
    return engine;
  }

  /** @throws {SandboxError} the program's own errors about its settings. */
  up(): Promise<Outcome> {
    return this.#run((options) => this.#stack.up(options));
  }

  preview(): Promise<Outcome> {
    return this.#run((options) => this.#stack.preview(options));
  }

  /** Reads every resource, and clears pending creates: without a terminal, Pulumi cannot ask about each. */
  refresh(): Promise<Outcome> {
    return this.#run((options) => this.#stack.refresh({ ...options, clearPendingCreates: true }));
  }

  destroy(): Promise<Outcome> {
    return this.#run((options) => this.#stack.destroy(options));
  }

  /** Hands an interrupt on: the engine finishes what it is at and starts nothing more. */
  interrupt(): void {
    this.#abort.abort();
  }

  async #run(work: (options: RunOptions) => Promise<unknown>): Promise<Outcome> {
    const { home, out, saveAtEnd } = this.#options;
    const steps = new StepCounts();
    this.#abort = new AbortController();
    this.#said = { any: false };
    const said = this.#said;
    const write = (text: string) => {
      said.any = true;
      // After errors in the settings the engine prints the same text twice more.
      if (said.fault === undefined) out.write(text);
    };
    const options: RunOptions = {
      onOutput: write,
      onError: write,
      onEvent: (event) => steps.add(event),
      color: out.isTTY ? "always" : "never",
      signal: this.#abort.signal,
    };
    let succeeded = false;
    try {
      await work(options);
      // An interrupted destroy ends without an error, though it has not come to its end.
      succeeded = !this.#abort.signal.aborted;
    } catch (error) {
      if (!isCommandError(error)) throw error;
      if (!said.any) throw new SandboxError(engineErrors(error.message));
    }
    if (steps.isIncomplete)
      out.write(`\nThe engine was killed. ${nextStepAfterKill(saveAtEnd ? home : undefined)}\n`);
    if (said.fault !== undefined) throw new SandboxError(said.fault);
    return { succeeded, changes: countChanges(steps.counts) };
  }

  #load(): Promise<Record<string, unknown>> {
    try {
      return Promise.resolve(this.#options.program());
    } catch (error) {
      if (RunError.isInstance(error)) {
        const { stack, stackFile } = this.#options;
        this.#said.fault = error.message.replace(`Pulumi.${stack}.yaml`, path.relative("", stackFile));
      }
      throw error;
    }
  }
}

/** The next step for the user; `unsaved` is the sandbox's folder if the state was to be written at the end. */
const nextStepAfterKill = (unsaved: string | undefined): string =>
  unsaved === undefined
    ? "Run the command again. If it reports what the interrupted run created, run the commands in its messages first."
    : `What it had created is not in the state. To start afresh: npm start -- stop, then rm -r ${unsaved}`;

/** The output of a run: whether there was any, and the program's errors about its settings. */
interface RunLog {
  any: boolean;
  fault?: string;
}

interface RunOptions {
  onOutput: (text: string) => void;
  onError: (text: string) => void;
  onEvent: (event: EngineEvent) => void;
  color: "always" | "never";
  signal: AbortSignal;
}

/** Reduces an error of the Automation API, which holds the whole output, to the engine's error lines. */
async function withEngineErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error) throw new SandboxError(engineErrors(error.message));
    throw error;
  }
}

/** The error lines in the output of a command of the engine; all of it if there are none. */
export function engineErrors(printed: string): string {
  const lines = [...new Set(printed.split("\n").filter((line) => line.startsWith("error: ")))];
  return lines.length > 0 ? lines.map((line) => line.slice("error: ".length)).join("\n") : printed.trim();
}

function isCommandError(error: unknown): error is Error {
  return (
    error instanceof Error &&
    /^(Command|ConcurrentUpdate|StackNotFound|StackAlreadyExists)Error$/.test(error.name)
  );
}
