import { createHash, randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";

import { parse, stringify } from "yaml";

import { SandboxError } from "../sandbox-error";
import { writeFileAtomically } from "../write-file";

/** Config of a stack as its file has it: `project:key` to any YAML value. */
export type Config = Readonly<Record<string, unknown>>;

/** The sandbox's additions to the user's project. */
export interface SandboxProject {
  /** The user's repository, with Pulumi.yaml and Pulumi.<stack>.yaml. */
  readonly root: string;
  /** The sandbox's folder; the project is written to `project/` in it, the state lies in `state/`. */
  readonly home: string;
  readonly stack: string;
  /** The stack's file. Default: `Pulumi.<stack>.yaml` in `root`. */
  readonly stackFile?: string;
  /** Folder of the executable `pulumi-resource-<name>`, by name. */
  readonly plugins: Readonly<Record<string, string>>;
  /** Laid over the stack's config. */
  readonly config: Config;
  /** Laid over it too, encrypted with the sandbox's own passphrase. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** The project as it was written for the engine. */
export interface WrittenProject {
  readonly dir: string;
  /** The project's name, which is also the namespace of its config. */
  readonly name: string;
  /** The user's config from the stack's file. */
  readonly userConfig: Config;
  /** Secrets that still have to be encrypted with `pulumi config set-all --secret`, then {@link storeSecrets}. */
  readonly toEncrypt: Readonly<Record<string, string>>;
  /** Keys whose value only the user's own secrets provider can decrypt; they get a placeholder. */
  readonly unreadable: readonly string[];
}

interface StoredSecrets {
  /** Of the plain values. */
  readonly fingerprint: string;
  readonly encryptionsalt: string;
  readonly secure: Config;
}

/**
 * Writes `project/Pulumi.yaml`, `project/Pulumi.<stack>.yaml` and, once, the passphrase.
 *
 * @throws {SandboxError} a file of the user's that is missing or no YAML mapping.
 */
export function writeProject(project: SandboxProject): WrittenProject {
  const dir = path.join(project.home, "project");
  fs.mkdirSync(path.join(project.home, "state"), { recursive: true });
  fs.mkdirSync(dir, { recursive: true });
  passphraseFile(project.home);

  const user = readYaml(path.join(project.root, "Pulumi.yaml"));
  const userConfig = readStackConfig(findStackFile(project));
  const readable = mergeConfig(userConfig, project.config);

  const kept = readStoredSecrets(dir, project.stack);
  const fresh = kept?.fingerprint === fingerprint(project.secrets);
  const stackFile = {
    ...(kept && { encryptionsalt: kept.encryptionsalt }),
    config: { ...readable.config, ...(fresh && kept.secure) },
  };
  writeFileAtomically(path.join(dir, "Pulumi.yaml"), stringify(projectFile(user, project)));
  writeFileAtomically(path.join(dir, `Pulumi.${project.stack}.yaml`), stringify(stackFile));

  return {
    dir,
    name: parseProjectName(user),
    userConfig,
    toEncrypt: fresh ? {} : project.secrets,
    unreadable: readable.unreadable.filter((key) => !(key in project.secrets) && !(key in project.config)),
  };
}

/** The user's config with the sandbox's laid over it, and the keys that only the user can decrypt. */
export function mergeConfig(userConfig: Config, own: Config): { config: Config; unreadable: string[] } {
  const { config, unreadable } = withoutCiphertext(userConfig);
  return { config: { ...config, ...own }, unreadable };
}

/** Where the stack's file lies. */
export const findStackFile = ({
  root,
  stack,
  stackFile,
}: Pick<SandboxProject, "root" | "stack" | "stackFile">) =>
  stackFile ?? path.join(root, `Pulumi.${stack}.yaml`);

/** The config in a stack's file. @throws {SandboxError} the file is missing or no YAML mapping. */
export const readStackConfig = (file: string): Config => toMapping(readYaml(file).config);

/** Remembers how the engine encrypted the secrets, so that the next run need not do it again. */
export function storeSecrets(dir: string, stack: string, secrets: Readonly<Record<string, string>>): void {
  const file = readYaml(path.join(dir, `Pulumi.${stack}.yaml`));
  const config = toMapping(file.config);
  const secure = Object.fromEntries(Object.keys(secrets).map((key) => [key, config[key]] as const));
  const kept = { fingerprint: fingerprint(secrets), encryptionsalt: file.encryptionsalt, secure };
  writeFileAtomically(secretsFile(dir, stack), JSON.stringify(kept));
}

/** The name of the project in this repository. @throws {SandboxError} Pulumi.yaml is missing or has none. */
export function projectName(root: string): string {
  return parseProjectName(readYaml(path.join(root, "Pulumi.yaml")));
}

/** The user's project, with state in the sandbox and the plugins' folders. */
function projectFile(user: Config, { home, plugins }: SandboxProject): Config {
  return {
    name: parseProjectName(user),
    // Required by the engine, which never starts it: the program runs inline.
    runtime: "nodejs",
    ...(user.description !== undefined && { description: user.description }),
    ...(user.config !== undefined && { config: user.config }),
    // Without metadata files beside the state: a kill can leave one incomplete, and the engine then refuses the state.
    backend: { url: `file://${path.join(home, "state")}?metadata=skip` },
    plugins: { providers: Object.entries(plugins).map(([name, folder]) => ({ name, path: folder })) },
  };
}

/** The passphrase of the sandbox's state: random, readable by its owner only. */
export function passphraseFile(home: string): string {
  const file = path.join(home, "passphrase");
  if (!fs.existsSync(file)) writeFileAtomically(file, randomBytes(24).toString("hex"));
  return file;
}

/** A text in place of each `secure:` value: made from the ciphertext, so it stays the same between runs. */
function withoutCiphertext(config: Config): { config: Config; unreadable: string[] } {
  const unreadable: string[] = [];
  const plain = (value: unknown, key: string): unknown => {
    if (Array.isArray(value)) return value.map((item) => plain(item, key));
    if (typeof value !== "object" || value === null) return value;
    const { secure, ...others } = value as { secure?: unknown };
    if (typeof secure === "string" && Object.keys(others).length === 0) {
      if (!unreadable.includes(key)) unreadable.push(key);
      return `sandbox-${createHash("sha256").update(secure).digest("hex").slice(0, 32)}`;
    }
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plain(item, key)] as const));
  };
  const entries = Object.entries(config).map(([key, value]) => [key, plain(value, key)] as const);
  return { config: Object.fromEntries(entries), unreadable };
}

