import { z } from "zod";

import { authorities } from "./authorities";
import { hostName, label, unsaid } from "./names";

/** Two years, the most that Cloudflare takes. */
const hstsSeconds = 63_072_000;

/** How the edge speaks TLS and HTTP, for the whole zone. */
const edgeSettings = z.strictObject({
  /** Whether the edge checks the origin's certificate (`strict`) or takes any (`full`). */
  ssl: z.enum(["strict", "full"]).default("strict"),
  /** Unquoted, YAML reads it as a number. */
  minTlsVersion: z
    .preprocess((value) => (typeof value === "number" ? String(value) : value), z.enum(["1.2", "1.3"]))
    .default("1.2"),
  http3: z.boolean().default(true),
  brotli: z.boolean().default(true),
  websockets: z.boolean().default(true),
  /** Tells browsers never to come without TLS; they remember it for that long. Absence means that nothing is told. */
  hsts: z
    .strictObject({
      maxAgeSeconds: z.int().min(0).max(hstsSeconds),
      includeSubdomains: z.boolean().default(false),
      preload: z.boolean().default(false),
    })
    .optional(),
});

/** Who may speak to the origin. What is not said follows from the rest of the settings. */
const originLockSettings = z.strictObject({
  /** Whether the ingress asks the edge for its client certificate. */
  clientCertificate: z.boolean().optional(),
  /** Whether the ingress takes connections from Cloudflare's addresses only. */
  allowList: z.boolean().optional(),
  /** Counted up by one to change the CA, by the owner of the zone. */
  generation: z.int().min(1).optional(),
  /** The CAs of the zone's owner, PEM, for its other stacks: the output `zone` has them. */
  ca: authorities.optional(),
});

/** Records that external-dns makes, inside the cluster. */
const externalDnsSettings = z.strictObject({
  /** The names at and below which it may make records. */
  domains: z.array(hostName).min(1),
  policy: z.enum(["upsert-only", "sync", "create-only"]).default("upsert-only"),
  /** Marks its records as this cluster's; it never changes. Absence means `cluster.identifier`. */
  ownerId: label.optional(),
  sources: z
    .array(z.enum(["ingress", "service"]))
    .min(1)
    .default(["ingress"]),
});

/** The owner's defaults, where nothing is said. */
export const edgeDefaults = () => edgeSettings.parse({});

export const edge = unsaid(edgeSettings);
export const originLock = unsaid(originLockSettings);
export const externalDns = unsaid(externalDnsSettings);
