import * as fs from "node:fs";
import * as path from "node:path";

import { parse } from "yaml";

import { root } from "./config";
import { faultsOf, unknownPaths, type Schema } from "./json-schema";

/** Charts, definitions and provider schemas as upstream publishes them, at the versions that are pinned. */
export const reference = path.resolve(root, "../shared/reference");

/** Whether there is anything to compare with. */
export const isReferenceThere = fs.existsSync(reference);

/**
 * What a chart takes though neither its defaults nor its schema list it, by chart, and why: a value, or with `.*` every
 * key of a map.
 */
const unlisted: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "external-dns": { "podAnnotations.*": "annotations", "extraArgs.*": "flags of external-dns, by name" },
  "linkerd-control-plane": { "destinationController.podAnnotations.*": "annotations" },
  cilium: {
    "socketLB.hostNamespaceOnly": "the chart reads it, and tells of it in a comment alone",
  },
  traefik: {
    "deployment.podAnnotations.*": "annotations",
    "ports.web.http.redirections.entryPoint.*":
      "what Traefik's own option takes: to, scheme, permanent, priority",
    "resources.*": "what a container's resources are in Kubernetes",
    "service.spec.*": "what a Service's spec is in Kubernetes",
    "tlsOptions.*": "one TLSOption for each key",
    "tlsStore.*": "one TLSStore for each key",
  },
  "ingress-nginx": {
    "controller.podAnnotations.*": "annotations",
    "controller.config.*": "what ingress-nginx's own ConfigMap takes",
    "controller.extraArgs.*": "flags of ingress-nginx, by name",
    "controller.maxUnavailable": "the chart reads it, and tells of it in a comment alone",
  },
};

const isUnlisted = (chart: string, at: string): boolean =>
  Object.keys(unlisted[chart] ?? {}).some((each) =>
    each.endsWith(".*") ? at.startsWith(each.slice(0, -1)) : at === each,
  );

/** What a chart has against its values: keys that it does not know, and what its schema says of the others. */
export function valueFaults(chart: string, values: unknown): string[] {
  const { schema, defaults } = known(chart);
  const all = defaults.map((each) => unknownPaths(values, each, schema, schema));
  // Of one file it may be unknown what another has in part: the path is the other's then.
  const isIn = (paths: readonly string[], at: string) =>
    paths.some((each) => at === each || at.startsWith(`${each}.`));
  const unknown = [...new Set(all.flat())].filter((at) => all.every((paths) => isIn(paths, at)));
  return [
    ...unknown.filter((each) => !isUnlisted(chart, each)).map((each) => `${each} is not known`),
    ...faultsOf(values, schema, { root: schema, closed: false }),
  ];
}

interface Known {
  /** Empty for a chart without one. */
  readonly schema: Schema;
  readonly defaults: readonly unknown[];
}

const charts = new Map<string, Known>();

function known(chart: string): Known {
  const read = (file: string): string[] => {
    const at = path.join(reference, "charts", chart, file);
    return fs.existsSync(at) ? [fs.readFileSync(at, "utf8")] : [];
  };
  const before = charts.get(chart);
  if (before !== undefined) return before;
  const [schema = {}] = read("values.schema.json").map((text) => JSON.parse(text) as Schema);
  const defaults = ["values.yaml", "values-ha.yaml"].flatMap(read).map((text): unknown => parse(text));
  if (defaults.length === 0) throw new Error(`nobody knows the values of ${chart}`);
  charts.set(chart, { schema, defaults });
  return { schema, defaults };
}
