import { z } from "zod";

import { app } from "./schema/apps";
import { certificates } from "./schema/certificates";
import { cilium } from "./schema/cilium";
import { cluster } from "./schema/cluster";
import { dns } from "./schema/dns";
import { edge, externalDns, originLock } from "./schema/edge";
import { ingress } from "./schema/ingress";
import { loadBalancer } from "./schema/load-balancer";
import { mesh } from "./schema/mesh";
import { label } from "./schema/names";
import { waf } from "./schema/waf";

/** Pulumi stores what looks like a number as one. */
const importId = z.preprocess(
  (value) => (Number.isSafeInteger(value) ? String(value) : value),
  z.string().min(1),
);

/** The project's own config keys, by top-level key; what Pulumi.yaml declares beside the secrets. */
export const sections = {
  cluster,
  loadBalancer,
  dns,
  certificates,
  cilium: cilium.prefault({}),
  mesh: mesh.prefault({}),
  ingress: ingress.prefault({}),
  namespace: label,
  apps: z.record(label, app),
  /** Whether this stack is the one that manages what the whole zone shares. */
  ownsZone: z.boolean().default(false),
  edge,
  waf,
  originLock,
  externalDns,
  /** Whether the program makes the two Cloudflare tokens of the cluster itself. */
  createTokens: z.boolean().default(false),
  /** What is there already and is taken over: import ids by the names of resources. */
  import: z.record(z.string().min(1, { error: "the name of a resource" }), importId).default({}),
  /** Whether what holds a public address is guarded against deletion. */
  protect: z.boolean().default(false),
  /** Whether an `up` waits until what it made is ready. False only where no controllers run. */
  awaitReady: z.boolean().default(true),
  /** A mirror of all charts: a folder or an OCI prefix. Empty means upstream. */
  charts: z.string().default(""),
} as const;

export const schema = z.strictObject(sections);

/** The config as the schema leaves it: checked, with the defaults that need nothing else filled in. */
export type Config = z.output<typeof schema>;
export type AppConfig = z.output<typeof app>;
