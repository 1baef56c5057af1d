import * as assert from "node:assert/strict";
import { execFileSync } from "node:child_process";

import { begin, clear, cluster, home, inventory, objects, start, type Running } from "./start";

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

/** Runs a command and kills the victim as soon as the engine speaks of `sign`. */
async function kill(victim: keyof typeof victims, command: string, sign: string): Promise<void> {
  const running = begin(command);
  await running.printed(sign);
  const pids = victims[victim](running);
  assert.ok(pids.length > 0, `there is no ${victim} to kill`);
  for (const pid of pids) process.kill(pid, "SIGKILL");
  const { code, output } = await running.finished;
  assert.notEqual(code, 0, output);
}

const noChange = { create: 0, update: 0, same: 0, delete: 0, replace: 0 };

describe("a stack whose runs are killed with -9", () => {
  before(clear);
  after(clear);

  // One after the other on the same stack: each run has to make good what all before it left.
  it("loses the program while the clouds are being filled", () =>
    kill("program", "up", "dns-dev.example.com-A"));
  it("loses the engine while charts are being installed", () =>
    kill("engine", "up", "linkerd-trust-manager"));
  it("loses the API server while apps are being made", () => kill("API server", "up", "api-gateway"));

  it("converges in the next up", async () => {
    const { code, output } = await start("up");
    assert.equal(code, 0, output);
    const again = await start("up");
    assert.deepEqual({ ...again.report?.changes, same: 0 }, noChange, again.output);
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
    const { code, output } = await start("destroy");
    assert.equal(code, 0, output);
    const { hetzner, cloudflare } = await inventory();
    assert.deepEqual([hetzner.load_balancers, cloudflare.dns_records], [[], []]);
    const api = await cluster("dev");
    const own = (name: string) => !/^(default|kube-)/.test(name);
    assert.deepEqual((await objects(api, "api/v1/namespaces")).filter(own), []);
    assert.deepEqual(await objects(api, "apis/apps/v1/deployments"), []);
  });
});
