import "./engine/lazy-serialization";

import * as fs from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";

import { Clouds } from "./clouds/client";
import { clusterNodes, toSeed } from "./clouds/seed";
import { readOutputs, readDeployment, type Deployment } from "./engine/deployment";
import type { Engine, Outcome } from "./engine/engine";
import { reportResult } from "./report-result";
import type { CommandName, Invocation } from "./invocation";
import { cloudsPort, root, sandboxDir as home } from "./paths";
import { findPluginFolders } from "./engine/plugin-folders";
import { endEngineProcesses, watchMemory } from "./engine/processes";
import { emptyTemporaryFolder } from "./engine/temporary-folder";
import {
  findStackFile,
  mergeConfig,
  projectName,
  readStackConfig,
  writeProject,
  type Config,
} from "./engine/project";
import { deleteStaleLocks } from "./engine/stale-locks";
import { startMockPreview } from "./mock-preview";
import { countChanges, writeReport, type Changes } from "./report";
import { SandboxError } from "./sandbox-error";
import { lockSandbox } from "./sandbox-lock";
import { clearCredentialEnv, readKubeconfig, print, withDelayNotice, startServices } from "./services";
import { ensureKubernetesProvider } from "./tools/kubernetes-provider";
import { needsBuild } from "./tools/tools";

// Loads a module when it is needed; the large ones would delay every answer.
const load = createRequire(__filename);

/**
 * Runs one command.
 *
 * @returns the exit code: 0 only if the engine succeeded.
 * @throws {SandboxError} the reason and the remedy, for the user.
 */
export async function run(wanted: Invocation): Promise<number> {
  const began = performance.now();
  const megabytes = wanted.report === undefined ? undefined : watchMemory(home);
  clearCredentialEnv();
  process.chdir(root);

  const known: { changes: Changes; engineVersion?: string } = { changes: countChanges({}) };
  let giveBack: (() => void) | undefined;
  try {
    giveBack = lockSandbox(home);
    const session = new Session(wanted, giveBack);
    return await session.run((engineVersion, changes) => Object.assign(known, { engineVersion, changes }));
  } finally {
    if (giveBack) emptyTemporaryFolder(home);
    giveBack?.();
    if (wanted.report !== undefined && megabytes !== undefined)
      writeReport(wanted.report, {
        command: wanted.command,
        stack: wanted.stack,
        ...known,
        outputs: readOutputs(readDeployment(home, projectName(root), wanted.stack)),
        seconds: Math.round((performance.now() - began) / 100) / 10,
        peakMegabytes: megabytes(),
      });
  }
}

/** One command on one stack, from the first check to the last word. */
class Session {
  readonly #wanted: Invocation;
  readonly #clouds = new Clouds(home, cloudsPort);
  readonly #project = projectName(root);
  readonly #giveBack: () => void;
  #engine: Engine | undefined;

  constructor(wanted: Invocation, giveBack: () => void) {
    this.#wanted = wanted;
    this.#giveBack = giveBack;
  }

