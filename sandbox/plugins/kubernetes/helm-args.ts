import type { Props } from "../fake-provider";
import { record, text } from "./values";
import { limitTimeout } from "./wait-for";

/** Inputs of a Release and the flags of `helm install` and `helm upgrade` that they become. */
const FLAGS: Readonly<Record<string, string>> = {
  cleanupOnFail: "--cleanup-on-fail",
  createNamespace: "--create-namespace",
  dependencyUpdate: "--dependency-update",
  description: "--description",
  devel: "--devel",
  disableOpenapiValidation: "--disable-openapi-validation",
  disableWebhooks: "--no-hooks",
  forceUpdate: "--force",
  keyring: "--keyring",
  maxHistory: "--history-max",
  renderSubchartNotes: "--render-subchart-notes",
  replace: "--replace",
  resetValues: "--reset-values",
  reuseValues: "--reuse-values",
  skipCrds: "--skip-crds",
  takeOwnership: "--take-ownership",
  verify: "--verify",
  version: "--version",
};

const INSTALL_ONLY = new Set(["createNamespace", "replace"]);
const UPGRADE_ONLY = new Set(["cleanupOnFail", "maxHistory", "resetValues", "reuseValues"]);

const REPOSITORY_FLAGS: Readonly<Record<string, string>> = {
  repo: "--repo",
  caFile: "--ca-file",
  certFile: "--cert-file",
  keyFile: "--key-file",
};

/** The inputs of a Release that the stand-in carries out. */
export const RELEASE_INPUTS: Readonly<Record<string, "required" | "optional">> = {
  chart: "required",
  ...Object.fromEntries(Object.keys(FLAGS).map((key) => [key, "optional"] as const)),
  allowNullValues: "optional", // nulls are always kept, as in the real provider
  atomic: "optional",
  compat: "optional", // set by the SDK, always the same
  name: "optional",
  namespace: "optional",
  repositoryOpts: "optional",
  skipAwait: "optional",
  timeout: "optional",
  values: "optional",
  waitForJobs: "optional",
};

/** The keys of `repositoryOpts` that the stand-in carries out. */
export const REPOSITORY_INPUTS: readonly string[] = Object.keys(REPOSITORY_FLAGS);

function flag(name: string, value: unknown): readonly string[] {
  if (value === true) return [name];
  if (typeof value === "string" || typeof value === "number") return [name, String(value)];
  return [];
}

/** Seconds that one operation may take: `timeout`, default 300. */
const timeout = (inputs: Props): readonly string[] => [
  "--timeout",
  `${limitTimeout(Number(inputs.timeout ?? 300))}s`,
];

/** How long to wait: until all is ready unless `skipAwait`, and with `atomic` in any case. */
function waiting(inputs: Props): readonly string[] {
  if (inputs.atomic !== true && inputs.skipAwait === true) return [];
  return [inputs.atomic === true ? "--atomic" : "--wait", ...flag("--wait-for-jobs", inputs.waitForJobs)];
}

/** The arguments of `helm install` or `helm upgrade`; the values are read from standard input. */
export function releaseArgs(
  verb: "install" | "upgrade",
  inputs: Props,
  name: string,
  namespace: string,
): string[] {
  const other = verb === "install" ? UPGRADE_ONLY : INSTALL_ONLY;
  const repository = record(inputs.repositoryOpts);
  return [
    verb,
    name,
    text(inputs.chart) ?? "",
    "--namespace",
    namespace,
    ...Object.entries(FLAGS).flatMap(([key, name]) => (other.has(key) ? [] : flag(name, inputs[key]))),
    ...Object.entries(REPOSITORY_FLAGS).flatMap(([key, name]) => flag(name, repository[key])),
    ...waiting(inputs),
    ...timeout(inputs),
    "--values",
    "-",
  ];
}

/** The arguments of `helm uninstall`. */
export function uninstallArgs(inputs: Props, name: string, namespace: string): string[] {
  const hooks = flag("--no-hooks", inputs.disableWebhooks);
  return [
    "uninstall",
    name,
    "--namespace",
    namespace,
    "--ignore-not-found",
    "--wait",
    ...hooks,
    ...timeout(inputs),
  ];
}
