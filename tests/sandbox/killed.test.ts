import * as assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { passphraseFile } from "../../sandbox/engine/project";
import { binDir } from "../../sandbox/paths";
import { begin, clear, cluster, home, inventory, objects, root, start, type Running } from "./start";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "killed-"));
const stackFile = path.join(folder, "Pulumi.dev.yaml");
const fromFile = ["--stack-file", stackFile];

/** The processes below `pid`, with their command lines. */
function descendants(pid: number): { pid: number; command: string }[] {
  const table = execFileSync("ps", ["-eo", "pid=,ppid=,args="], { encoding: "utf8" })
    .split("\n")
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .filter((match) => match !== null)
    .map(([, child = "", parent = "", command = ""]) => ({
      pid: Number(child),
      parent: Number(parent),
      command,
    }));
  const below = (of: number): typeof table =>
    table.filter(({ parent }) => parent === of).flatMap((child) => [child, ...below(child.pid)]);
  return below(pid);
}

function apiServers(): number[] {
  return execFileSync("ps", ["-eo", "pid=,args="], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line.includes("kube-apiserver") && line.includes(`${home}/`))
    .map((line) => Number.parseInt(line, 10));
}

const victims = {
  program: ({ process: { pid = 0 } }: Running) => [pid],
  engine: ({ process: { pid = 0 } }: Running) =>
    descendants(pid)
      .filter(({ command }) => /(^|\/)pulumi /.test(command))
      .map((found) => found.pid),
  "API server": () => apiServers(),
} as const;

/** Runs a command and kills the victim as soon as the engine mentions `sign`. */
async function kill(victim: keyof typeof victims, command: string, sign: string): Promise<void> {
  const running = begin(command, ...fromFile);
  const isReached = await running.printed(sign).then(
    () => true,
    () => false,
  );
  if (!isReached) {
    const { output } = await running.finished;
    followMessages(output);
    return kill(victim, command, sign);
  }
  const pids = victims[victim](running);
  assert.ok(pids.length > 0, `there is no ${victim} to kill`);
  for (const pid of pids) process.kill(pid, "SIGKILL");
  const { code, output } = await running.finished;
  assert.notEqual(code, 0, output);
}

/** The commands in the messages of a preview: the one that imports all that an interrupted run created, and Helm's. */
function findCommands(output: string): readonly string[] {
  const [importAll] = output.match(/pulumi config set-all --path .*/g)?.slice(-1) ?? [];
  const imports = importAll ? [importAll] : (output.match(/pulumi config set --path '[^']+' \S+/g) ?? []);
  return [...new Set([...imports, ...(output.match(/helm (uninstall|rollback) \S+ -n [a-z-]+/g) ?? [])])];
}

/** Runs one of those commands as a user does in a shell. */
function runCommand(command: string): void {
  const pulumi = command.startsWith("pulumi");
  execFileSync("sh", ["-c", pulumi ? `${command} --stack dev --config-file '${stackFile}'` : command], {
    cwd: path.join(home, "project"),
    stdio: "pipe",
    env: {
      ...process.env,
      PATH: [binDir, process.env.PATH].join(path.delimiter),
      KUBECONFIG: path.join(home, "dev", "kubeconfig"),
      PULUMI_HOME: path.join(home, "pulumi"),
      PULUMI_CONFIG_PASSPHRASE_FILE: passphraseFile(home),
      PULUMI_SKIP_UPDATE_CHECK: "true",
    },
  });
}

/** The documented way after an interrupted run: preview, and the commands in its messages, until it reports none. */
async function resolveConflicts(): Promise<void> {
  for (let previews = 1; ; previews++) {
    const { code, output } = await start("preview", ...fromFile);
    if (code === 0) return;
    assert.ok(previews <= 3, output);
    followMessages(output);
  }
}

/** Runs the commands in the messages of a failed run. */
function followMessages(output: string): void {
  const commands = findCommands(output);
  assert.ok(commands.length > 0, output);
  commands.forEach(runCommand);
}

/** An `up` that finds more of what an interrupted one created than the preview could know: its messages are followed. */
async function converge(): Promise<void> {
  for (let ups = 1; ; ups++) {
    const { code, output } = await start("up", ...fromFile);
    if (code === 0) return;
    assert.ok(ups <= 5, output);
    followMessages(output);
  }
}

const noChange = { create: 0, update: 0, same: 0, delete: 0, replace: 0 };

describe("a stack whose runs are killed with -9", () => {
  before(async () => {
    await clear();
    fs.copyFileSync(path.join(root, "Pulumi.dev.yaml"), stackFile);
  });
  after(async () => {
    await clear();
    fs.rmSync(folder, { recursive: true });
  });

  it("loses the program while the clouds are being filled", () =>
    kill("program", "up", "dns-dev.example.com-A"));
  it("loses the engine while charts are being installed", async () => {
    await resolveConflicts();
    await kill("engine", "up", "linkerd-trust-manager");
  });
  it("loses the API server while apps are being created", async () => {
    await resolveConflicts();
    await kill("API server", "up", "api-gateway");
  });

  it("converges in the next up, and has no pending operation after a refresh", async () => {
    await resolveConflicts();
    await converge();
    const { code, output } = await start("refresh", ...fromFile);
    assert.equal(code, 0, output);
    const last = await start("up", ...fromFile);
    assert.doesNotMatch(last.output, /pending operations/);
    assert.deepEqual({ ...last.report?.changes, same: 0 }, noChange, last.output);
  });

  it("has nothing doubled", async () => {
    const { hetzner, cloudflare } = await inventory();
    assert.deepEqual(
      hetzner.load_balancers.map(({ services, targets, private_net }) => [
        services.length,
        targets.length,
        private_net.length,
      ]),
      [[2, 1, 1]],
    );
    const keys = cloudflare.dns_records.map((record) => `${record.type} ${record.name}`);
    assert.deepEqual(keys, [...new Set(keys)]);
  });

  it("loses the engine while it is taken down", () => kill("engine", "destroy", "api-gateway"));

  it("has nothing orphaned after the next destroy", async () => {
    const { code, output } = await start("destroy", ...fromFile);
    assert.equal(code, 0, output);
    const { hetzner, cloudflare } = await inventory();
    assert.deepEqual([hetzner.load_balancers, cloudflare.dns_records], [[], []]);
    const api = await cluster("dev");
    const own = (name: string) => !/^(default|kube-)/.test(name);
    assert.deepEqual((await objects(api, "api/v1/namespaces")).filter(own), []);
    assert.deepEqual(await objects(api, "apis/apps/v1/deployments"), []);
  });
});