  async run(note: (engineVersion: string, changes: Changes) => void): Promise<number> {
    const { command, stack } = this.#wanted;
    this.#onInterrupt();
    if (command === "stop") return this.#stop();

    const before = this.#state();
    if (before === undefined && (command === "destroy" || command === "refresh")) {
      print(`The stack ${stack} does not exist: there is nothing to ${command}.`);
      return 0;
    }

    const engine = await this.#prepare();
    note(engine.version, countChanges({}));
    const outcome = await this.#command(engine, command);
    note(engine.version, outcome.changes);
    if (!outcome.succeeded) {
      if (command === "destroy") printProtectionHint(this.#state(), stack);
      return 1;
    }
    return reportResult(this.#wanted, this.#clouds, this.#project);
  }

  #state(): Deployment | undefined {
    return readDeployment(home, this.#project, this.#wanted.stack);
  }

  /** Everything the engine needs, side by side where nothing depends on the other. */
  async #prepare(): Promise<Engine> {
    const { command, stack } = this.#wanted;
    if (command === "up" && this.#state() === undefined && needsBuild()) await this.#previewFirst();
    const real = this.#wanted.realKubernetes ? await ensureKubernetesProvider() : this.#wanted.plugins;
    const plugins = findPluginFolders(path.join(root, "sandbox", "plugins"), real);
    if (plugins.real.length > 0)
      print(`Plugins: real ${plugins.real.join(", ")}; stand-ins ${plugins.standIns.join(", ") || "none"}.`);
    const kubeconfigFile = this.#wanted.kubeconfig;
    const ownKubeconfig = kubeconfigFile === undefined ? undefined : await readKubeconfig(kubeconfigFile);

    await withDelayNotice(
      "Waiting for the processes of an interrupted run to end ...",
      endEngineProcesses(home),
    );
    emptyTemporaryFolder(home);
    deleteStaleLocks(home, this.#project, stack);

    const stackFile = findStackFile({ root, ...this.#wanted });
    const cluster = readStackConfig(stackFile)[`${this.#project}:cluster`];
    const nodes = ownKubeconfig === undefined ? clusterNodes(stack, cluster) : undefined;
    const starting = startServices(stack, this.#clouds, nodes, this.#wanted.faults);
    // The engine's library takes a while to load; the programs start in the meantime.
    setImmediate(() => void load("./engine/engine"));
    const { tools, cluster: running } = await starting;
    const { Engine } = load("./engine/engine") as typeof import("./engine/engine");
    const kubeconfig = ownKubeconfig ?? fs.readFileSync(running?.kubeconfig ?? "", "utf8");
    // With a cluster of the user's the stack names the charts.
    const added = this.#addedConfig(kubeconfig, running?.charts);
    const project = writeProject({ root, home, stack, stackFile, plugins: plugins.folders, ...added });
    if (project.unreadable.length > 0)
      print(
        `Encrypted in your stack file, so replaced by placeholders here: ${project.unreadable.join(", ")}.`,
      );
    await this.#clouds.seed(toSeed(stack, project.userConfig, project.name));

    // The program's modules are loaded while the CLI starts.
    setImmediate(() => void load("../components"));
    const engine = await Engine.open({
      pulumi: tools.pulumi,
      home,
      stack,
      stackFile,
      project,
      program: () => load("../index") as Record<string, unknown>,
      out: process.stdout,
      saveAtEnd: this.#wanted.saveAtEnd,
    });
    this.#engine = engine;
    return engine;
  }

  /** Shows the resources and the path of a new stack before the minutes of the build. @throws {SandboxError} errors of the settings. */
  async #previewFirst(): Promise<void> {
    const { stack } = this.#wanted;
    const stackFile = findStackFile({ root, ...this.#wanted });
    const userConfig = readStackConfig(stackFile);
    const preview = startMockPreview();
    await this.#clouds.start();
    await this.#clouds.seed(toSeed(stack, userConfig, this.#project));
    const noCluster = JSON.stringify({ clusters: [], contexts: [], "current-context": "none" });
    const { config, secrets } = this.#addedConfig(noCluster);
    const result = await preview({
      project: this.#project,
      stack,
      config: { ...mergeConfig(userConfig, config).config, ...secrets },
      secretKeys: Object.keys(secrets),
    });
    if (result.settingsErrors !== undefined)
      throw new SandboxError(
        result.settingsErrors.replace(`Pulumi.${stack}.yaml`, path.relative("", stackFile)),
      );
    print(result.text ?? `There is no preview before the build: ${result.problem}`);
    print("");
  }

  /** The config that the sandbox adds to the user's. */
  #addedConfig(
    kubeconfig: string,
    assembledCharts?: string,
  ): { config: Config; secrets: Record<string, string> } {
    const own = (key: string) => `${this.#project}:${key}`;
    const charts = this.#wanted.charts ?? assembledCharts;
    const userConfig = readStackConfig(findStackFile({ root, ...this.#wanted }));
    const accounts = this.#clouds.accounts();
    return {
      config: {
        "hcloud:endpoint": this.#clouds.hetznerUrl,
        "cloudflare:baseUrl": this.#clouds.cloudflareUrl,
        ...(charts !== undefined && { [own("charts")]: path.resolve(charts) }),
        ...(this.#wanted.unprotect && { [own("protect")]: false }),
      },
      secrets: {
        "hcloud:token": accounts.hetzner,
        "cloudflare:apiToken": accounts.cloudflare,
        "kubernetes:kubeconfig": kubeconfig,
        ...(userConfig[own("createTokens")] !== true && {
          [own("dns01Token")]: accounts.cloudflare,
          ...(userConfig[own("externalDns")] !== undefined && {
            [own("externalDnsToken")]: accounts.cloudflare,
          }),
        }),
      },
    };
  }

  async #command(engine: Engine, command: Exclude<CommandName, "stop">): Promise<Outcome> {
    if (command !== "destroy") return engine[command]();
    if (this.#wanted.unprotect) {
      const guarded = (this.#state()?.resources ?? []).some(({ protect }) => protect);
      if (guarded) {
        print("Lifting the protection: an up with protect off, as it must be done with real clouds too.");
        const lifted = await engine.up();
        if (!lifted.succeeded) return lifted;
      }
    }
    return engine.destroy();
  }

  async #stop(): Promise<number> {
    const { stopCluster } = load("./cluster/cluster") as typeof import("./cluster/cluster");
    await endEngineProcesses(home);
    await Promise.all([this.#clouds.stop(), stopCluster("dev"), stopCluster("prod")]);
    print(
      `The sandbox's programs have ended. Its state is kept in ${home}: the next "npm start" goes on with it.`,
    );
    print(`To start afresh, remove that folder: rm -r ${home}`);
    return 0;
  }

  /** Ctrl-C: the engine finishes what it is at; anything else ends at once. */
  #onInterrupt(): void {
    let told = false;
    const interrupted = (signal: NodeJS.Signals) => {
      if (this.#engine === undefined) {
        this.#giveBack();
        process.exit(signal === "SIGINT" ? 130 : 143);
      }
      if (!told)
        process.stderr.write(
          "\nInterrupted: waiting for the operations in progress to end. The next run continues from there.\n",
        );
      told = true;
      // In a terminal Ctrl-C has reached the engine as well, and a second one would stop it in the middle of a step.
      if (signal !== "SIGINT" || !process.stdin.isTTY) this.#engine.interrupt();
    };
    // Not "once": the library that runs the engine ends this process if it finds no listener but its own.
    process.on("SIGINT", interrupted);
    process.on("SIGTERM", interrupted);
  }
}

/** Says how to destroy a stack whose protection has made the engine refuse. */
function printProtectionHint(state: Deployment | undefined, stack: string): void {
  if ((state?.resources ?? []).some(({ protect }) => protect))
    print(
      `The stack ${stack} is protected. To destroy it all the same: npm start -- destroy --stack ${stack} --unprotect`,
    );
}
