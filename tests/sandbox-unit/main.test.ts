import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

import { parseInvocation } from "../../sandbox/invocation";
import { findPluginFolders } from "../../sandbox/engine/plugin-folders";
import { lockSandbox } from "../../sandbox/sandbox-lock";
import { SandboxError } from "../../sandbox/sandbox-error";
import { temporary } from "./temporary";

const folder = temporary("sandbox-");

describe("The command line", () => {
  const defaults = {
    ...{ command: "up", stack: "dev", unprotect: false, saveAtEnd: false, realKubernetes: false, faults: {} },
  };
  const faultOptions = "--fail Certificate/wildcard --late Deployment/api=30 --stuck Ingress/api";
  for (const [args, expected] of [
    ["", {}],
    [
      "--stack prod destroy --unprotect --save-at-end --report r.json",
      { command: "destroy", stack: "prod", unprotect: true, saveAtEnd: true, report: "r.json" },
    ],
    ["--plugins p --charts c", { plugins: "p", charts: "c" }],
    [
      faultOptions,
      {
        faults: { "Certificate.wildcard": "fail", "Deployment.api": "late:30", "Ingress.api": "stuck" },
      },
    ],
  ] as const)
    it(`takes "${args}"`, () =>
      assert.deepEqual(parseInvocation(args.split(" ").filter(Boolean)), { ...defaults, ...expected }));

  const faults: readonly [string, readonly string[], RegExp][] = [
    [
      "a late object without its time",
      ["--late", "Deployment/api"],
      /^--late: got Deployment\/api, want Kind\/name=seconds/,
    ],
    ["a command it does not know", ["fly"], /^There is no command "fly": the commands are up, preview, /],
    ["an option it does not know", ["--bogus"], /^Unknown option '--bogus'\. See "npm start -- --help"\.$/],
    ["a stack it does not know", ["--stack", "qa"], /'qa' is invalid.*dev, prod/],
    ["an option without its value", ["--report"], /argument missing/],
    [
      "--real-kubernetes beside --plugins",
      ["--real-kubernetes", "--plugins", "p"],
      /^Option '--real-kubernetes' cannot be used with option '--plugins <dir>'\./,
    ],
    ["two commands", ["up", "destroy"], /Too many arguments/],
    ["--unprotect without destroy", ["up", "--unprotect"], /^--unprotect goes with destroy, not with up\.$/],
    [
      "--save-at-end where nothing is saved",
      ["preview", "--save-at-end"],
      /^--save-at-end goes with up, refresh, destroy, not with preview\.$/,
    ],
  ];
  for (const [what, args, message] of faults)
    it(`refuses ${what} in one line`, () => {
      assert.throws(
        () => parseInvocation(args),
        (error) =>
          error instanceof SandboxError && message.test(error.message) && !error.message.includes("\n"),
      );
    });

  it("ends with 1 and one line, and nothing is made", () => {
    const home = path.join(folder(), "home");
    const result = spawnSync(
      process.execPath,
      ["--require", "./sandbox/typescript.cjs", "sandbox/main.ts", "fly"],
      {
        cwd: path.resolve(__dirname, "../.."),
        env: { ...process.env, PLATFORM_SANDBOX: home },
        encoding: "utf8",
      },
    );
    assert.equal(result.status, 1);
    assert.equal(
      result.stderr,
      'There is no command "fly": the commands are up, preview, refresh, destroy, stop.\n',
    );
    assert.equal(fs.existsSync(home), false);
  });
});

describe("The sandbox's lock", () => {
  it("lets a second command know that one is at work, and by which process", () => {
    const home = folder();
    const giveBack = lockSandbox(home);
    assert.throws(
      () => lockSandbox(home),
      new RegExp(`^SandboxError: Another "npm start" .*process ${process.pid}`),
    );
    giveBack();
    lockSandbox(home)();
  });

  for (const left of [
    JSON.stringify([{ pid: 2 ** 22 + 1, started: "long ago" }]),
    JSON.stringify([{ pid: process.pid, started: "before this process" }]),
    '[{"pid": 1',
  ])
    it(`takes over the lock ${left.slice(0, 20)} of a process that is gone`, () => {
      const home = folder();
      fs.writeFileSync(path.join(home, "run.lock"), left);
      lockSandbox(home)();
    });
});

describe("The plugins' folders", () => {
  it("are the stand-ins' by default", () => {
    const { folders, real } = findPluginFolders("/stand-ins");
    assert.equal(folders.hcloud, path.join("/stand-ins", "hcloud"));
    assert.deepEqual(real, []);
  });

  it("are the given one for each real plugin that is there", () => {
    const dir = folder();
    fs.writeFileSync(path.join(dir, "pulumi-resource-hcloud"), "", { mode: 0o755 });
    fs.writeFileSync(path.join(dir, "pulumi-resource-random"), "", { mode: 0o644 });
    const { folders, real, standIns } = findPluginFolders("/stand-ins", dir);
    assert.equal(folders.hcloud, dir);
    assert.deepEqual(real, ["hcloud"]);
    assert.deepEqual(standIns, ["cloudflare", "kubernetes", "random", "tls"]);
  });

  it("are refused when no real plugin is there", () => {
    const dir = folder();
    assert.throws(
      () => findPluginFolders("/stand-ins", dir),
      /no executable pulumi-resource-<name> is there/,
    );
  });
});
