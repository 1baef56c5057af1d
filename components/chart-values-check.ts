import * as pulumi from "@pulumi/pulumi";

import type { Chart, Charts } from "./charts";

/** Helm's error for values that a chart's `values.schema.json` refuses; a line for each of them follows. */
const schemaError = "values don't meet the specifications of the schema";

/** The arguments of the provider's function, of which `helm.v3.Chart` is made. A folder has no version to choose. */
const toTemplateOpts = (name: string, { chart, version, repositoryOpts }: Chart, values: object) =>
  JSON.stringify({
    ...(repositoryOpts === undefined && !chart.startsWith("oci://")
      ? { path: chart }
      : { chart, version, ...(repositoryOpts && { fetch_opts: repositoryOpts }) }),
    release_name: name,
    skip_crd_rendering: true,
    values,
  });

/**
 * Finds the lines of Helm's error about the schema. Any other error is not of the values: a chart may require values of the
 * program to be rendered, and the release itself reports a chart that cannot be loaded.
 */
async function findSchemaErrors(
  name: string,
  chart: Chart,
  values: object,
  opts: pulumi.InvokeOptions,
): Promise<string[]> {
  try {
    await pulumi.runtime.invoke(
      "kubernetes:helm:template",
      { jsonOpts: toTemplateOpts(name, chart, values) },
      opts,
    );
    return [];
  } catch (error) {
    const [, lines = ""] = String(error).split(schemaError);
    return lines
      .split("\n")
      .flatMap((line) => /^ *- (.*)$/.exec(line)?.[1] ?? [])
      .filter((line) => !line.endsWith(" failed"));
  }
}

/** Puts Helm's JSON pointer into the path: `at '/a/b': got string, want number`. */
function describe(name: string, line: string): string {
  const [, pointer = "", problem = line] = /^at '([^']*)': (.*)$/.exec(line) ?? [];
  const steps = pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
  return `  ${["chartValues", name, ...steps].join(".")}: ${problem}`;
}

/**
 * Checks the values that the user adds to charts against the charts' own schemas, which Helm itself does only when it
 * installs. In a preview only, and only of charts with such values: Helm must load each once more. They are checked alone,
 * since the program's are in part unknown in a first preview; what the chart's defaults lack is no error of theirs.
 *
 * @throws {pulumi.RunError} All values that a schema refuses.
 */
export async function checkChartValues(charts: Charts, opts: pulumi.InvokeOptions): Promise<void> {
  const errors = await Promise.all(
    Object.entries(charts).map(async ([name, chart]: [string, Chart]) => {
      if (chart.addedValues === undefined) return [];
      const found = await findSchemaErrors(name, chart, chart.addedValues, opts);
      const without = found.length > 0 ? await findSchemaErrors(name, chart, {}, opts) : [];
      return found.filter((line) => !without.includes(line)).map((line) => describe(name, line));
    }),
  );
  if (errors.flat().length > 0)
    throw new pulumi.RunError(`The schemas of charts refuse values:\n${errors.flat().join("\n")}`);
}
