import * as fs from "node:fs";
import * as path from "node:path";

import type { ChartName } from "../../components/charts";
import {
  linkerdTemplates,
  readStandInTemplates,
  standInCharts,
  writeStandIn,
  type StandInFiles,
} from "./stand-in-charts";

/** Chart name to version, as the program installs them. */
export type ChartVersions = Readonly<Record<ChartName, string>>;

/** Module path to the folder that holds it. */
export type ModuleDirs = ReadonlyMap<string, string>;

/** The Go modules with the charts. */
export const modules = {
  cilium: "github.com/cilium/cilium",
  certManager: "github.com/cert-manager/cert-manager",
  trustManager: "github.com/cert-manager/trust-manager",
  traefik: "github.com/traefik/traefik/v3",
  // Chart 1.22 was cut from the tree just after this version; the next one that has a number wants a Go of its own.
  // Nothing that the program sets is different between the two.
  externalDns: "sigs.k8s.io/external-dns",
  gatewayApi: "sigs.k8s.io/gateway-api",
  prometheusOperator: "github.com/prometheus-operator/prometheus-operator",
} as const;

/** Makes the folder of charts out of module folders. */
export function assemble(
  target: string,
  dirs: ModuleDirs,
  versions: ChartVersions,
  appVersions: ReadonlyMap<string, string>,
): void {
  const from = (module: string, ...parts: string[]) => path.join(moduleDir(dirs, module), ...parts);
  const carried = {
    cilium: { module: modules.cilium, folder: "install/kubernetes/cilium", numberAlone: true },
    "cert-manager": { module: modules.certManager, folder: "deploy/charts/cert-manager" },
    "trust-manager": { module: modules.trustManager, folder: "deploy/charts/trust-manager" },
    "external-dns": { module: modules.externalDns, folder: "charts/external-dns", numberAlone: true },
  } as const;
  for (const [name, { module, folder, numberAlone }] of Object.entries(carried) as [
    keyof typeof carried,
    ModuleFolder,
  ][]) {
    const chart = path.join(target, name);
    copyWritable(from(module, folder), chart);
    // In the repository the version is a placeholder, the one before, or the one that comes next.
    const version = appVersions.get(module) ?? versions[name];
    const appVersion = numberAlone ? version.replace(/^v/, "") : version;
    edit(path.join(chart, "Chart.yaml"), [
      [/^version: .*$/m, `version: ${versions[name]}`],
      [/^appVersion: .*$/m, `appVersion: ${appVersion}`],
    ]);
  }
  edit(path.join(target, "trust-manager", "values.yaml"), [
    [/^ {2}_defaultReference: .*$/m, `  _defaultReference: :${trustPackage(from(modules.trustManager))}`],
  ]);
  const registered = (by: string) => path.join(target, "registered", by);
  for (const version of ["v2", "v2alpha1"]) {
    const definitions = from(modules.cilium, "pkg/k8s/apis/cilium.io/client/crds", version);
    copyWritable(definitions, registered("cilium-operator"), ".yaml");
  }
  const watching = from(modules.prometheusOperator, "example/prometheus-operator-crd");
  for (const kind of ["prometheusrules", "servicemonitors"])
    copyWritable(watching, registered("prometheus-operator"), `_${kind}.yaml`);

  const gatewayApi = from(modules.gatewayApi, "config/crd/standard");
  const parts = fs.readdirSync(gatewayApi).sort();
  fs.mkdirSync(path.join(target, "gateway-api"));
  fs.writeFileSync(
    path.join(target, "gateway-api", "standard-install.yaml"),
    parts.map((part) => `---\n${fs.readFileSync(path.join(gatewayApi, part), "utf8")}`).join(""),
  );

  const traefikCrds = "docs/content/reference/dynamic-configuration/kubernetes-crd-definition-v1.yml";
  const crds = { "traefik.io.yaml": fs.readFileSync(from(modules.traefik, traefikCrds), "utf8") };
  const standIn = (name: ChartName, files: StandInFiles) =>
    writeStandIn(path.join(target, name), name, versions[name], files);
  standIn("linkerd-crds", { templates: linkerdTemplates() });
  for (const name of standInCharts)
    standIn(name, { templates: readStandInTemplates(name), ...(name === "traefik" && { crds }) });
}

interface ModuleFolder {
  readonly module: string;
  readonly folder: string;
  /** Whether the chart's `appVersion` has no `v` before it. */
  readonly numberAlone?: boolean;
}

function moduleDir(dirs: ModuleDirs, module: string): string {
  const dir = dirs.get(module);
  if (dir === undefined) throw new Error(`the module ${module} was not downloaded`);
  return dir;
}

/** The image tag that trust-manager's own release writes into its values. */
function trustPackage(module: string): string {
  const text = fs.readFileSync(path.join(module, "make", "00_debian_trixie_version.mk"), "utf8");
  const version = /^DEBIAN_TRIXIE_BUNDLE_VERSION := (\S+)$/m.exec(text)?.[1];
  if (version === undefined)
    throw new Error("trust-manager's module does not tell the version of its trust package");
  return version.replace(/[+~]/g, "-");
}

function edit(file: string, replacements: readonly (readonly [RegExp, string])[]): void {
  let text = fs.readFileSync(file, "utf8");
  for (const [pattern, line] of replacements) {
    if (!pattern.test(text)) throw new Error(`${file} has no line ${pattern.source}`);
    text = text.replace(pattern, line);
  }
  fs.writeFileSync(file, text);
}

/** Go keeps its modules read-only; a plain copy of a folder would be, too. */
export function copyWritable(from: string, to: string, suffix = ""): void {
  fs.mkdirSync(to, { recursive: true });
  for (const entry of fs.readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (entry.isDirectory()) copyWritable(source, target, suffix);
    else if (entry.name.endsWith(suffix)) fs.writeFileSync(target, fs.readFileSync(source));
  }
}
