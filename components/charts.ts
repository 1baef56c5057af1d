import * as path from "node:path";

import type * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { mergeChartValues } from "./chart-values";

/** A chart, as arguments of `helm.v3.Release`. */
export interface Chart {
  /** An OCI reference, a folder, or with `repositoryOpts` the name in that repository. */
  readonly chart: string;
  readonly version: string;
  readonly repositoryOpts?: { readonly repo: string };
  /** Values of the user's, added to those of the program. Default: none. */
  readonly addedValues?: Readonly<Record<string, unknown>> | undefined;
}

const linkerd = { repositoryOpts: { repo: "https://helm.linkerd.io/edge" }, version: "2026.8.3" };

/** The charts that the platform installs, at the version it is tested with. */
const upstream = {
  cilium: { chart: "oci://quay.io/cilium/charts/cilium", version: "1.20.2" },
  "cert-manager": { chart: "oci://quay.io/jetstack/charts/cert-manager", version: "v1.21.2" },
  "trust-manager": { chart: "oci://quay.io/jetstack/charts/trust-manager", version: "v0.25.0" },
  "linkerd-crds": { chart: "linkerd-crds", ...linkerd },
  "linkerd-control-plane": { chart: "linkerd-control-plane", ...linkerd },
  "linkerd2-cni": { chart: "linkerd2-cni", ...linkerd },
  "linkerd-viz": { chart: "linkerd-viz", ...linkerd },
  traefik: { chart: "oci://ghcr.io/traefik/helm/traefik", version: "41.3.0" },
  "ingress-nginx": {
    chart: "ingress-nginx",
    repositoryOpts: { repo: "https://kubernetes.github.io/ingress-nginx" },
    version: "4.15.1",
  },
  "external-dns": {
    chart: "external-dns",
    repositoryOpts: { repo: "https://kubernetes-sigs.github.io/external-dns/" },
    version: "1.22.0",
  },
} as const satisfies Record<string, Chart>;

export type ChartName = keyof typeof upstream;

export type Charts = Readonly<Record<ChartName, Chart>>;

/**
 * The version of Traefik, which faces the Internet: newer than the chart's own, v3.7.11, for the holes closed since.
 *
 * @see https://github.com/traefik/traefik/releases/tag/v3.7.13
 */
export const traefikVersion = "v3.7.13";

/**
 * Resolves the charts upstream or in a mirror.
 *
 * @param mirror A folder with one chart per name, or an OCI prefix such as `oci://registry.example.com/charts`. Default:
 *   each project's registry.
 * @param versions Versions other than the tested ones.
 * @param values Values of the user's, added to those of the program.
 */
export function resolveCharts(
  mirror?: string,
  versions: Partial<Record<ChartName, string>> = {},
  values: Partial<Record<ChartName, Readonly<Record<string, unknown>>>> = {},
): Charts {
  const base = mirror?.replace(/\/+$/, "");
  const entries = Object.entries(upstream).map(([name, chart]) => [
    name,
    {
      ...(base === undefined ? chart : { chart: `${base}/${name}` }),
      version: versions[name as ChartName] ?? chart.version,
      ...(values[name as ChartName] && { addedValues: values[name as ChartName] }),
    },
  ]);
  return Object.fromEntries(entries) as Charts;
}

/** The installed version of Gateway API, which Traefik 3.7 and Cilium 1.20 support. */
export const gatewayApiVersion = "v1.6.3";

/**
 * URL or path of Gateway API's CRDs, for which upstream has no chart.
 *
 * @param mirror As for {@link resolveCharts}, but a folder with the CRDs in `gateway-api`.
 */
export function gatewayApiUrl(mirror?: string): string {
  const base =
    mirror === undefined
      ? `https://github.com/kubernetes-sigs/gateway-api/releases/download/${gatewayApiVersion}`
      : `${mirror.replace(/\/+$/, "")}/gateway-api`;
  return `${base}/standard-install.yaml`;
}

/**
 * Arguments of a release, with the defaults that all share. `atomic`, because a failed upgrade without it leaves fields
 * behind that make the corrected upgrade fail too.
 */
export function releaseArgs(
  chart: Chart,
  args: Pick<kubernetes.helm.v3.ReleaseArgs, "name" | "namespace" | "values" | "atomic" | "skipAwait">,
): kubernetes.helm.v3.ReleaseArgs {
  const { addedValues, ...location } = chart;
  const name = path.basename(chart.chart);
  const { values } = args;
  if (addedValues === undefined) return { ...location, atomic: true, timeout: 600, ...args };
  if (pulumi.Output.isInstance(values) || values instanceof Promise)
    throw new Error(`the values of ${name} are not known yet`);
  return {
    ...location,
    atomic: true,
    timeout: 600,
    ...args,
    values: mergeChartValues(name, values, addedValues),
  };
}
