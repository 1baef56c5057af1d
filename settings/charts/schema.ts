import { z } from "zod";

import { resolveCharts, type ChartName } from "../../components/charts";

/** Charts whose version is another's, or has a key of its own. */
const others: ReadonlySet<ChartName> = new Set(["cilium", "linkerd2-cni", "linkerd-crds", "linkerd-viz"]);

const allNames = Object.keys(resolveCharts()) as ChartName[];
const names = allNames.filter((name) => !others.has(name));

export const chartVersions = z
  .partialRecord(z.enum(names, { error: `one of ${names.join(", ")}` }), z.string())
  .default({});

/** The versions by chart: Linkerd's three have one. */
export function chartVersionsByName(versions: z.output<typeof chartVersions>) {
  const linkerd = versions["linkerd-control-plane"];
  return { ...versions, "linkerd2-cni": linkerd, "linkerd-crds": linkerd, "linkerd-viz": linkerd };
}

export const chartValues = z
  .partialRecord(
    z.enum(allNames, { error: `one of ${allNames.join(", ")}` }),
    z.record(z.string(), z.unknown()),
  )
  .default({});
