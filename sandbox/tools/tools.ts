import * as fs from "node:fs";
import * as path from "node:path";

import { withLock } from "./build-lock";
import { pinnedVersion, readGoMod, requireGo, runGo, type GoMod } from "./go";
import { binDir, root } from "../paths";
import { withProgress } from "./progress";
import { findHelmOnPath, findInAssets, findPulumiOnPath, type InstalledProgram } from "./installed-programs";
import { digest, isUpToDate, writeChecksum } from "./checksum";

/** Paths of the programs that the sandbox runs. */
export interface Tools {
  readonly pulumi: string;
  readonly etcd: string;
  readonly kubeApiserver: string;
  readonly controllers: string;
}

/** Programs that come out of one go.mod by one `go build`, because they share most of their packages. */
export interface ToolGroup {
  /** Its folder under tools/, and its stamp's name. */
  readonly name: string;
  /** Completes "Building ...". */
  readonly what: string;
  /** How long that takes the first time on two cores. */
  readonly minutes: string;
  /** The file's path in the folder of all programs, to the main package. */
  readonly programs: Readonly<Record<string, string>>;
  /** Variables set by the linker. */
  readonly variables: (mod: GoMod) => Readonly<Record<string, string>>;
  /** Makes what go.mod refers to and the repository does not hold; runs before the build. */
  readonly prepare?: (log: string) => Promise<void>;
}

const engineModule = "github.com/pulumi/pulumi/pkg/v3";
const kubernetesModule = "k8s.io/kubernetes";
const helmModule = "helm.sh/helm/v3";

export const engine: ToolGroup = {
  name: "engine",
  what: "the Pulumi engine",
  minutes: "4 minutes",
  programs: { pulumi: `${engineModule}/cmd/pulumi` },
  // Without it the Automation API cannot read the engine's version and refuses it.
  variables: (mod) => ({
    "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": pinnedVersion(mod, engineModule),
  }),
};

export const kubernetes: ToolGroup = {
  name: "kubernetes",
  what: "the Kubernetes API server, etcd and Helm",
  minutes: "5 minutes",
  programs: {
    "kube-apiserver": `${kubernetesModule}/cmd/kube-apiserver`,
    controllers: "platform-networking/tools/kubernetes/controllers",
    etcd: "go.etcd.io/etcd/server/v3",
    helm: `${helmModule}/cmd/helm`,
  },
  // Without it Helm takes a cluster for v1.20, and charts refuse that.
  variables: (mod) => {
    const [major, minor] = pinnedVersion(mod, kubernetesModule).slice(1).split(".");
    return {
      ...apiServerVersion(mod),
      [`${helmModule}/pkg/chartutil.k8sVersionMajor`]: major ?? "",
      [`${helmModule}/pkg/chartutil.k8sVersionMinor`]: minor ?? "",
      [`${helmModule}/internal/version.version`]: pinnedVersion(mod, helmModule),
    };
  },
};

/** The API server of the oldest Kubernetes that the README names, for `PLATFORM_SANDBOX_KUBERNETES=oldest`. */
export const oldestKubernetes: ToolGroup = {
  name: "kubernetes-oldest",
  what: "the oldest supported Kubernetes API server",
  minutes: "4 minutes",
  // In a folder of its own: the API server's name is the manager of the fields that it sets.
  programs: { "kubernetes-oldest/kube-apiserver": `${kubernetesModule}/cmd/kube-apiserver` },
  variables: apiServerVersion,
};

/** Without these the API server calls itself v0.0.0, and charts refuse that. */
function apiServerVersion(mod: GoMod): Record<string, string> {
  const version = pinnedVersion(mod, kubernetesModule);
  const [major = "", minor = ""] = version.slice(1).split(".");
  const prefix = "k8s.io/component-base/version.git";
  return { [`${prefix}Version`]: version, [`${prefix}Major`]: major, [`${prefix}Minor`]: minor };
}

/** Programs of the user's that the sandbox runs instead of building them. */
interface Installed {
  readonly pulumi: InstalledProgram;
  readonly helm: InstalledProgram;
  readonly etcd: InstalledProgram | undefined;
  readonly kubeApiserver: InstalledProgram | undefined;
}

let installed: Installed | undefined;

const wantsOldest = (): boolean => process.env.PLATFORM_SANDBOX_KUBERNETES === "oldest";

