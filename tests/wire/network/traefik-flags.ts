import { z } from "zod";

import type { Probe } from "./node-port";

/** The chart's own ports: of the container, and what its Service shows of them, to which redirects go. */
const ports = {
  web: [8000, 80],
  websecure: [8443, 443],
  metrics: [9100, 9100],
  traefik: [8080, 8080],
} as const;

/** An entry point's values. Those without a special case below have the path of their flag. */
const entryPoint = z.looseObject({
  nodePort: z.number(),
  http: z
    .looseObject({
      tls: z.strictObject({ enabled: z.boolean() }).optional(),
      redirections: z
        .strictObject({ entryPoint: z.looseObject({ to: z.enum(["web", "websecure"]) }) })
        .optional(),
    })
    .optional(),
});

/** Values that become no flag: objects beside the Deployment, or settings of Kubernetes alone. */
const ignoredValues = {
  rbac: z.unknown(),
  priorityClassName: z.unknown(),
  service: z.unknown(),
  ingressClass: z.unknown(),
  tlsOptions: z.unknown(),
  tlsStore: z.unknown(),
  extraObjects: z.unknown(),
  gateway: z.unknown(),
  gatewayClass: z.unknown(),
  resources: z.unknown(),
  autoscaling: z.unknown(),
  podDisruptionBudget: z.unknown(),
  topologySpreadConstraints: z.unknown(),
  image: z.unknown(),
};

const enabled = z.boolean();
const off = z.strictObject({ enabled: z.literal(false) });
const address = { ip: z.string() };
const namespaces = z.array(z.string());

/**
 * The chart's values as far as this program gives them. An unknown one is refused, so that the wire is never tried
 * without it; one of an entry point is refused by Traefik.
 */
const chartValues = z.strictObject({
  ...z.object(ignoredValues).partial().shape,
  global: z.strictObject({ checkNewVersion: z.boolean() }),
  api: z.strictObject({ dashboard: z.boolean() }),
  additionalArguments: z.array(z.string()).default([]),
  deployment: z.looseObject({ healthchecksPort: z.number().default(ports.traefik[0]) }),
  readinessProbe: z
    .strictObject({ periodSeconds: z.number().default(10), failureThreshold: z.number().default(1) })
    .prefault({}),
  ports: z.strictObject({ web: entryPoint, websecure: entryPoint }),
  providers: z.strictObject({
    kubernetesCRD: z.strictObject({
      enabled,
      namespaces,
      allowCrossNamespace: z.boolean(),
      nativeLBByDefault: z.boolean(),
      crossProviderNamespaces: namespaces,
      defaultTLSResourcesNamespace: z.string(),
    }),
    kubernetesIngress: z.strictObject({
      enabled,
      namespaces,
      strictPrefixMatching: z.boolean(),
      nativeLBByDefault: z.boolean(),
      publishedService: off,
      ingressEndpoint: z.strictObject(address),
    }),
    kubernetesGateway: z
      .strictObject({
        enabled,
        namespaces,
        nativeLBByDefault: z.boolean(),
        statusAddress: z.strictObject({ ...address, service: off }),
      })
      .optional(),
  }),
  log: z.strictObject({ level: z.string(), format: z.string() }),
  accessLog: z.strictObject({
    enabled,
    format: z.string(),
    fields: z.strictObject({
      names: z.record(z.string(), z.string()),
      queryParameters: z.strictObject({ defaultMode: z.string() }),
    }),
  }),
  metrics: z.strictObject({
    prometheus: z.strictObject({ addRoutersLabels: z.boolean(), service: z.unknown() }),
  }),
});

/**
 * The arguments that the chart would start Traefik with. The chart is not to be had here: its pod template
 * (traefik/templates/_podtemplate.tpl) is what this follows.
 *
 * @param values of the Helm release.
 * @param pod the address that entry points listen on; in a pod, all of them.
 * @throws {z.ZodError} a value that it does not know.
 * @see https://github.com/traefik/traefik-helm-chart
 */
export function traefikFlags(values: unknown, pod: string): string[] {
  const {
    ports: entryPoints,
    providers,
    global,
    api,
    log,
    accessLog,
    metrics,
    ...rest
  } = chartValues.parse(values);
  const { kubernetesCRD: crd, kubernetesIngress: ingress, kubernetesGateway: gateway } = providers;
  return [
    ...Object.entries(ports).map(([name, [port]]) => `--entryPoints.${name}.address=${pod}:${port}/tcp`),
    ...Object.entries(entryPoints).flatMap(([name, each]) => entryPointFlags(name, each)),
    ...toFlags("global", global),
    ...toFlags("api", api),
    "--ping=true",
    "--metrics.prometheus=true",
    "--metrics.prometheus.entrypoint=metrics",
    `--metrics.prometheus.addRoutersLabels=${metrics.prometheus.addRoutersLabels}`,
    ...providerFlags("kubernetescrd", crd),
    ...providerFlags("kubernetesingress", {
      ...{ ...ingress, publishedService: undefined, ingressEndpoint: undefined },
      ingressendpoint: ingress.ingressEndpoint,
    }),
    ...providerFlags("kubernetesgateway", {
      ...{ ...gateway, statusAddress: undefined },
      statusaddress: { ip: gateway?.statusAddress.ip },
    }),
    ...toFlags("log", log),
    `--accesslog=${accessLog.enabled}`,
    ...toFlags("accesslog", { ...accessLog, enabled: undefined }),
    ...rest.additionalArguments,
  ];
}

/** Ports on each node, to those of the pod. @throws {z.ZodError} as {@link traefikFlags}. */
export function traefikNodePorts(values: unknown): Readonly<Record<number, number>> {
  const { web, websecure } = chartValues.parse(values).ports;
  return { [web.nodePort]: ports.web[0], [websecure.nodePort]: ports.websecure[0] };
}

/** The container's readiness probe. @throws {z.ZodError} as {@link traefikFlags}. */
export function traefikProbe(values: unknown): Probe {
  const { deployment, readinessProbe } = chartValues.parse(values);
  return { ...readinessProbe, port: deployment.healthchecksPort, path: "/ping" };
}

function entryPointFlags(name: string, { http, ...rest }: z.infer<typeof entryPoint>): string[] {
  const redirect = http?.redirections?.entryPoint;
  return toFlags(`entryPoints.${name}`, {
    ...{ ...rest, nodePort: undefined },
    http: {
      ...{ ...http, tls: http?.tls?.enabled },
      redirections: redirect && { entryPoint: { ...redirect, to: `:${ports[redirect.to][1]}` } },
    },
  });
}

function providerFlags(name: string, options: Readonly<Record<string, unknown>>): string[] {
  return options.enabled === true
    ? [`--providers.${name}`, ...toFlags(`providers.${name}`, { ...options, enabled: undefined })]
    : [];
}

/** A flag for each value: `{ a: { b: [1, 2] } }` is `--name.a.b=1,2`. */
function toFlags(name: string, value: unknown): string[] {
  if (Array.isArray(value)) return [`--${name}=${value.join(",")}`];
  if (typeof value === "object" && value !== null)
    return Object.entries(value).flatMap(([key, each]) => toFlags(`${name}.${key}`, each));
  return value === undefined ? [] : [`--${name}=${z.coerce.string().parse(value)}`];
}
