import { resolveCharts, traefikVersion, type ChartName } from "../../components/charts";
import { errorIf, type ConfigError } from "../config-error";
import { rule, type Rule } from "../rule";

/** Rules about the versions of charts and of Traefik: the values are those of the tested minor version. */
export const versionRules: readonly Rule[] = [
  rule(["chartVersions"], ({ chartVersions }) =>
    Object.entries(chartVersions).flatMap(([name, version]) =>
      findVersionError(`chartVersions.${name}`, version, resolveCharts()[name as ChartName].version),
    ),
  ),
  rule(["ingress"], ({ ingress }) =>
    findVersionError("ingress.traefikVersion", ingress.traefikVersion, traefikVersion),
  ),
];

function findVersionError(path: string, version: string, tested: string): ConfigError[] {
  const minor = tested.replace(/\d+$/, "");
  const isPatch = version.startsWith(minor) && /^\d{1,3}$/.test(version.slice(minor.length));
  return errorIf(!isPatch, path, `got ${version}, want ${minor}x: the program is tested with ${tested}`);
}