function readYaml(file: string): Config {
  if (!fs.existsSync(file)) throw new SandboxError(`${file} is missing.`);
  let content: unknown;
  try {
    content = parse(fs.readFileSync(file, "utf8"));
  } catch (error) {
    const [first] = (error instanceof Error ? error.message : String(error)).split("\n");
    throw new SandboxError(`${file} is not YAML: ${first ?? ""}`);
  }
  if (content === null) return {};
  if (typeof content !== "object" || Array.isArray(content))
    throw new SandboxError(`${file} is not a YAML mapping of keys to values.`);
  return content as Config;
}

function parseProjectName(project: Config): string {
  if (typeof project.name !== "string") throw new SandboxError("Pulumi.yaml has no name.");
  return project.name;
}

const toMapping = (value: unknown): Config =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Config) : {};

const fingerprint = (secrets: Readonly<Record<string, string>>): string =>
  createHash("sha256")
    .update(JSON.stringify(Object.entries(secrets).sort()))
    .digest("hex");

const secretsFile = (dir: string, stack: string): string => path.join(dir, `.secrets.${stack}.json`);

function readStoredSecrets(dir: string, stack: string): StoredSecrets | undefined {
  const file = secretsFile(dir, stack);
  return fs.existsSync(file) ? (JSON.parse(fs.readFileSync(file, "utf8")) as StoredSecrets) : undefined;
}
