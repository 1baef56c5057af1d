import { z } from "zod";

const strings = z.array(z.string());
const entryPoint = z.strictObject({
  nodePort: z.number().optional(),
  asDefault: z.boolean().optional(),
  http: z
    .strictObject({
      redirections: z
        .strictObject({
          entryPoint: z.strictObject({ to: z.string(), scheme: z.string(), permanent: z.boolean() }),
        })
        .optional(),
      tls: z.strictObject({ enabled: z.boolean() }).optional(),
      middlewares: strings.optional(),
    })
    .optional(),
  proxyProtocol: z.strictObject({ trustedIPs: strings }).optional(),
  forwardedHeaders: z.strictObject({ trustedIPs: strings }).optional(),
  transport: z
    .strictObject({
      lifeCycle: z.strictObject({ requestAcceptGraceTimeout: z.string(), graceTimeOut: z.string() }),
      respondingTimeouts: z.strictObject({ idleTimeout: z.string() }),
      keepAliveMaxTime: z.string(),
    })
    .optional(),
});

/** What becomes no flag: objects beside the Deployment, or nothing that a process knows of. */
const elsewhere = {
  deployment: z.unknown(),
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
  /** Traefik 3.6 has no such option: there a host with two kinds of TLS options always falls back to the default. */
  core: z.strictObject({ strictTLSOptions: z.boolean() }),
};

/**
 * The chart's values as far as this program gives them. An unknown one is refused, so that the wire is never tried
 * without it.
 */
const chartValues = z.strictObject({
  ...z.object(elsewhere).partial().shape,
  ports: z.strictObject({ web: entryPoint, websecure: entryPoint }),
  providers: z.strictObject({
    kubernetesCRD: z.strictObject({
      enabled: z.boolean(),
      allowCrossNamespace: z.boolean(),
      nativeLBByDefault: z.boolean(),
      /** Not in Traefik 3.6. */
      defaultTLSResourcesNamespace: z.string(),
    }),
    kubernetesIngress: z.strictObject({
      strictPrefixMatching: z.boolean(),
      enabled: z.boolean(),
      nativeLBByDefault: z.boolean(),
      publishedService: z.strictObject({ enabled: z.literal(false) }),
      ingressEndpoint: z.strictObject({ ip: z.string() }),
    }),
    kubernetesGateway: z
      .strictObject({
        enabled: z.boolean(),
        nativeLBByDefault: z.boolean(),
        statusAddress: z.strictObject({
          ip: z.string(),
          service: z.strictObject({ enabled: z.literal(false) }),
        }),
      })
      .optional(),
  }),
  log: z.strictObject({ level: z.string(), format: z.string() }),
  accessLog: z.strictObject({ enabled: z.boolean(), format: z.string() }),
  metrics: z.strictObject({
    prometheus: z.strictObject({ addRoutersLabels: z.boolean(), service: z.unknown() }),
  }),
});

/** The chart's own ports: of the container, and what its Service shows of them, which redirects lead to. */
const ports = {
  web: [8000, 80],
  websecure: [8443, 443],
  metrics: [9100, 9100],
  traefik: [8080, 8080],
} as const;

/**
 * The arguments that the chart at 41.3 would start Traefik with. The chart is not to be had here: its pod template
 * (traefik/templates/_podtemplate.tpl) is what this follows.
 *
 * @param values of the Helm release.
 * @param pod the address that entry points listen on; in a pod, all of them.
 * @throws {z.ZodError} a value that it does not know.
 * @see https://github.com/traefik/traefik-helm-chart
 */
export function traefikFlags(values: unknown, pod: string): string[] {
  const { ports: entryPoints, providers, log, accessLog, metrics } = chartValues.parse(values);
  const { kubernetesCRD: crd, kubernetesIngress: ingress, kubernetesGateway: gateway } = providers;
  return [
    ...Object.entries(ports).map(([name, [port]]) => `--entryPoints.${name}.address=${pod}:${port}/tcp`),
    ...Object.entries(entryPoints).flatMap(([name, each]) => entryPointFlags(name, each)),
    "--global.checkNewVersion=false",
    "--ping=true",
    "--metrics.prometheus=true",
    "--metrics.prometheus.entrypoint=metrics",
    `--metrics.prometheus.addRoutersLabels=${metrics.prometheus.addRoutersLabels}`,
    ...(crd.enabled
      ? ["--providers.kubernetescrd", `--providers.kubernetescrd.nativeLBByDefault=${crd.nativeLBByDefault}`]
      : []),
    `--providers.kubernetescrd.allowCrossNamespace=${crd.allowCrossNamespace}`,
    ...(ingress.enabled
      ? [
          "--providers.kubernetesingress",
          `--providers.kubernetesingress.nativeLBByDefault=${ingress.nativeLBByDefault}`,
          `--providers.kubernetesingress.strictPrefixMatching=${ingress.strictPrefixMatching}`,
          `--providers.kubernetesingress.ingressendpoint.ip=${ingress.ingressEndpoint.ip}`,
        ]
      : []),
    ...(gateway?.enabled === true
      ? [
          "--providers.kubernetesgateway",
          `--providers.kubernetesgateway.nativeLBByDefault=${gateway.nativeLBByDefault}`,
          `--providers.kubernetesgateway.statusaddress.ip=${gateway.statusAddress.ip}`,
        ]
      : []),
    `--log.level=${log.level}`,
    `--log.format=${log.format}`,
    `--accesslog=${accessLog.enabled}`,
    `--accesslog.format=${accessLog.format}`,
  ];
}

