import { z } from "zod";

import { app } from "./apps/schema";
import { certificates } from "./certificates/schema";
import { cilium } from "./cilium/schema";
import { cluster } from "./cluster/schema";
import { dns } from "./dns/schema";
import { edge } from "./edge/schema";
import { externalDns } from "./external-dns/schema";
import { label } from "./formats/names";
import { ingress } from "./ingress/schema";
import { loadBalancer } from "./load-balancer/schema";
import { mesh } from "./mesh/schema";
import { originLock } from "./origin-lock/schema";
import { waf } from "./waf/schema";

/** Pulumi stores a string of digits as a number. */
const importId = z.preprocess(
  (value) => (Number.isSafeInteger(value) ? String(value) : value),
  z.string().min(1),
);

/** The project's own config keys: those that Pulumi.yaml declares, without the secrets. */
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
  /** Whether this stack manages what all stacks of the zone share. */
  ownsZone: z.boolean().default(false),
  edge,
  waf,
  originLock,
  externalDns,
  /** Whether the program creates the cluster's two Cloudflare tokens. */
  createTokens: z.boolean().default(false),
  /** Existing resources to import: resource name → import ID. */
  import: z.record(z.string().min(1, { error: "the name of a resource" }), importId).default({}),
  /** Whether what holds a public address is protected against deletion. */
  protect: z.boolean().default(false),
  /** Whether `pulumi up` waits until what it created is ready. False only where no controllers run. */
  awaitReady: z.boolean().default(true),
  /** A mirror of all charts: a folder or an OCI prefix. Empty means upstream. */
  charts: z.string().default(""),
} as const;

export const schema = z.strictObject(sections);

/** The parsed configuration, with the defaults that depend on no other setting. */
export type Config = z.output<typeof schema>;
export type AppConfig = z.output<typeof app>;
