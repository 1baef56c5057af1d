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

/** Whether a condition is True. */
export const isTrue = (all: z.output<typeof conditions>, type: string): boolean =>
  all.some((each) => each.type === type && each.status === "True");

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

const selector = z.object({
  matchLabels: strings,
  matchExpressions: z
    .array(z.object({ key: z.string(), operator: z.string(), values: z.array(z.string()).default([]) }))
    .default([]),
});

/** A selector of labels, as in policies. */
export type Selector = z.output<typeof selector>;

const selectors = z.array(selector).optional();
const texts = z.array(z.string()).optional();
const cidrSet = z
  .array(z.object({ cidr: z.string().optional(), except: z.array(z.string()).default([]) }))
  .optional();
const others = z.array(z.unknown()).optional();
const policyPort = z.object({
  port: z.string().default("0"),
  endPort: z.number().optional(),
  protocol: z.string().default("ANY"),
});
const policyRule = z.object({
  fromEndpoints: selectors,
  fromEntities: texts,
  fromCIDR: texts,
  fromCIDRSet: cidrSet,
  fromNodes: others,
  fromGroups: others,
  toEndpoints: selectors,
  toEntities: texts,
  toCIDR: texts,
  toCIDRSet: cidrSet,
  toFQDNs: z
    .array(z.object({ matchName: z.string().optional(), matchPattern: z.string().optional() }))
    .optional(),
  toNodes: others,
  toServices: others,
  toGroups: others,
  toPorts: z.array(z.object({ ports: z.array(policyPort).default([]) })).default([]),
  icmps: z.array(z.unknown()).default([]),
});

/** A rule of Cilium, for either direction. */
export type PolicyRule = z.output<typeof policyRule>;

const policyRules = z.array(policyRule).default([]);
const policySpec = z.object({
  /** Undefined for a policy of nodes. */
  endpointSelector: selector.optional(),
  enableDefaultDeny: z
    .object({ ingress: z.boolean().optional(), egress: z.boolean().optional() })
    .prefault({}),
  ingress: policyRules,
  ingressDeny: policyRules,
  egress: policyRules,
  egressDeny: policyRules,
});

/** A section of a policy of Cilium. */
export type PolicySpec = z.output<typeof policySpec>;

const policy = {
  spec: policySpec.optional(),
  specs: z.array(policySpec).default([]),
  status: z.object({ conditions }).prefault({}),
};

const webhookConfiguration = {
  webhooks: z
    .array(
      z.object({
        clientConfig: z.object({
          caBundle: z.string().default(""),
          service: z.object({ namespace: z.string(), name: z.string() }).optional(),
        }),
      }),
    )
    .default([]),
};

const reference = z.object({ kind: z.string(), name: z.string(), namespace: z.string().optional() });

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
      hostNetwork: z.boolean().default(false),
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
      commonName: z.string().optional(),
      dnsNames: z.array(z.string()).default([]),
      issuerRef: z.object({ kind: z.string().default("Issuer"), name: z.string() }),
    }),
    status: z
      .object({ conditions, notAfter: z.string().optional(), renewalTime: z.string().optional() })
      .prefault({}),
  }),
  networkPolicy: define("cilium.io/v2", "CiliumNetworkPolicy", policy),
  clusterwidePolicy: define("cilium.io/v2", "CiliumClusterwideNetworkPolicy", policy),
  mutatingWebhooks: define(
    "admissionregistration.k8s.io/v1",
    "MutatingWebhookConfiguration",
    webhookConfiguration,
  ),
  validatingWebhooks: define(
    "admissionregistration.k8s.io/v1",
    "ValidatingWebhookConfiguration",
    webhookConfiguration,
  ),
  server: define("policy.linkerd.io/v1beta3", "Server", {
    spec: z.object({ podSelector: selector.optional(), port, accessPolicy: z.string().default("deny") }),
  }),
  authorizationPolicy: define("policy.linkerd.io/v1alpha1", "AuthorizationPolicy", {
    spec: z.object({ targetRef: reference, requiredAuthenticationRefs: z.array(reference).default([]) }),
  }),
  meshTlsAuthentication: define("policy.linkerd.io/v1alpha1", "MeshTLSAuthentication", {
    spec: z.object({
      identities: z.array(z.string()).default([]),
      identityRefs: z.array(reference).default([]),
    }),
  }),
  networkAuthentication: define("policy.linkerd.io/v1alpha1", "NetworkAuthentication", {
    spec: z.object({
      networks: z.array(z.object({ cidr: z.string(), except: z.array(z.string()).default([]) })).default([]),
    }),
  }),
  apiService: define("apiregistration.k8s.io/v1", "APIService", {
    status: z.object({ conditions }).prefault({}),
  }),
} as const;
