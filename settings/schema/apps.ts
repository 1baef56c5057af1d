import { z } from "zod";

import { hostName, label, matching, port } from "./names";

const quantity = matching(/^\d+(\.\d+)?(m|k|Ki|M|Mi|G|Gi)?$/, "a Kubernetes quantity, such as 100m or 128Mi");
const goDuration = matching(/^(\d+(ms|s|m|h))+$/, "a Go duration, such as 1m or 90s");

const route = z.strictObject({
  host: hostName,
  /** Who makes the host's record: this program, or external-dns inside the cluster. */
  dns: z.enum(["pulumi", "external-dns"]).default("pulumi"),
  paths: z
    .array(
      z.strictObject({
        path: matching(/^\/\S*$/, "a path, such as /v1"),
        pathType: z.enum(["Prefix", "Exact"]).default("Prefix"),
      }),
    )
    .min(1)
    .default([{ path: "/", pathType: "Prefix" }]),
  rateLimit: z
    .strictObject({ requests: z.int().min(1), period: goDuration, burst: z.int().min(1).default(50) })
    .optional(),
  cors: z
    .strictObject({
      origins: z
        .array(matching(/^https?:\/\/[^/\s]+$/, "an origin with its scheme, such as https://example.com"))
        .min(1),
      methods: z.array(z.string()).default(["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]),
      headers: z.array(z.string()).default(["Authorization", "Content-Type"]),
      maxAgeSeconds: z.int().min(0).default(600),
    })
    .optional(),
  basicAuth: z.strictObject({ users: z.array(label).min(1) }).optional(),
});

/** One app. */
export const app = z.strictObject({
  image: matching(/^\S+[:@]\S+$/, "an image with its tag or digest, such as ghcr.io/org/api:v1.0.0"),
  port,
  /** Absence means `port`. */
  servicePort: port.optional(),
  replicas: z.int().min(0).default(2),
  meshed: z.boolean().default(true),
  healthPath: matching(/^\/\S*$/, "a path, such as /health").optional(),
  resources: z
    .strictObject({ cpu: quantity.default("100m"), memory: quantity.default("128Mi") })
    .prefault({}),
  env: z.record(matching(/^[A-Za-z_]\w*$/, "the name of a variable"), z.string()).default({}),
  /** The apps it calls. What is not declared is dropped. */
  calls: z.array(z.string()).default([]),
  routes: z.array(route).default([]),
});
