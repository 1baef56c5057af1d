import * as assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

import { passphraseFile } from "../../sandbox/engine/project";
import { binDir } from "../../sandbox/paths";
import {
  assertChanged,
  begin,
  clouds,
  emptySandbox,
  home,
  objects,
  root,
  start,
  succeeded,
  type Running,
} from "./start";

const stackFile = path.join(emptySandbox(), "Pulumi.dev.yaml");
const fromFile = ["--stack-file", stackFile];

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

function listProcesses(): readonly Process[] {
  return execFileSync("ps", ["-eo", "pid=,ppid=,args="], { encoding: "utf8" })
    .split("\n")
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .filter((match) => match !== null)
    .map(([, pid, parent, command = ""]) => ({ pid: Number(pid), parent: Number(parent), command }));
}

/** The processes below `pid`. */
const descendants = (pid: number, all = listProcesses()): readonly Process[] =>
  all.filter(({ parent }) => parent === pid).flatMap((child) => [child, ...descendants(child.pid, all)]);

const pidsOf = (processes: readonly Process[], command: RegExp): readonly number[] =>
  processes.filter((each) => command.test(each.command)).map(({ pid }) => pid);

const victims = {
  program: ({ process: { pid = 0 } }: Running) => [pid],
  engine: ({ process: { pid = 0 } }: Running) => pidsOf(descendants(pid), /(^|\/)pulumi /),
  "API server": () => pidsOf(listProcesses(), new RegExp(`kube-apiserver.*${home}/`)),
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

describe("a stack whose runs are killed with -9", () => {
  before(() => fs.copyFileSync(path.join(root, "Pulumi.dev.yaml"), stackFile));

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
    await succeeded(start("refresh", ...fromFile));
    const last = await start("up", ...fromFile);
    assert.doesNotMatch(last.output, /pending operations/);
    assertChanged(last);
  });

  it("has nothing doubled", async () => {
    const { hetzner, cloudflare } = await clouds.inventory();
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
    const { output } = await succeeded(start("destroy", ...fromFile));
    assert.match(output, /Of the stack dev the clouds and the cluster hold nothing any more\./);
    const own = (name: string) => !/^(default|kube-)/.test(name);
    assert.deepEqual((await objects("dev", "api/v1/namespaces")).filter(own), []);
  });
});
