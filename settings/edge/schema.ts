import { z } from "zod";

import { optionalSection } from "../formats/optional-section";

/** Two years, the most that Cloudflare takes. */
const hstsSeconds = 63_072_000;

/** The TLS and HTTP settings of the whole zone at the edge. */
const edgeSettings = z.strictObject({
  /** Whether the edge verifies the origin's certificate (`strict`) or accepts any (`full`). */
  ssl: z.enum(["strict", "full"]).default("strict"),
  /** Unquoted, YAML reads it as a number. */
  minTlsVersion: z
    .preprocess((value) => (typeof value === "number" ? String(value) : value), z.enum(["1.2", "1.3"]))
    .default("1.2"),
  /** Whether HTTP/3 is on. */
  http3: z.boolean().default(true),
  /** Whether responses are compressed with Brotli. */
  brotli: z.boolean().default(true),
  /** Whether WebSockets are permitted. */
  websockets: z.boolean().default(true),
  /** HSTS: browsers then reject plain HTTP for this time. Default: none. */
  hsts: z
    .strictObject({
      /** Seconds for which a browser refuses plain HTTP after a visit. */
      maxAgeSeconds: z.int().min(0).max(hstsSeconds),
      /** Whether it applies to all subdomains too, including those of other stacks. */
      includeSubdomains: z.boolean().default(false),
      /** Whether the zone may be added to the browsers' preload lists. */
      preload: z.boolean().default(false),
    })
    .optional(),
});

export const edge = optionalSection(edgeSettings);

/** The defaults for the owner of the zone. */
export const edgeDefaults = () => edgeSettings.parse({});
