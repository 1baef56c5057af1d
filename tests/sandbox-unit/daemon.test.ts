import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as net from "node:net";
import * as path from "node:path";

import * as daemon from "../../sandbox/daemon/daemon";
import { isAlive, identifyProcess } from "../../sandbox/daemon/process-identity";
import { temporary } from "./temporary";

describe("daemons of the sandbox", () => {
  let home: string;
  // Before the folder goes.
  afterEach(() => daemon.stop("demo", 1, home));
  const folder = temporary("daemon-");
  beforeEach(() => (home = folder()));

  const node = (script: string): daemon.DaemonSpec => ({
    name: "demo",
    command: process.execPath,
    args: ["-e", script],
  });
  const script = "console.log('up'); setInterval(() => {}, 1000)";
  const idle = node(script);
  const log = () => fs.readFileSync(daemon.logFile("demo", home), "utf8");
  const up = () => daemon.waitUntilHealthy("demo", () => Promise.resolve(log() === "up\n"), 15, home);

  it("starts one, finds it again, and ends it", async () => {
    daemon.start(idle, home);
    await up();
    const pid = daemon.pidOf("demo", home);
    assert.ok(pid !== undefined && pid !== process.pid);
    daemon.start(idle, home);
    assert.equal(daemon.pidOf("demo", home), pid, "started twice");
    await daemon.stop("demo", 5, home);
    assert.equal(daemon.isRunning("demo", home), false);
    assert.equal(identifyProcess(pid), undefined);
  });

  it("kills one that ignores SIGTERM", async () => {
    daemon.start(node(`process.on('SIGTERM', () => {}); ${script}`), home);
    await up();
    await daemon.stop("demo", 0.2, home);
    assert.equal(daemon.isRunning("demo", home), false);
  });

  it("never takes, or ends, another process that was given the pid", async () => {
    daemon.start(idle, home);
    await up();
    const file = path.join(home, "run", "demo.json");
    const mine = fs.readFileSync(file, "utf8");
    const pid = daemon.pidOf("demo", home);
    assert.ok(pid !== undefined);
    fs.writeFileSync(file, mine.replace(/"started":"[^"]*"/, '"started":"another time"'));
    assert.equal(daemon.isRunning("demo", home), false);
    await daemon.stop("demo", 1, home);
    assert.ok(identifyProcess(pid), "ended a process that is not ours");
    fs.writeFileSync(file, mine);
    assert.equal(daemon.isRunning("demo", home), true);
  });

  it("counts a pid file that was cut off as nothing running", () => {
    fs.mkdirSync(path.join(home, "run"));
    fs.writeFileSync(path.join(home, "run", "demo.json"), '{"pid": 1, "sta');
    assert.equal(daemon.isRunning("demo", home), false);
  });

  it("knows whether it runs by the same command", async () => {
    daemon.start(idle, home);
    await up();
    assert.equal(daemon.isRunningAs(idle, home), true);
    assert.equal(daemon.isRunningAs({ ...idle, args: [...idle.args, "--port=2"] }, home), false);
  });

  const absent = { name: "demo", command: "/nowhere/absent", args: [] };
  for (const [what, spec, message] of [
    [
      "its log",
      node("console.error('no such flag: --x'); process.exit(3)"),
      /^demo ended while it was starting\.\n {2}no such flag: --x\nThe whole log: .*demo\.log$/,
    ],
    ["the reason where the program is absent", absent, /ended while it was starting\.\n.*ENOENT/],
  ] as const)
    it(`shows ${what} when it ends while it starts`, async () => {
      daemon.start(spec, home);
      const never = () => Promise.resolve(false);
      await assert.rejects(daemon.waitUntilHealthy("demo", never, 15, home), ({ message: found }: Error) =>
        message.test(found),
      );
    });

  it("keeps the log of the start before", async () => {
    daemon.start(idle, home);
    await up();
    await daemon.stop("demo", 5, home);
    daemon.start(idle, home);
    const previous = path.join(home, "logs", "demo.previous.log");
    assert.equal(fs.readFileSync(previous, "utf8"), "up\n");
  });

  it("tells this process from a former one with its pid", () => {
    const self = identifyProcess(process.pid);
    assert.ok(self && isAlive(self));
    assert.equal(isAlive({ ...self, started: "before" }), false);
  });

  it("names a port in use, who needs it, and the remedy", async () => {
    const server = net.createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as net.AddressInfo;
    await assert.rejects(daemon.assertPortFree(port, "the sandbox's API server"), ({ message }: Error) => {
      const text = `Port ${port} is in use by another program (needed for the sandbox's API server): end it, or choose`;
      return message.startsWith(text) && /PLATFORM_SANDBOX_PORT=\d+ npm start$/.test(message);
    });
    await new Promise((resolve) => server.close(resolve));
    await daemon.assertPortFree(port, "the sandbox's API server");
  });
});
