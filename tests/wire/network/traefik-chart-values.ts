import { z } from "zod";

/** The chart's own ports: of the container, and what its Service shows of them, which redirects lead to. */
export const ports = {
  web: [8000, 80],
  websecure: [8443, 443],
  metrics: [9100, 9100],
  traefik: [8080, 8080],
} as const;

const strings = z.array(z.string());

/** An entry point's values. */
export const entryPoint = z.strictObject({
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
      respondingTimeouts: z.strictObject({ readTimeout: z.string().optional(), idleTimeout: z.string() }),
      keepAliveMaxTime: z.string(),
    })
    .optional(),
});

/** Values that become no flag: objects beside the Deployment, or settings of Kubernetes alone. */
const ignoredValues = {
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
export const chartValues = z.strictObject({
  ...z.object(ignoredValues).partial().shape,
  additionalArguments: strings.default([]),
  deployment: z.looseObject({ healthchecksPort: z.number().default(ports.traefik[0]) }),
  readinessProbe: z
    .strictObject({ periodSeconds: z.number().default(10), failureThreshold: z.number().default(1) })
    .prefault({}),
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
