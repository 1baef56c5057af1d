import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { resolveCharts } from "../../components/charts";
import { withLock } from "../../sandbox/tools/build-lock";
import { compareVersions, pinnedVersion, readGoMod } from "../../sandbox/tools/go";
import { root } from "../../sandbox/paths";
import { identifyProcess } from "../../sandbox/daemon/process-identity";
import { kubernetesProvider } from "../../sandbox/tools/kubernetes-provider";
import { findHelmOnPath, findInAssets, findPulumiOnPath } from "../../sandbox/tools/installed-programs";
import { policy } from "../../sandbox/tools/policy";
import { withProgress } from "../../sandbox/tools/progress";
import { SandboxError } from "../../sandbox/sandbox-error";
import { engine, ensureGroup, kubernetes, oldestKubernetes, type ToolGroup } from "../../sandbox/tools/tools";
import { temporary } from "./temporary";

describe("tools of the sandbox", () => {
  const { PATH: path0, KUBEBUILDER_ASSETS: assets0 = "" } = process.env;
  const folder = temporary("tools-");
  let dir: string;
  beforeEach(() => (dir = folder()));
  afterEach(() => Object.assign(process.env, { PATH: path0, KUBEBUILDER_ASSETS: assets0 }));

  const group: ToolGroup = {
    name: "demo",
    what: "the demo",
    minutes: "no time",
    programs: { first: "example.org/demo/cmd/first", second: "example.org/demo/second/v3" },
    variables: (mod) => ({ "example.org/demo.version": pinnedVersion(mod, "example.org/demo") }),
  };
  const at = (...parts: string[]) => path.join(dir, ...parts);
  const calls = () =>
    fs.existsSync(at("calls")) ? fs.readFileSync(at("calls"), "utf8").trim().split("\n") : [];
  const build = (...unneeded: string[]) =>
    ensureGroup(group, "for a test", {
      unneeded,
      dirs: { tools: at("tools"), bin: at("bin") },
      progress: (_title, work) => work(() => undefined),
    });

  function executable(name: string, script: string): void {
    fs.mkdirSync(at("path"), { recursive: true });
    fs.writeFileSync(at("path", name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    process.env.PATH = `${at("path")}${path.delimiter}${path0 ?? ""}`;
  }

  /** A go that notes its calls and, in place of a build, makes the files that one would leave. */
  function fakeGo(version: string, instead = ""): void {
    const build = `${instead}\nout=; for a in "$@"; do [ "$last" = -o ] && out=$a; last=$a; done
for p in first second; do echo built > "$out$p"; done`;
    const script = `case $1 in version) echo "go version ${version} linux/amd64" ;; *) echo "$@" >> "${at("calls")}"\n${build} ;; esac`;
    executable("go", script);
  }

  function goMod(version: string): void {
    fs.mkdirSync(at("tools", "demo"), { recursive: true });
    const text = `module demo\n\ngo 1.26.0\n\nrequire (\n\texample.org/demo ${version}\n\texample.org/x v0.1.0 // indirect\n)\n`;
    fs.writeFileSync(at("tools", "demo", "go.mod"), text);
    fs.writeFileSync(at("tools", "demo", "go.sum"), "");
  }

  it("builds once, and again only when go.mod has changed or a program is missing", async () => {
    fakeGo("go1.26.8");
    goMod("v1.2.3");
    await build();
    await build();
    assert.equal(calls().length, 1);
    assert.match(calls()[0] ?? "", /-X example\.org\/demo\.version=v1\.2\.3 -o /);
    assert.equal(fs.readFileSync(at("bin", "second"), "utf8"), "built\n");
    assert.equal(fs.existsSync(at("bin", "draft")), false);

    goMod("v1.2.4");
    await build();
    assert.equal(calls().length, 2);

    fs.rmSync(at("bin", "first"));
    await build();
    assert.equal(calls().length, 3);
  });

  it("builds only the programs that are needed, and no older build of the others is used later", async () => {
    fakeGo("go1.26.8");
    goMod("v1.2.3");
    await build("second");
    assert.match(calls()[0] ?? "", /-o \S+ example\.org\/demo\/cmd\/first$/);
    assert.ok(!fs.existsSync(at("bin", "second")));

    await build();
    assert.match(calls()[1] ?? "", /-o \S+ example\.org\/demo\/second\/v3$/);
    await build();
    assert.equal(calls().length, 2);

    goMod("v1.2.4");
    await build("second");
    await build();
    assert.match(calls()[3] ?? "", /-o \S+ example\.org\/demo\/second\/v3$/);
  });

  it("leaves nothing usable behind a failed build, and shows go's own words and the log", async () => {
    fakeGo(
      "go1.26.8",
      `echo "go: downloading example.org/x v0.1.0" >&2; echo "x.go:1:1: undefined: y" >&2; exit 1`,
    );
    goMod("v1.2.3");
    await assert.rejects(build, ({ message }: Error) => {
      assert.match(message, /^go build failed \(exit 1\)\.\n {2}x\.go:1:1: undefined: y\nThe whole log: /);
      return message.endsWith(at("bin", "demo.log"));
    });
    for (const file of ["first", "demo.stamp", "build.lock"])
      assert.ok(!fs.existsSync(at("bin", file)), file);
  });

  const unreachable = 'Get "https://proxy.example.org/x": dial tcp: lookup proxy.example.org: no such host';
  for (const [what, prepare, message] of [
    [
      "the module proxy is out of reach",
      () => fakeGo("go1.26.8", `echo '${unreachable}' >&2; exit 1`),
      /^Go modules could not be downloaded: .* cannot be reached/,
    ],
    [
      "Go is missing",
      () => (process.env.PATH = at("nothing")),
      /^Go 1\.26 or newer is needed to build the demo, and no go is on PATH: install it from .* and try again\.$/,
    ],
    [
      "Go is too old",
      () => fakeGo("go1.25.11"),
      /^Go 1\.26 or newer is needed to build the demo, and the go on PATH is 1\.25\.11: /,
    ],
  ] as const)
    it(`says that ${what}`, async () => {
      goMod("v1.2.3");
      prepare();
      await assert.rejects(build, (error) => error instanceof SandboxError && message.test(error.message));
    });

  it("compares versions by number", () => {
    assert.ok(compareVersions("1.9.1", "1.26") < 0);
    assert.ok(compareVersions("v3.270.0-alpha.1", "v3.259.0") > 0);
    assert.equal(compareVersions("1.26", "1.26.0"), 0);
  });

  it("takes a pulumi on PATH that is new enough, and says why it takes no other", () => {
    executable("pulumi", "echo v3.260.1");
    assert.deepEqual(findPulumiOnPath("v3.259.0"), { usable: at("path", "pulumi"), version: "v3.260.1" });
    executable("pulumi", "echo v3.100.0");
    assert.match(findPulumiOnPath("v3.259.0").why ?? "", /is v3\.100\.0, older than v3\.259\.0$/);
    process.env.PATH = at("nothing");
    assert.deepEqual(findPulumiOnPath("v3.259.0"), { why: "there is no pulumi on PATH" });
  });

  it("takes a Helm 3 on PATH that is new enough, and no Helm 4", () => {
    executable("helm", "echo v3.22.1+g1234567");
    assert.deepEqual(findHelmOnPath("v3.22.0"), { usable: at("path", "helm"), version: "v3.22.1+g1234567" });
    executable("helm", "echo v3.18.4+g1234567");
    assert.match(findHelmOnPath("v3.22.0").why ?? "", /is v3\.18\.4\+g1234567, older than v3\.22\.0$/);
    executable("helm", "echo v4.0.1+g1234567");
    assert.match(findHelmOnPath("v3.22.0").why ?? "", /is v4\.0\.1\+g1234567, want a version below v4$/);
  });

  it("takes a program in KUBEBUILDER_ASSETS that is new enough, and says why it takes no other", () => {
    const find = () => findInAssets("etcd", "3.5");
    process.env.KUBEBUILDER_ASSETS = at("path");
    assert.equal(find(), undefined);
    executable("etcd", 'echo "etcd Version: 3.5.21"; echo "Go Version: go1.23.7"');
    assert.deepEqual(find(), { usable: at("path", "etcd"), version: "3.5.21" });
    executable("etcd", 'echo "etcd Version: 3.4.37"');
    assert.deepEqual(find(), { why: `${at("path", "etcd")} is 3.4.37, older than 3.5` });
    executable("etcd", "exit 1");
    assert.deepEqual(find(), { why: `${at("path", "etcd")} does not print its version` });
    delete process.env.KUBEBUILDER_ASSETS;
    assert.equal(find(), undefined);
  });

  it("lets one builder in at a time, and is not held by the dead", async () => {
    const lock = at("lock");
    const dead = { pid: process.pid, started: "long ago" };
    fs.writeFileSync(lock, JSON.stringify([dead]));
    const order: string[] = [];
    const first = withLock(
      lock,
      async () => {
        order.push("first in");
        await new Promise((resolve) => setTimeout(resolve, 50));
        order.push("first out");
      },
      () => assert.fail("a dead process holds the lock"),
    );
    let waited = false;
    await withLock(
      lock,
      () => Promise.resolve(order.push("second in")),
      () => (waited = true),
    );
    await first;
    assert.deepEqual(order, ["first in", "first out", "second in"]);
    assert.ok(waited);
    assert.ok(identifyProcess(process.pid));
  });

  it("keeps a plain log of a long task where there is no terminal", async () => {
    const lines: string[] = [];
    const work = async (say: (text: string) => void) => {
      say("half of it");
      await new Promise((resolve) => setTimeout(resolve, 60));
    };
    await withProgress("Building the demo", work, (line) => lines.push(line), 0.02);
    assert.equal(lines[0], "Building the demo ...");
    assert.equal(lines[1], "  0 s: in progress (half of it)");
    assert.equal(lines.at(-1), "  done in 0 s");
  });

  it("pins in tools/ every module the groups build, but for what is their own", () => {
    for (const tools of [engine, kubernetes, oldestKubernetes, kubernetesProvider, policy]) {
      const mod = readGoMod(path.join(root, "tools", tools.name));
      for (const mainPackage of Object.values(tools.programs)) {
        const own = path.posix.relative(`platform-networking/tools/${tools.name}`, mainPackage);
        const holder = own.startsWith("..")
          ? [...mod.require.keys()].find((module) => mainPackage.startsWith(module))
          : fs.existsSync(path.join(root, "tools", tools.name, own, "main.go"));
        assert.ok(holder, `${mainPackage} is in no module of tools/${tools.name}/go.mod`);
      }
      assert.ok(Object.values(tools.variables(mod)).every((value) => /^v?\d/.test(value)));
    }
  });

  it("takes the oldest Kubernetes that README.md supports", () => {
    const readme = fs.readFileSync(path.join(root, "README.md"), "utf8");
    const mod = readGoMod(path.join(root, "tools", oldestKubernetes.name));
    const pinned = /^v(\d+\.\d+)/.exec(pinnedVersion(mod, "k8s.io/kubernetes"))?.[1];
    assert.equal(/\(Kubernetes (\S+) to /.exec(readme)?.[1], pinned);
  });

  it("takes the policy engine of the Cilium that the program installs", () => {
    const mod = readGoMod(path.join(root, "tools", policy.name));
    const version = pinnedVersion(mod, "github.com/cilium/cilium");
    assert.equal(version, `v${resolveCharts().cilium.version}`);
  });
});
