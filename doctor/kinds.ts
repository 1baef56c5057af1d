import { z } from "zod";

/** A kind of Kubernetes object, with the fields that the doctor reads. */
export interface Kind<T> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly shape: z.ZodType<T>;
}

const strings = z.record(z.string(), z.string()).default({});

const metadata = z.looseObject({
  name: z.string(),
  namespace: z.string().optional(),
  uid: z.string().default(""),
  labels: strings,
  annotations: strings,
  creationTimestamp: z.string().default(""),
});

/** Any Kubernetes object, with all its fields. */
export const anyObject = z.looseObject({ metadata });
export type AnyObject = z.output<typeof anyObject>;

const define = <S extends z.ZodRawShape>(apiVersion: string, kind: string, fields: S) => ({
  apiVersion,
  kind,
  shape: z.object({ metadata, ...fields }),
});

export type ObjectOf<K extends Kind<unknown>> = K extends Kind<infer T> ? T : never;

const conditions = z
  .array(
    z.object({
      type: z.string(),
      status: z.string(),
      reason: z.string().default(""),
      message: z.string().default(""),
    }),
  )
  .default([]);

const port = z.union([z.number(), z.string()]);
const servicePort = z.object({
  name: z.string().default(""),
  port: z.number(),
  targetPort: port.optional(),
  nodePort: z.number().optional(),
  protocol: z.string().default("TCP"),
});
const ingressBackend = z.object({
  service: z
    .object({
      name: z.string(),
      port: z.object({ number: z.number().optional(), name: z.string().optional() }).prefault({}),
    })
    .optional(),
});
const container = z.looseObject({
  name: z.string(),
  args: z.array(z.string()).default([]),
  ports: z
    .array(
      z.object({
        name: z.string().default(""),
        containerPort: z.number(),
        protocol: z.string().default("TCP"),
      }),
    )
    .default([]),
});

/** The kinds whose fields the doctor reads. */
export const kinds = {
  service: define("v1", "Service", {
    spec: z.object({
      type: z.string().default("ClusterIP"),
      selector: strings,
      ports: z.array(servicePort).default([]),
      externalTrafficPolicy: z.string().optional(),
    }),
  }),
  endpointSlice: define("discovery.k8s.io/v1", "EndpointSlice", {
    endpoints: z
      .array(
        z.object({
          addresses: z.array(z.string()).default([]),
          conditions: z.object({ ready: z.boolean().nullish() }).prefault({}),
          nodeName: z.string().nullish(),
        }),
      )
      .nullish()
      .transform((all) => all ?? []),
  }),
  pod: define("v1", "Pod", {
    spec: z.object({
      nodeName: z.string().default(""),
      serviceAccountName: z.string().default("default"),
      containers: z.array(container).default([]),
      initContainers: z.array(container).default([]),
    }),
    status: z
      .object({ phase: z.string().default(""), podIP: z.string().default(""), conditions })
      .prefault({}),
  }),
  node: define("v1", "Node", {
    spec: z
      .object({
        unschedulable: z.boolean().default(false),
        /** `hcloud://<server ID>`, written by the cloud controller manager. */
        providerID: z.string().default(""),
        taints: z.array(z.object({ key: z.string(), effect: z.string() })).default([]),
      })
      .prefault({}),
    status: z
      .object({
        conditions,
        addresses: z.array(z.object({ type: z.string(), address: z.string() })).default([]),
      })
      .prefault({}),
  }),
  secret: define("v1", "Secret", { type: z.string().default(""), data: strings }),
  configMap: define("v1", "ConfigMap", { data: strings }),
  namespace: define("v1", "Namespace", {}),
  ingressClass: define("networking.k8s.io/v1", "IngressClass", {}),
  ingress: define("networking.k8s.io/v1", "Ingress", {
    spec: z.object({
      ingressClassName: z.string().optional(),
      rules: z
        .array(
          z.object({
            host: z.string().default(""),
            http: z
              .object({
                paths: z.array(
                  z.object({ path: z.string().default("/"), pathType: z.string(), backend: ingressBackend }),
                ),
              })
              .prefault({ paths: [] }),
          }),
        )
        .default([]),
      tls: z
        .array(z.object({ hosts: z.array(z.string()).default([]), secretName: z.string().optional() }))
        .default([]),
    }),
  }),
  httpRoute: define("gateway.networking.k8s.io/v1", "HTTPRoute", {
    spec: z.looseObject({ hostnames: z.array(z.string()).default([]) }),
  }),
  certificate: define("cert-manager.io/v1", "Certificate", {
    spec: z.object({
      secretName: z.string(),
      dnsNames: z.array(z.string()).default([]),
      issuerRef: z.object({ kind: z.string().default("Issuer"), name: z.string() }),
    }),
    status: z
      .object({ conditions, notAfter: z.string().optional(), renewalTime: z.string().optional() })
      .prefault({}),
  }),
  apiService: define("apiregistration.k8s.io/v1", "APIService", {
    status: z.object({ conditions }).prefault({}),
  }),
} as const;
