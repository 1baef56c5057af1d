import * as fs from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";

import { Clouds, seedOf } from "./clouds/client";
import { knownStacks, nameOf, outputsOf, readDeployment, type Deployment } from "./deployment";
import type { Engine, Outcome } from "./engine";
import { breakStaleLocks, healState } from "./heal";
import { kubeApi } from "./kube-api";
import { cloudLeftovers, clusterLeftovers, toldLeftovers } from "./leftovers";
import type { CommandName, Invocation } from "./main";
import type { Places } from "./natural-keys";
import { cloudsPort, root, sandboxDir as home } from "./paths";
import { pluginFolders } from "./plugin-folders";
import { endEngineProcesses, watchMemory } from "./processes";
import { projectName, writeProject } from "./project";
import { changesOf, writeReport, type Changes } from "./report";
import { takeSandbox } from "./run-lock";
import { SandboxError } from "./sandbox-error";
import { summary } from "./summary";

// Loads a module when it is needed; the large ones would delay every answer.
const load = createRequire(__filename);

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/**
 * Does what the command line asks for.
 *
 * @returns the exit code: 0 only if the engine succeeded.
 * @throws {SandboxError} what stands in the way, for the user to read.
 */
export async function run(wanted: Invocation): Promise<number> {
  const began = performance.now();
  const megabytes = watchMemory(home);
  forgetOtherAccounts();
  process.chdir(root);

  const known: { changes: Changes; engineVersion?: string } = { changes: changesOf({}) };
  let giveBack: (() => void) | undefined;
  try {
    giveBack = takeSandbox(home);
    const session = new Session(wanted, giveBack);
    return await session.run((engineVersion, changes) => Object.assign(known, { engineVersion, changes }));
  } finally {
    giveBack?.();
    if (wanted.report !== undefined)
      writeReport(wanted.report, {
        command: wanted.command,
        stack: wanted.stack,
        ...known,
        outputs: outputsOf(readDeployment(home, projectName(root), wanted.stack)),
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
      say(`The stack ${stack} does not exist: there is nothing to ${command}.`);
      return 0;
    }
    if (command === "destroy" && !this.#wanted.unprotect) refuseProtected(before, stack);

    const engine = await this.#prepare();
    note(engine.version, changesOf({}));
    const outcome = await this.#command(engine, command);
    note(engine.version, outcome.changes);
    if (!outcome.succeeded) return 1;
    return this.#lastWord(command);
  }

  #state(): Deployment | undefined {
    return readDeployment(home, this.#project, this.#wanted.stack);
  }

  /** Everything the engine needs, side by side where nothing depends on the other. */
  async #prepare(): Promise<Engine> {
    const { command, stack } = this.#wanted;
    const plugins = pluginFolders(path.join(root, "sandbox", "plugins"), this.#wanted.plugins);
    if (plugins.real.length > 0)
      say(`Plugins: real ${plugins.real.join(", ")}; stand-ins ${plugins.standIns.join(", ") || "none"}.`);
    const kubeconfigFile = this.#wanted.kubeconfig;
    const ownKubeconfig = kubeconfigFile === undefined ? undefined : await readKubeconfig(kubeconfigFile);

    await slow("Waiting until what an interrupted run started has ended ...", endEngineProcesses(home));
    breakStaleLocks(home, this.#project, stack);

    const starting = this.#programs(ownKubeconfig === undefined);
    // The engine's library takes a while to load; the programs start in the meantime.
    setImmediate(() => void load("./engine"));
    const { tools, cluster } = await starting;
    const { Engine } = load("./engine") as typeof import("./engine");
    const kubeconfig = ownKubeconfig ?? fs.readFileSync(cluster?.kubeconfig ?? "", "utf8");
    const accounts = this.#clouds.accounts();
    const own = (key: string) => `${this.#project}:${key}`;
    const project = writeProject({
      root,
      home,
      stack,
      plugins: plugins.folders,
      config: {
        "hcloud:endpoint": this.#clouds.hetznerUrl,
        "cloudflare:baseUrl": this.#clouds.cloudflareUrl,
        // A cluster of the user's has its controllers and its own way to charts: its stack says which.
        ...(cluster && { [own("awaitReady")]: false, [own("charts")]: cluster.charts }),
        ...(this.#wanted.unprotect && { [own("protect")]: false }),
      },
      secrets: {
        "hcloud:token": accounts.hetzner,
        "cloudflare:apiToken": accounts.cloudflare,
        "kubernetes:kubeconfig": kubeconfig,
        [own("dns01Token")]: accounts.cloudflare,
      },
    });
    if (project.unreadable.length > 0)
      say(`Encrypted in your stack file, so made up here: ${project.unreadable.join(", ")}.`);
    await this.#clouds.seed(seedOf(stack, project.userConfig, project.name));

    const engine = await Engine.open({
      pulumi: tools.pulumi,
      home,
      stack,
      project,
      program: () => load("../index") as Record<string, unknown>,
      out: process.stdout,
    });
    this.#engine = engine;
    if (command !== "preview") {
      const places = () => this.#places(kubeconfig, kubeconfigFile ?? "the sandbox's kubeconfig");
      await healState(engine, { home, project: project.name, stack }, places, say);
    }
    return engine;
  }

  /** The programs that run beside the engine. The first failure is told when nothing is being started any more. */
  async #programs(withCluster: boolean) {
    const { stack } = this.#wanted;
    const { ensureTools } = load("./tools") as typeof import("./tools");
    const { startCluster } = load("./cluster") as typeof import("./cluster");
    const { ensureCharts } = load("./charts") as typeof import("./charts");
    const clouds = slow("Starting the emulated clouds ...", this.#clouds.start());
    const tools = ensureTools();
    const started = tools.then(() =>
      withCluster ? slow(`Starting the cluster of ${stack} ...`, startCluster(stack)) : undefined,
    );
    const charts = tools.then(() => (withCluster ? ensureCharts() : undefined));
    await Promise.allSettled([clouds, started, charts]);

    await clouds;
    const [{ pulumi }, ready, folder] = await Promise.all([tools, started, charts]);
    const cluster =
      ready && folder !== undefined ? { kubeconfig: ready.kubeconfig, charts: folder } : undefined;
    return { tools: { pulumi }, cluster };
  }

  async #command(engine: Engine, command: Exclude<CommandName, "stop">): Promise<Outcome> {
    if (command !== "destroy") return engine[command]();
    if (this.#wanted.unprotect) {
      const guarded = (this.#state()?.resources ?? []).some(({ protect }) => protect);
      if (guarded) {
        say("Lifting the protection: an up with protect off, as it must be done with real clouds too.");
        await engine.cli("state", "unprotect", "--all", "--yes");
        const lifted = await engine.up();
        if (!lifted.succeeded) return lifted;
      }
    }
    return engine.destroy();
  }

  async #lastWord(command: CommandName): Promise<number> {
    const { stack, kubeconfig } = this.#wanted;
    if (command === "preview") say("\nNothing was changed.");
    if (command === "up") {
      const state = this.#state();
      const inventory = await this.#clouds.inventory();
      const color = process.stdout.isTTY;
      const { text, sound } = summary({ stack, outputs: outputsOf(state), inventory, state, color });
      say(`\n${text}`);
      return sound ? 0 : 1;
    }
    if (command === "destroy") {
      const others = knownStacks(home, this.#project).filter((name) => name !== stack);
      const inClouds = cloudLeftovers(
        await this.#clouds.inventory(),
        others.map((name) => readDeployment(home, this.#project, name)),
      );
      const { startCluster } = load("./cluster") as typeof import("./cluster");
      const inCluster =
        kubeconfig === undefined
          ? await clusterLeftovers(
              await kubeApi(
                fs.readFileSync((await startCluster(stack)).kubeconfig, "utf8"),
                "the sandbox's kubeconfig",
              ),
            )
          : undefined;
      const { text, clean } = toldLeftovers(stack, inClouds, inCluster);
      say(`\n${text}`);
      return clean ? 0 : 1;
    }
    return 0;
  }

  async #places(kubeconfig: string, file: string): Promise<Places> {
    const accounts = this.#clouds.accounts();
    const json = (base: string, token: string) => async (where: string) => {
      const response = await fetch(`${base}${where}`, { headers: { authorization: `Bearer ${token}` } });
      if (response.status === 404) return undefined;
      if (!response.ok) throw new SandboxError(`GET ${base}${where} is answered with ${response.status}.`);
      return response.json();
    };
    const { uninstall } = load("./plugins/kubernetes/helm") as typeof import("./plugins/kubernetes/helm");
    return {
      hetzner: json(this.#clouds.hetznerUrl, accounts.hetzner),
      cloudflare: json(this.#clouds.cloudflareUrl.replace(/\/$/, ""), accounts.cloudflare),
      kube: await kubeApi(kubeconfig, file),
      uninstall: (name, namespace) => uninstall(kubeconfig, namespace, name),
    };
  }

  async #stop(): Promise<number> {
    const { stopCluster } = load("./cluster") as typeof import("./cluster");
    await endEngineProcesses(home);
    await Promise.all([this.#clouds.stop(), stopCluster("dev"), stopCluster("prod")]);
    say(
      `The sandbox's programs have ended. Its state is kept in ${home}: the next "npm start" goes on with it.`,
    );
    say(`To begin afresh, remove that folder: rm -r ${home}`);
    return 0;
  }

  /** Ctrl-C: the engine finishes what it is at; anything else ends at once. */
  #onInterrupt(): void {
    const interrupted = (signal: NodeJS.Signals) => {
      if (this.#engine === undefined) {
        this.#giveBack();
        process.exit(signal === "SIGINT" ? 130 : 143);
      }
      process.stderr.write(
        "\nInterrupted: the engine ends what it is at. The next run goes on from there.\n",
      );
      // In a terminal Ctrl-C has reached the engine as well, and a second one would stop it in the middle of a step.
      if (signal !== "SIGINT" || !process.stdin.isTTY) this.#engine.interrupt();
    };
    process.once("SIGINT", interrupted);
    process.once("SIGTERM", interrupted);
  }
}

/** @throws {SandboxError} something in the stack is protected: the engine would refuse only after it has deleted the rest. */
function refuseProtected(state: Deployment | undefined, stack: string): void {
  const names = (state?.resources ?? []).filter(({ protect }) => protect).map(({ urn }) => nameOf(urn));
  if (names.length === 0) return;
  throw new SandboxError(
    `The stack ${stack} is not destroyed: ${names.join(", ")} ${names.length === 1 ? "is" : "are"} protected. ` +
      `To destroy it all the same: npm start -- destroy --stack ${stack} --unprotect`,
  );
}

async function readKubeconfig(file: string): Promise<string> {
  let text: string;
  try {
    text = fs.readFileSync(file, "utf8");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new SandboxError(`--kubeconfig ${file} cannot be read: ${why}`);
  }
  await kubeApi(text, `--kubeconfig ${file}`);
  return text;
}

/** The user's own tokens, clusters and Pulumi settings have no business in a sandbox. */
function forgetOtherAccounts(): void {
  for (const key of Object.keys(process.env))
    if (/^(PULUMI_|HCLOUD_|HETZNER_|CLOUDFLARE_)|^KUBECONFIG$/.test(key))
      Reflect.deleteProperty(process.env, key);
}

/** Says what is being waited for, if it takes longer than a second. */
async function slow<T>(what: string, work: Promise<T>): Promise<T> {
  const timer = setTimeout(() => say(what), 1000);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}
