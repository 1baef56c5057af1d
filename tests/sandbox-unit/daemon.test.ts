import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";

import * as daemon from "../../sandbox/daemon/daemon";
import { isAlive, identifyProcess } from "../../sandbox/daemon/process-identity";

describe("daemons of the sandbox", () => {
  let home: string;
  beforeEach(() => (home = fs.mkdtempSync(path.join(os.tmpdir(), "daemon-"))));
  afterEach(async () => {
    await daemon.stop("demo", 1, home);
    fs.rmSync(home, { recursive: true });
  });

  const node = (script: string): daemon.DaemonSpec => ({
    name: "demo",
    command: process.execPath,
    args: ["-e", script],
  });
  const idle = node("console.log('up'); setInterval(() => {}, 1000)");
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

  it("kills one that does not listen to SIGTERM", async () => {
    daemon.start(
      node("process.on('SIGTERM', () => {}); console.log('up'); setInterval(() => {}, 1000)"),
      home,
    );
    await up();
    await daemon.stop("demo", 0.2, home);
    assert.equal(daemon.isRunning("demo", home), false);
  });

  it("knows one that was killed for dead", async () => {
    daemon.start(idle, home);
    const pid = daemon.pidOf("demo", home);
    assert.ok(pid !== undefined);
    process.kill(pid, "SIGKILL");
    while (identifyProcess(pid)) await new Promise((resolve) => setTimeout(resolve, 10));
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

  it("shows the end of its log when it ends while it starts", async () => {
    daemon.start(node("console.error('no such flag: --x'); process.exit(3)"), home);
    const never = () => Promise.resolve(false);
    const wanted =
      /^SandboxError: demo ended while it was starting\.\n {2}no such flag: --x\nThe whole log: .*demo\.log$/;
    await assert.rejects(daemon.waitUntilHealthy("demo", never, 15, home), (error) =>
      wanted.test(String(error)),
    );
  });

  it("says so when the program is not there at all", async () => {
    daemon.start({ name: "demo", command: path.join(home, "absent"), args: [] }, home);
    const never = () => Promise.resolve(false);
    await assert.rejects(daemon.waitUntilHealthy("demo", never, 5, home), /ended while it was starting/);
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
    const port = await new Promise<number>((resolve) => {
      server.listen(0, "127.0.0.1", () => {
        const address = server.address();
        resolve(typeof address === "object" && address ? address.port : 0);
      });
    });
    const text = `Port ${port} is in use by another program (needed for the sandbox's API server): end it, or choose`;
    await assert.rejects(daemon.assertPortFree(port, "the sandbox's API server"), (error) => {
      assert.ok(error instanceof Error && error.message.startsWith(text), String(error));
      return /PLATFORM_SANDBOX_PORT=\d+ npm start$/.test(error.message);
    });
    await new Promise((resolve) => server.close(resolve));
    await daemon.assertPortFree(port, "the sandbox's API server");
  });
});
