import * as fs from "node:fs";
import * as path from "node:path";

import { parse, stringify } from "yaml";

import { toSeed } from "../../sandbox/clouds/seed";
import { projectName, readStackConfig, type Config } from "../../sandbox/engine/project";
import { countChanges } from "../../sandbox/report";
import { ensureCharts } from "../../sandbox/tools/charts";
import { clouds, home, root, stackFile, start, type Settings } from "../sandbox/start";
import { projectFolder, pulumi } from "./cli";
import type { Options } from "./options";
import type { Ran } from "./table";

/** Where the settings, the charts and what each command printed lie. */
export const folder = path.join(home, "..", "files");

/** Whether `up` and `refresh` are run by the ordinary CLI: the folder of the plugins holds the language host. */
export const hasLanguageHost = ({ plugins }: Options) =>
  fs.existsSync(path.join(plugins, "pulumi-language-nodejs"));

/** The stack prod with real plugins. The settings of one `up` stay for those after it. */
export class RealStack {
  readonly #options: Options;
  readonly #file = path.join(folder, "Pulumi.prod.yaml");
  readonly #charts = path.join(folder, "charts");
  #settings: Settings = {};

  constructor(options: Options) {
    this.#options = options;
  }

  /** Puts the given charts over those of the sandbox. */
  async prepare(): Promise<void> {
    fs.rmSync(folder, { recursive: true, force: true });
    fs.cpSync(await ensureCharts(), this.#charts, { recursive: true, dereference: true });
    const { charts, kubeconfig } = this.#options;
    for (const name of charts === undefined ? [] : fs.readdirSync(charts)) {
      fs.rmSync(path.join(this.#charts, name), { recursive: true, force: true });
      fs.cpSync(path.join(charts ?? "", name), path.join(this.#charts, name), { recursive: true });
    }
    // No pods run in the sandbox's cluster, and while an APIService has none, no namespace can be deleted.
    const tap = path.join(this.#charts, "linkerd-viz", "templates", "tap-rbac.yaml");
    if (kubeconfig === undefined && fs.existsSync(tap)) {
      const [before] = fs.readFileSync(tap, "utf8").split(/^apiVersion: apiregistration/m);
      fs.writeFileSync(tap, before ?? "");
    }
  }

  /** Always by `npm start`: it starts clouds and cluster, creates the stack and writes the project. */
  preview(settings: Settings): Promise<Ran> {
    this.#set(settings);
    return this.#npmStart("preview");
  }

  async up(settings: Settings = {}): Promise<Ran> {
    this.#set(settings);
    if (!hasLanguageHost(this.#options)) return this.#npmStart("up");
    await this.#writeProject();
    return this.#pulumi("up", "--skip-preview");
  }

  async refresh(): Promise<Ran> {
    return hasLanguageHost(this.#options)
      ? this.#pulumi("refresh", "--skip-preview")
      : this.#npmStart("refresh");
  }

  /** By the ordinary CLI in any case: `npm start` refuses a protected stack itself. */
  destroy(...flags: readonly string[]): Promise<Ran> {
    return this.#pulumi("destroy", ...flags);
  }

  /** `pulumi state unprotect --all`. */
  unprotect(): Promise<Ran> {
    return this.#pulumi("state", "unprotect", "--all");
  }

  /** `npm start -- destroy`, which looks for what is left in the clouds and in the sandbox's cluster. */
  lookForLeftovers(): Promise<Ran> {
    return this.#npmStart("destroy");
  }

  #set(settings: Settings): void {
    this.#settings = { ...this.#settings, ...settings };
    fs.writeFileSync(this.#file, stackFile("prod", this.#settings));
  }

  async #npmStart(command: string): Promise<Ran> {
    const { plugins, kubeconfig } = this.#options;
    const cluster = kubeconfig === undefined ? [] : ["--kubeconfig", kubeconfig];
    const options = ["--stack-file", this.#file, "--plugins", plugins, "--charts", this.#charts, ...cluster];
    const { code, output, report } = await start(command, "--stack", "prod", ...options);
    this.#keep(`npm start -- ${command}`, output);
    return { code, changes: report?.changes ?? countChanges({}) };
  }

  async #pulumi(...args: readonly string[]): Promise<Ran> {
    const { code, changes, output } = await pulumi(this.#options.plugins, args);
    this.#keep(`pulumi ${args.join(" ")}`, output);
    return { code, changes };
  }

  #keep(command: string, output: string): void {
    fs.appendFileSync(path.join(folder, "output.log"), `\n$ ${command}\n${output}`);
  }

  /** The project that `npm start` wrote, with the user's own runtime and program, and the settings of now. */
  async #writeProject(): Promise<void> {
    const wanted = readStackConfig(this.#file);
    await clouds.seed(toSeed("prod", wanted, projectName(root)));
    const { runtime, main } = read(path.join(root, "Pulumi.yaml"));
    rewrite("Pulumi.yaml", (file) => ({ ...file, runtime, main: path.join(root, String(main)) }));
    rewrite("Pulumi.prod.yaml", ({ config, ...file }) => ({
      ...file,
      config: { ...(config as Config), ...wanted },
    }));
  }
}

const read = (file: string) => parse(fs.readFileSync(file, "utf8")) as Config;

function rewrite(name: string, change: (file: Config) => Config): void {
  const file = path.join(projectFolder, name);
  fs.writeFileSync(file, stringify(change(read(file))));
}