function entryPointFlags(name: string, each: z.infer<typeof entryPoint>): string[] {
  const { asDefault, http, proxyProtocol, forwardedHeaders, transport } = each;
  const redirect = http?.redirections?.entryPoint;
  const flags: Readonly<Record<string, string | number | boolean | undefined>> = {
    asDefault,
    "http.redirections.entryPoint.to": redirect && `:${exposed(redirect.to)}`,
    "http.redirections.entryPoint.scheme": redirect?.scheme,
    "http.redirections.entryPoint.permanent": redirect?.permanent,
    "http.middlewares": http?.middlewares?.join(","),
    "http.tls": http?.tls?.enabled,
    "forwardedHeaders.trustedIPs": forwardedHeaders?.trustedIPs.join(","),
    "proxyProtocol.trustedIPs": proxyProtocol?.trustedIPs.join(","),
    "transport.lifeCycle.requestAcceptGraceTimeout": transport?.lifeCycle.requestAcceptGraceTimeout,
    "transport.lifeCycle.graceTimeOut": transport?.lifeCycle.graceTimeOut,
    "transport.respondingTimeouts.idleTimeout": transport?.respondingTimeouts.idleTimeout,
    "transport.keepAliveMaxTime": transport?.keepAliveMaxTime,
  };
  return Object.entries(flags).flatMap(([flag, value]) =>
    value === undefined ? [] : [`--entryPoints.${name}.${flag}=${value}`],
  );
}

/** The port that the chart's Service shows of an entry point. */
function exposed(name: string): number {
  const found = Object.entries(ports).find(([each]) => each === name);
  if (found === undefined)
    throw new Error(`a redirect leads to ${name}, which is no entry point of the chart`);
  return found[1][1];
}

const objectValues = z.looseObject({
  tlsOptions: z.record(z.string(), z.unknown()).default({}),
  tlsStore: z.record(z.string(), z.unknown()).default({}),
  extraObjects: z
    .array(
      z.looseObject({
        apiVersion: z.literal("traefik.io/v1alpha1"),
        kind: z.literal("Middleware"),
        metadata: z.object({ name: z.string(), namespace: z.string() }),
      }),
    )
    .default([]),
  ingressClass: z.looseObject({ enabled: z.boolean(), isDefaultClass: z.boolean(), name: z.string() }),
});

/** The objects beside the Deployment that Traefik reads: the chart's TLSOptions, TLSStores and
 * IngressClass, and the Middlewares given beside. */
export function traefikObjects(values: unknown, namespace: string): Readonly<Record<string, object>> {
  const { tlsOptions, tlsStore, extraObjects, ingressClass } = objectValues.parse(values);
  const ofKind = (kind: string, plural: string, all: Readonly<Record<string, unknown>>) =>
    Object.entries(all).map(([name, spec]) => [
      `/apis/traefik.io/v1alpha1/namespaces/${namespace}/${plural}/${name}`,
      { apiVersion: "traefik.io/v1alpha1", kind, metadata: { name, namespace }, spec },
    ]);
  const { name, isDefaultClass } = ingressClass;
  return Object.fromEntries([
    ...ofKind("TLSOption", "tlsoptions", tlsOptions),
    ...ofKind("TLSStore", "tlsstores", tlsStore),
    ...extraObjects.map((object) => [
      `/apis/traefik.io/v1alpha1/namespaces/${object.metadata.namespace}/middlewares/${object.metadata.name}`,
      object,
    ]),
    [
      `/apis/networking.k8s.io/v1/ingressclasses/${name}`,
      {
        apiVersion: "networking.k8s.io/v1",
        kind: "IngressClass",
        metadata: {
          name,
          annotations: { "ingressclass.kubernetes.io/is-default-class": String(isDefaultClass) },
        },
        spec: { controller: "traefik.io/ingress-controller" },
      },
    ],
  ]) as Readonly<Record<string, object>>;
}