/**
 * The `pulumi` and `helm` on PATH, at least at the version pinned in tools/, the oldest that the sandbox is tried with; etcd
 * and kube-apiserver in `KUBEBUILDER_ASSETS`, at least 3.5 and the oldest minor version that README.md supports. Searched
 * once, with a line on those that are used and each that is too old.
 */
function findInstalled(): Installed {
  if (installed !== undefined) return installed;
  const pinned = (group: ToolGroup, module: string) =>
    pinnedVersion(readGoMod(path.join(root, "tools", group.name)), module);
  const [oldestMinor = ""] = /^v\d+\.\d+/.exec(pinned(oldestKubernetes, kubernetesModule)) ?? [];
  installed = {
    pulumi: findPulumiOnPath(pinned(engine, engineModule)),
    helm: findHelmOnPath(pinned(kubernetes, helmModule)),
    etcd: findInAssets("etcd", "3.5"),
    kubeApiserver: wantsOldest() ? undefined : findInAssets("kube-apiserver", oldestMinor),
  };
  const found = Object.values(installed).flatMap((each: InstalledProgram | undefined) => each ?? []);
  const used = found.flatMap((each) => (each.usable === undefined ? [] : `${each.usable} ${each.version}`));
  if (used.length > 0) console.log(`Used instead of a build: ${used.join(", ")}.`);
  for (const { why } of [installed.etcd, installed.kubeApiserver].flatMap((each) => each ?? []))
    if (why !== undefined) console.log(`Not used: ${why}.`);
  return installed;
}

/** The groups that have to be up to date, the reason of each, and programs of it that are not needed. */
function neededGroups(): readonly (readonly [ToolGroup, reason: string, unneeded: readonly string[]])[] {
  const { pulumi, helm, etcd, kubeApiserver } = findInstalled();
  const unneeded = [
    ...(helm.usable === undefined ? [] : ["helm"]),
    ...(etcd?.usable === undefined ? [] : ["etcd"]),
    ...(kubeApiserver?.usable === undefined ? [] : ["kube-apiserver"]),
  ];
  return [
    [kubernetes, "for the cluster the sandbox deploys to", unneeded],
    ...(wantsOldest() ? ([[oldestKubernetes, "for PLATFORM_SANDBOX_KUBERNETES=oldest", []]] as const) : []),
    ...(pulumi.usable === undefined ? ([[engine, `because ${pulumi.why}`, []]] as const) : []),
  ];
}

/** Whether {@link ensureTools} has something to build. */
export const needsBuild = (): boolean =>
  neededGroups().some(([group, , unneeded]) => checkGroup(group, unneeded).missing().length > 0);

/**
 * Builds what is not built yet, and not installed; costs a few file reads when all is there.
 *
 * @throws SandboxError when Go is missing or too old, the module proxy cannot be reached, or a build fails.
 */
export async function ensureTools(): Promise<Tools> {
  const { pulumi, helm, etcd, kubeApiserver } = findInstalled();
  // The engine's modules come down the line while the other group keeps the processors busy.
  const fetched = pulumi.usable === undefined ? fetchModules(engine) : undefined;
  for (const [group, reason, unneeded] of neededGroups()) {
    if (group === engine) await fetched;
    await ensureGroup(group, reason, { unneeded });
  }
  if (helm.usable !== undefined) process.env.PLATFORM_SANDBOX_HELM = helm.usable;
  const built = (program: string) => path.join(binDir, program);
  return {
    pulumi: pulumi.usable ?? built("pulumi"),
    etcd: etcd?.usable ?? built("etcd"),
    kubeApiserver:
      kubeApiserver?.usable ?? built(wantsOldest() ? "kubernetes-oldest/kube-apiserver" : "kube-apiserver"),
    controllers: built("controllers"),
  };
}

/** Downloads the modules for a group's first build. A failure is ignored: the build reports it. */
async function fetchModules(group: ToolGroup): Promise<void> {
  if (fs.existsSync(path.join(binDir, `${group.name}.stamp`))) return;
  const log = path.join(binDir, `${group.name}.fetch.log`);
  const cwd = path.join(root, "tools", group.name);
  await runGo(["list", "-deps", ...Object.values(group.programs)], { cwd, log }).catch(() => undefined);
}

