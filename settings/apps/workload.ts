import { z } from "zod";

import type { BackendTls, PortArgs, Protocol } from "../../components/app/app-ports";
import type { Autoscaling } from "../../components/app/autoscaling";
import type { KubernetesApi } from "../../components/app/kubernetes-api";
import type { Probes } from "../../components/app/probes";
import type { Canary } from "../../components/app/workload";
import { addErrors } from "../config-error";
import { hostName, integer, label, pattern, port } from "../formats/names";

const variable = pattern(/^[A-Za-z_]\w*$/, "the name of an environment variable");

export const image = pattern(
  /^[^\s:@]\S*[:@]\S+$/,
  "an image with its tag or digest, such as ghcr.io/org/api:v1.0.0",
);

export const path = pattern(/^\/\S*$/, "a path, such as /health");

const portName = pattern(
  /^(?=.{1,15}$)(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*$/,
  "lower-case letters, digits and single dashes, at least one letter, 15 at most",
);

export const protocol = z.enum(["http", "grpc", "tcp", "udp"]) satisfies z.ZodType<Protocol>;

/** The permissions of an app's pods at the Kubernetes API. */
export const kubernetesApi = z.strictObject({
  /**
   * The permissions in the namespace of the apps, in the spelling of a Role's rules:
   * `{apiGroups: [""], resources: [configmaps], verbs: [get, watch]}`.
   *
   * @see https://kubernetes.io/docs/reference/access-authn-authz/rbac/
   */
  rules: z
    .array(
      z.strictObject({
        /** The API groups; `""` is the core group. */
        apiGroups: z.array(z.string()).min(1),
        /** The resources in the plural, such as `configmaps` or `pods/log`. */
        resources: z.array(z.string().min(1)).min(1),
        /** The names of the objects. Default: all. */
        resourceNames: z.array(z.string().min(1)).min(1).optional(),
        /** The verbs, such as `get`, `list` and `watch`. */
        verbs: z.array(z.string().min(1)).min(1),
      }),
    )
    .default([]),
}) satisfies z.ZodType<KubernetesApi>;

/** Further ports of the container, by name. The Service has them with the same numbers. */
export const ports = z
  .record(
    portName,
    z.union(
      [
        port,
        z.strictObject({
          /** The number of the port. */
          port,
          /** The protocol on it, as that of `port`. */
          protocol,
        }),
      ],
      { error: "a port from 1 to 65535, or {port, protocol} with protocol http, grpc, tcp or udp" },
    ),
  )
  .default({}) satisfies z.ZodType<PortArgs["ports"]>;

/** A declared port of an app. */
export const declaredPort = z.union([port, portName], { error: "the number or the name of a port" });

export const replicas = z.int().min(0);

/** Horizontal pod autoscaling by CPU. */
export const autoscaling = z.strictObject({
  /** The minimum number of pods. */
  min: z.int().min(1).default(2),
  /** The maximum number of pods. */
  max: z.int().min(1),
  /** The target CPU use, in percent of the request. */
  cpuPercent: integer(1, 100).default(80),
}) satisfies z.ZodType<Autoscaling>;

export const env = z.record(variable, z.string()).default({});

export const objectName = (what: string) =>
  pattern(
    /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
    `the name of ${what}`,
    [[/[A-Z_]/, "lower-case letters, digits, dashes and dots: Kubernetes accepts no others"]],
  );

/** TLS between the ingress controller and the app. */
export const tls = z
  .strictObject({
    /** The name that the app's certificate must have, such as `api.production.svc`. Required, unless it is not verified. */
    serverName: hostName.optional(),
    /** The Secret in the app's namespace with the certificate's CA, at the key `ca.crt`. */
    caSecret: objectName("a Secret in the app's namespace").optional(),
    /** The ConfigMap in the app's namespace with the certificate's CA, at the key `ca.crt`. Not supported by ingress-nginx. */
    caConfigMap: objectName("a ConfigMap in the app's namespace").optional(),
    /** Whether any certificate is accepted: whoever answers at the app's address reads its requests. */
    insecureSkipVerify: z.literal(true).optional(),
  })
  .refine(
    ({ serverName, caSecret, caConfigMap, insecureSkipVerify }) =>
      [caSecret, caConfigMap, insecureSkipVerify].filter((each) => each !== undefined).length === 1 &&
      (serverName === undefined) === (insecureSkipVerify === true),
    { error: "serverName with caSecret or caConfigMap, or insecureSkipVerify: true alone" },
  ) satisfies z.ZodType<BackendTls>;

/** Environment variables from existing Secrets. */
export const secrets = z
  .record(
    variable,
    z.strictObject({
      /** The name of the Secret, in the app's namespace. */
      secret: objectName("a Secret in the app's namespace"),
      /** The key in the Secret. */
      key: pattern(/^[-._A-Za-z0-9]{1,253}$/, "a key of the Secret"),
    }),
  )
  .default({});

const probe = {
  /** The path of an HTTP probe. Default: the app's `healthPath`; without it the probe only opens the port. */
  path: path.optional(),
  /** Whether the probe only opens the port, even with `healthPath`. */
  tcp: z.literal(true).optional(),
  /** A declared TCP port of the app, by number or name. Default: `port`. */
  port: declaredPort.optional(),
  /** Seconds between two probes. */
  periodSeconds: integer(1, 3600).optional(),
  /** Seconds until a probe has failed. */
  timeoutSeconds: integer(1, 3600).optional(),
  /** Failed probes in a row until the probe counts as failed. */
  failureThreshold: integer(1, 1000).optional(),
  /** Seconds from the start of the container to the first probe. */
  initialDelaySeconds: integer(0, 3600).optional(),
};

const off = z.literal(true).optional();

/** The startup, readiness and liveness probes. */
export const probes = z
  .strictObject({
    /** The startup probe. */
    startup: z.strictObject(probe).optional(),
    /** The readiness probe. */
    readiness: z
      .strictObject({
        ...probe,
        /** Whether there is no such probe. Cannot be combined with other keys. */
        off,
        /** Successful probes in a row until the pod is ready again. */
        successThreshold: integer(1, 100).optional(),
      })
      .optional(),
    /** The liveness probe. */
    liveness: z
      .strictObject({
        ...probe,
        /** Whether there is no such probe. Cannot be combined with other keys. */
        off,
      })
      .optional(),
  })
  .default({}) satisfies z.ZodType<Probes>;

/** Text files by their absolute path, of which each makes a key of a ConfigMap. */
export const files = z
  .record(
    pattern(/^(\/\.?[-\w]+(\.[-\w]+)*)+$/, "the absolute path of a file, such as /etc/app/config.yaml"),
    z.string(),
  )
  .refine((given) => Object.keys(given).length > 0, { error: "at least one file" })
  .refine((given) => Buffer.byteLength(JSON.stringify(given)) < 1_000_000, {
    error: "files of less than a megabyte together, Kubernetes' limit of a ConfigMap",
  });

/** Fields in Kubernetes' spelling, but those that the program sets. */
export const podFields = (owned: Readonly<Record<string, string>>) =>
  z.record(z.string(), z.unknown()).superRefine((given, context) => {
    const errors = Object.keys(given)
      .filter((field) => Object.hasOwn(owned, field))
      .map((path) => ({ path, message: `is set by the program: ${owned[path]}` }));
    addErrors(context, errors);
  });

/** The time for which a terminating pod still serves, so that load balancers can remove it first. */
export const drainSeconds = integer(1, 600);

/** A second version. With the mesh it gets a share of all requests, otherwise of those through ingress-nginx or a Gateway. */
export const canary = z.strictObject({
  /** The image of the second version. */
  image,
  /** The percentage of requests that it gets. */
  weight: integer(0, 100),
  /** The number of its pods. */
  replicas: replicas.default(1),
}) satisfies z.ZodType<Canary>;

const labelName = "[A-Za-z0-9]([-._A-Za-z0-9]{0,61}[A-Za-z0-9])?";

/** The labels of an existing Service's pods. */
export const podLabels = z
  .record(
    pattern(new RegExp(`^([a-z0-9]([-.a-z0-9]*[a-z0-9])?/)?${labelName}$`), "a label key"),
    pattern(new RegExp(`^(${labelName})?$`), "a label value"),
  )
  .refine((given) => Object.keys(given).length > 0, { error: "at least one label" });

/** The ServiceAccount of an existing Service's pods. */
export const account = objectName("a ServiceAccount");

/** The namespace of an existing Service. */
export const namespace = label;
