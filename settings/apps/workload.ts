import { z } from "zod";

import type { Autoscaling } from "../../components/app/autoscaling";
import type { Probes } from "../../components/app/probes";
import type { Canary } from "../../components/app/workload";
import { integer, label, pattern, port } from "../formats/names";

const variable = pattern(/^[A-Za-z_]\w*$/, "the name of an environment variable");

export const image = pattern(
  /^\S+[:@]\S+$/,
  "an image with its tag or digest, such as ghcr.io/org/api:v1.0.0",
);

export const path = pattern(/^\/\S*$/, "a path, such as /health");

const portName = pattern(
  /^(?=.{1,15}$)(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*$/,
  "lower-case letters, digits and single dashes, at least one letter, 15 at most",
);

/** Further ports of the container, by name; the Service offers them under the same numbers. */
export const ports = z.record(portName, port).default({});

export const replicas = z.int().min(0);

/** Between how many pods, and at how much of the CPU they ask for another one is started. */
export const autoscaling = z.strictObject({
  /** The minimum number of pods. */
  min: z.int().min(1).default(2),
  /** The maximum number of pods. */
  max: z.int().min(1),
  /** The target CPU use, in percent of the request. */
  cpuPercent: integer(1, 100).default(80),
}) satisfies z.ZodType<Autoscaling>;

export const env = z.record(variable, z.string()).default({});

const objectName = (what: string) =>
  pattern(
    /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
    `the name of ${what}`,
    [[/[A-Z_]/, "lower-case letters, digits, dashes and dots: Kubernetes accepts no others"]],
  );

/** Variables whose values are in Secrets that are there already. */
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
  /** Absence means the app's `healthPath`, and where it has none, that the probe only opens the port. */
  path: path.optional(),
  /** Only opens the port, whatever `healthPath` says. */
  tcp: z.literal(true).optional(),
  /** A port that the app declares, by number or name. Absence means the app's first, `port`. */
  port: z.union([port, portName], { error: "the number or the name of a port" }).optional(),
  /** Seconds between two probes. */
  periodSeconds: integer(1, 3600).optional(),
  /** Seconds until a probe has failed. */
  timeoutSeconds: integer(1, 3600).optional(),
  /** Failed probes in a row until the probe counts as failed. */
  failureThreshold: integer(1, 1000).optional(),
  /** Seconds from the start of the container to the first probe. */
  initialDelaySeconds: integer(0, 3600).optional(),
};

/** What is asked before a pod counts as started, as ready, and as alive. */
export const probes = z
  .strictObject({
    /** The startup probe. */
    startup: z.strictObject(probe).optional(),
    /** The readiness probe. */
    readiness: z
      .strictObject({
        ...probe,
        /** Successful probes in a row until the pod is ready again. */
        successThreshold: integer(1, 100).optional(),
      })
      .optional(),
    /** The liveness probe. */
    liveness: z.strictObject(probe).optional(),
  })
  .default({}) satisfies z.ZodType<Probes>;

/** How long a pod that is to go still answers, while the others are told that it goes. */
export const drainSeconds = integer(1, 600);

/** A second version: of an app in the mesh for all requests, of another one for those through nginx or a Gateway. */
export const canary = z.strictObject({
  /** The image of the second version. */
  image,
  /** Percent of the requests that it answers. */
  weight: integer(0, 100),
  /** The number of its pods. */
  replicas: replicas.default(1),
}) satisfies z.ZodType<Canary>;

const labelName = "[A-Za-z0-9]([-._A-Za-z0-9]{0,61}[A-Za-z0-9])?";

/** The labels by which the pods of a Service of another's are known. */
export const podLabels = z
  .record(
    pattern(new RegExp(`^([a-z0-9]([-.a-z0-9]*[a-z0-9])?/)?${labelName}$`), "a label key"),
    pattern(new RegExp(`^(${labelName})?$`), "a label value"),
  )
  .refine((given) => Object.keys(given).length > 0, { error: "at least one label" });

/** A ServiceAccount of another's. */
export const account = objectName("a ServiceAccount");

/** The namespace of a Service of another's. */
export const namespace = label;
