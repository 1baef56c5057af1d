import * as assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { parse, stringify } from "yaml";

import { Clouds } from "../../sandbox/clouds/client";
import { call, type Access, type Change } from "../../sandbox/cluster/access";
import { connectKubeApi } from "../../sandbox/cluster/kube-api";
import { countChanges, type Changes, type Report } from "../../sandbox/report";

/** The repository's root. */
export const root = path.resolve(__dirname, "../..");

/** Mocha runs two suites side by side, in a process each; the one that runs alone is the first. */
const lane = process.env.MOCHA_WORKER_ID ?? "0";

/**
 * The tests' own sandboxes, on ports of their own: the developer's is left alone. `PLATFORM_TEST_SANDBOX` (a folder, what
 * is in it is removed) and `PLATFORM_TEST_SANDBOX_PORT` (of the first; the next has its ports a hundred further on) let
 * two runs of the tests stand side by side.
 */
export const home = path.resolve(root, process.env.PLATFORM_TEST_SANDBOX ?? ".sandbox/test", lane);
const firstPort = Number(process.env.PLATFORM_TEST_SANDBOX_PORT ?? 17440) + 100 * Number(lane);

/** Options of every run that starts the engine: with `PLATFORM_TEST_REAL_KUBERNETES=1` the real Kubernetes provider. */
const runOptions = process.env.PLATFORM_TEST_REAL_KUBERNETES === "1" ? ["--real-kubernetes"] : [];

export interface Finished {
  readonly code: number | null;
  /** Everything it printed. */
  readonly output: string;
  readonly report: Report | undefined;
}

export interface Running {
  readonly process: ChildProcess;
  readonly finished: Promise<Finished>;
  /** Resolves as soon as the output has this text. */
  printed(text: string): Promise<void>;
}

/** `npm start -- <args>`, without npm, which adds nothing but a second of its own. */
export function begin(...args: string[]): Running {
  const file = path.join(os.tmpdir(), `report-${process.pid}-${Date.now()}.json`);
  const child = spawn(
    process.execPath,
    [
      "--require",
      "./sandbox/typescript.cjs",
      "sandbox/main.ts",
      ...args,
      ...(args[0] === "stop" ? [] : ["--report", file, ...runOptions]),
    ],
    {
      cwd: root,
      env: {
        ...process.env,
        PLATFORM_SANDBOX: home,
        PLATFORM_SANDBOX_PORT: String(firstPort),
        PLATFORM_SANDBOX_HISTORY: "1",
      },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let output = "";
  const take = (chunk: Buffer) => {
    output += chunk.toString();
    if (process.env.SHOW !== undefined) process.stdout.write(chunk);
  };
  child.stdout.on("data", take);
  child.stderr.on("data", take);
  const finished = new Promise<Finished>((resolve) => {
    child.on("close", (code) => {
      const report = fs.existsSync(file) ? (JSON.parse(fs.readFileSync(file, "utf8")) as Report) : undefined;
      fs.rmSync(file, { force: true });
      resolve({ code, output, report });
    });
  });
  const printed = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (output.includes(text)) resolve();
      };
      child.stdout.on("data", look);
      child.on("close", () => reject(new Error(`it ended without printing "${text}":\n${output}`)));
      look();
    });
  return { process: child, finished, printed };
}

export const start = (...args: string[]): Promise<Finished> => begin(...args).finished;

/** Ends the sandbox's programs and forgets all that it held. */
export async function clear(): Promise<void> {
  await start("stop");
  fs.rmSync(home, { recursive: true, force: true });
}

/** The emulated clouds of the tests' sandbox. */
export const clouds = new Clouds(home, firstPort);

interface Kubeconfig {
  readonly clusters: readonly [
    { readonly cluster: { readonly server: string; readonly "certificate-authority-data": string } },
  ];
  readonly users: readonly [{ readonly user: { readonly token: string } }];
}

/** The administrator's access to a stack's cluster. */
export function accessTo(stack: string): Access {
  const file = path.join(home, stack, "kubeconfig");
  const { clusters, users } = parse(fs.readFileSync(file, "utf8")) as Kubeconfig;
  const { server, "certificate-authority-data": ca } = clusters[0].cluster;
  return { server, ca: Buffer.from(ca, "base64").toString(), token: users[0].user.token };
}

/** The JSON at a path of a stack's API server, such as `/version`; undefined if there is none. */
export const read = (stack: string, at: string): Promise<unknown> => connectKubeApi(accessTo(stack)).get(at);

/** `<namespace>/<name>` of every object of a kind; `plural` is a path such as `apis/apps/v1/deployments`. */
export async function objects(stack: string, plural: string): Promise<string[]> {
  const list = (await read(stack, `/${plural}`)) as
    { items: { metadata: { name: string; namespace?: string } }[] } | undefined;
  return (list?.items ?? [])
    .map(({ metadata }) => [metadata.namespace, metadata.name].filter(Boolean).join("/"))
    .sort();
}

/** Reads or changes a resource of a stack's cluster as its administrator. @param resource Its path, such as `/api/v1/nodes`. */
export async function request(
  stack: string,
  resource: string,
  method?: Change["method"],
  body?: unknown,
): Promise<unknown> {
  const type = method === "PATCH" ? "application/merge-patch+json" : "application/json";
  const change = method && { method, type, ...(body !== undefined && { body: JSON.stringify(body) }) };
  return JSON.parse((await call(accessTo(stack), resource, change)).body) as unknown;
}

/** That a run changed this much, by its report, and nothing else. */
export function assertChanged({ report, output }: Finished, changes: Partial<Changes> = {}): void {
  assert.deepEqual({ ...report?.changes, same: 0 }, { ...countChanges({}), ...changes }, output);
}

/** That a run succeeded. @returns it. */
export async function succeeded<R extends Finished>(run: Promise<R>): Promise<R> {
  const finished = await run;
  assert.equal(finished.code, 0, finished.output);
  return finished;
}

/** Begins and ends a suite with an empty sandbox. @returns a folder for its files. */
export function emptySandbox(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "sandbox-"));
  before(clear);
  after(async () => {
    await clear();
    fs.rmSync(folder, { recursive: true });
  });
  return folder;
}

/** Config of a stack, by key without the namespace. */
export type Settings = Readonly<Record<string, unknown>>;

const namespaced = (key: string): string => `platform-networking:${key}`;

const configOf = (stack: string): Settings =>
  (parse(fs.readFileSync(path.join(root, `Pulumi.${stack}.yaml`), "utf8")) as { readonly config: Settings })
    .config;

/** The block that the file of a stack has below one key. */
export const settingsOf = (stack: string, key: string): Settings =>
  configOf(stack)[namespaced(key)] as Settings;

/** The text of a stack's file: its own config with these settings in place of those of the same keys. */
export function stackFile(stack: string, settings: Settings): string {
  const own = Object.entries(settings).map(([key, value]) => [namespaced(key), value] as const);
  return stringify({ config: { ...configOf(stack), ...Object.fromEntries(own) } });
}
