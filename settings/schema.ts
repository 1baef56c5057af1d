import { z } from "zod";

import { app } from "./apps/schema";
import { certificates } from "./certificates/schema";
import { chartValues, chartVersions } from "./charts/schema";
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
  /** The k3s cluster. */
  cluster,
  /** The Hetzner load balancer. */
  loadBalancer,
  /** The Cloudflare zone and its records. */
  dns,
  /** The certificates of the hosts, by cert-manager. */
  certificates,
  /** Cilium, the cluster's network. */
  cilium: cilium.prefault({}),
  /** Linkerd, the service mesh. */
  mesh: mesh.prefault({}),
  /** The ingress controller. */
  ingress: ingress.prefault({}),
  /**
   * The Kubernetes namespace of the apps.
   *
   * @change Replaces every app.
   */
  namespace: label,
  /** The apps, by name. */
  apps: z.record(label, app),
  /** Whether this stack manages what all stacks of the zone share. */
  ownsZone: z.boolean().default(false),
  /** Settings of the Cloudflare zone, for its owner (`ownsZone`). */
  edge,
  /** Rules of the Cloudflare zone, for its owner (`ownsZone`). A list replaces its default. */
  waf,
  /**
   * The origin lock: the ingress serves proxied hosts to Cloudflare only. On by default for the owner of a zone
   * with proxied hosts.
   */
  originLock,
  /**
   * external-dns, which creates records for Ingress objects that this program does not know. Default: not
   * installed.
   */
  externalDns,
  /** Whether the program creates the cluster's two Cloudflare tokens. */
  createTokens: z.boolean().default(false),
  /** Existing resources to import: resource name → import ID. Kubernetes objects but namespaces: `<type>::<name>`. */
  import: z.record(z.string().min(1, { error: "the name of a resource" }), importId).default({}),
  /** Whether what holds a public address is protected against deletion. */
  protect: z.boolean().default(false),
  /** Whether `pulumi up` waits until what it created is ready. False only where no controllers run. */
  awaitReady: z.boolean().default(true),
  /** A mirror of all charts: a folder or an OCI prefix. Empty means upstream. */
  charts: z.string().max(1000).default(""),
  /**
   * Versions of charts other than the tested ones, by name, within the tested minor version: `{traefik: "41.3.1"}`. That of
   * `linkerd-control-plane` is that of Linkerd's other charts too. For Cilium see `cilium.version`.
   */
  chartVersions,
  /**
   * Values of charts in addition to the program's, by the name of the chart: `{traefik: {deployment: {labels: {team: edge}}}}`. Those
   * that the program sets itself are refused, with the setting for them; so is, in the preview, what the chart's own schema
   * refuses. The charts of Linkerd and ingress-nginx have none: there a misspelt value has no effect.
   */
  chartValues,
} as const;

export const schema = z.strictObject(sections);

/** The parsed configuration, with the defaults that depend on no other setting. */
export type Config = z.output<typeof schema>;
export type AppConfig = z.output<typeof app>;