/** Where a group comes from and goes to. */
export interface GroupDirs {
  /** Holds a folder with go.mod and go.sum for each group. */
  readonly tools: string;
  readonly bin: string;
}

const defaultDirs: GroupDirs = { tools: path.join(root, "tools"), bin: binDir };

/** How a group is built, and which of its programs are missing or outdated. */
function checkGroup(group: ToolGroup, unneeded: readonly string[], dirs = defaultDirs) {
  const source = path.join(dirs.tools, group.name);
  const mod = readGoMod(source);
  const flags = ["-trimpath", "-ldflags", linkerFlags(group.variables(mod))];
  const stamp = path.join(dirs.bin, `${group.name}.stamp`);
  const expected = digest(
    fs.readFileSync(path.join(source, "go.mod"), "utf8"),
    fs.readFileSync(path.join(source, "go.sum"), "utf8"),
    ...ownSources(source),
    ...flags,
    JSON.stringify(group.programs),
  );
  const needed = Object.entries(group.programs).filter(([program]) => !unneeded.includes(program));
  const missing = () =>
    isUpToDate(stamp, expected)
      ? needed.filter(([program]) => !fs.existsSync(path.join(dirs.bin, program)))
      : needed;
  return { source, mod, flags, stamp, expected, missing };
}

/**
 * Builds the programs of a group that are missing or outdated. `reason` is shown during the build.
 *
 * @param options.unneeded programs of the group that are not built. Default: none.
 */
export async function ensureGroup(
  group: ToolGroup,
  reason: string,
  {
    unneeded = [],
    dirs = defaultDirs,
    progress = withProgress,
  }: {
    readonly unneeded?: readonly string[];
    readonly dirs?: GroupDirs;
    readonly progress?: typeof withProgress;
  } = {},
): Promise<void> {
  const { source, mod, flags, stamp, expected, missing } = checkGroup(group, unneeded, dirs);
  const names = missing().map(([program]) => program);
  if (names.length === 0) return;

  const [what, duration] =
    names.length === Object.keys(group.programs).length
      ? [group.what, `about ${group.minutes}`]
      : [names.join(" and "), `up to ${group.minutes}`];
  requireGo(mod.go, `build ${what}`);
  const lock = path.join(dirs.bin, "build.lock");
  const waiting = () =>
    console.log("Another build of the sandbox's tools is under way: waiting for it to end.");
  await withLock(
    lock,
    async (join) => {
      const programs = missing();
      if (programs.length === 0) return;
      const draft = path.join(dirs.bin, "draft");
      fs.rmSync(draft, { recursive: true, force: true });
      fs.mkdirSync(draft, { recursive: true });
      const title = `Building ${what}, ${reason}. Only this once; ${duration} on two cores`;
      const log = path.join(dirs.bin, `${group.name}.log`);
      await progress(title, async (report) => {
        await group.prepare?.(log);
        // With a trailing slash go writes one program for each main package into the folder.
        const packages = programs.map(([, mainPackage]) => mainPackage);
        await runGo(["build", ...flags, "-o", `${draft}/`, ...packages], {
          cwd: source,
          log,
          report,
          started: join,
        });
      });
      // Under the new stamp no program of an older build may be left.
      if (!isUpToDate(stamp, expected))
        for (const program of unneeded) fs.rmSync(path.join(dirs.bin, program), { force: true });
      for (const [program, mainPackage] of programs) {
        const file = path.join(dirs.bin, program);
        fs.mkdirSync(path.dirname(file), { recursive: true });
        fs.renameSync(path.join(draft, builtName(mainPackage)), file);
      }
      fs.rmSync(draft, { recursive: true });
      writeChecksum(stamp, expected);
    },
    waiting,
  );
}

/** The Go files of our own in a group's folder. */
function ownSources(source: string): string[] {
  const files = fs
    .readdirSync(source, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".go"));
  return files.sort().map((file) => fs.readFileSync(path.join(source, file), "utf8"));
}

/** As go names it: the last element of the path that is no major version. */
function builtName(mainPackage: string): string {
  return path.posix.basename(mainPackage.replace(/\/v\d+$/, ""));
}

function linkerFlags(variables: Readonly<Record<string, string>>): string {
  return ["-s -w", ...Object.entries(variables).map(([name, value]) => `-X ${name}=${value}`)].join(" ");
}
