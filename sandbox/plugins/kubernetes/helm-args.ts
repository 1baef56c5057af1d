import type { Props } from "../fake-provider";
import { record, text } from "./values";
import { limitTimeout } from "./wait-for";

/** The inputs of a Release that the stand-in carries out: those that the program sets. */
export const RELEASE_INPUTS: Readonly<Record<string, "required" | "optional">> = {
  chart: "required",
  atomic: "optional",
  compat: "optional", // set by the SDK, always the same
  disableWebhooks: "optional",
  name: "required",
  namespace: "required",
  repositoryOpts: "optional",
  skipAwait: "optional",
  timeout: "optional",
  values: "optional",
  version: "optional",
};

const flag = (name: string, value: unknown): readonly string[] => {
  const given = text(value);
  return given === undefined ? [] : [name, given];
};

/** Helm's hooks, which the provider calls webhooks. */
const hooks = (inputs: Props): readonly string[] => (inputs.disableWebhooks === true ? ["--no-hooks"] : []);

/** Seconds that one operation may take: `timeout`, default 300. */
const timeout = (inputs: Props): readonly string[] => [
  "--timeout",
  `${limitTimeout(Number(inputs.timeout ?? 300))}s`,
];

/** How long to wait: until all is ready unless `skipAwait`, and with `atomic` in any case. */
function waiting(inputs: Props): readonly string[] {
  if (inputs.atomic === true) return ["--atomic"];
  return inputs.skipAwait === true ? [] : ["--wait"];
}

/** The arguments of `helm install` or `helm upgrade`; the values are read from standard input. */
export const releaseArgs = (
  verb: "install" | "upgrade",
  inputs: Props,
  name: string,
  namespace: string,
): string[] => [
  verb,
  name,
  text(inputs.chart) ?? "",
  "--namespace",
  namespace,
  ...hooks(inputs),
  ...flag("--version", inputs.version),
  ...flag("--repo", record(inputs.repositoryOpts).repo),
  ...waiting(inputs),
  ...timeout(inputs),
  "--values",
  "-",
];

/**
 * The arguments of `helm template` for the provider's function of that name, with the options that the program sets. The
 * values are read from standard input.
 */
export const templateArgs = ({
  path,
  chart,
  version,
  fetch_opts,
  release_name,
  skip_crd_rendering,
}: Props): string[] => [
  "template",
  text(release_name) ?? "",
  text(path) ?? text(chart) ?? "",
  ...flag("--version", version),
  ...flag("--repo", record(fetch_opts).repo),
  ...(skip_crd_rendering === true ? [] : ["--include-crds"]),
  "--values",
  "-",
];

/** The arguments of `helm uninstall`. */
export const uninstallArgs = (inputs: Props, name: string, namespace: string): string[] => [
  "uninstall",
  name,
  "--namespace",
  namespace,
  "--ignore-not-found",
  "--wait",
  ...hooks(inputs),
  ...timeout(inputs),
];
