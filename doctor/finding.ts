/** The steps of the path, in the order of the report. */
export const steps = {
  dns: "DNS records",
  edge: "Cloudflare zone",
  "load-balancer": "Load balancer",
  endpoints: "Endpoints",
  policy: "Network policy",
  pod: "Pods",
  ingress: "Ingress",
  tls: "TLS",
  mesh: "Mesh",
  cluster: "Cluster",
  "external-dns": "external-dns",
} as const;

export type StepName = keyof typeof steps;

/**
 * The order of causes: a finding of an earlier step explains those of later ones. A node that is down leaves pods pending,
 * pods that are not ready leave a Service without endpoints, and so on to the visitor.
 */
export const causalOrder: readonly StepName[] = [
  "cluster",
  "mesh",
  "pod",
  "endpoints",
  "policy",
  "tls",
  "ingress",
  "load-balancer",
  "edge",
  "dns",
  "external-dns",
];

/** The codes of findings. They are stable; each has a section in docs/runbook.md. */
export const codes = [
  "drift/missing",
  "drift/changed",
  "drift/release-missing",
  "dns/zone-inactive",
  "dns/no-record",
  "dns/record-elsewhere",
  "dns/proxied",
  "dns/extra-record",
  "dns/no-answer",
  "dns/stale-answer",
  "edge/ssl-mode",
  "edge/setting-changed",
  "edge/rules-changed",
  "edge/origin-pulls-off",
  "edge/origin-pulls-certificate",
  "load-balancer/missing",
  "load-balancer/no-network",
  "load-balancer/not-public",
  "load-balancer/no-listener",
  "load-balancer/listener-changed",
  "load-balancer/proxy-protocol",
  "load-balancer/no-target",
  "load-balancer/no-servers",
  "load-balancer/target-unhealthy",
  "endpoints/no-pods",
  "endpoints/no-target-port",
  "endpoints/none-ready",
  "policy/blocked",
  "policy/denied",
  "policy/invalid",
  "pod/image-pull",
  "pod/crash",
  "pod/quota",
  "pod/unschedulable",
  "pod/missing-mount",
  "pod/not-ready",
  "ingress/not-accepted",
  "ingress/two-default-classes",
  "ingress/shadowed",
  "tls/not-issued",
  "tls/challenge",
  "tls/issuer",
  "tls/no-secret",
  "tls/expired",
  "tls/wrong-names",
  "tls/presented",
  "tls/token-refused",
  "mesh/no-anchor",
  "mesh/no-issuer",
  "mesh/issuer-expired",
  "mesh/issuer-not-trusted",
  "mesh/certificate",
  "mesh/webhook-certificate",
  "mesh/no-proxy",
  "mesh/unauthorized",
  "external-dns/token-refused",
  "cluster/node-not-ready",
  "cluster/node-cordoned",
  "cluster/k3s-flag",
  "cluster/api-service",
] as const;

export type Code = (typeof codes)[number];

/** A broken part of the path. */
export interface Finding {
  readonly code: Code;
  /** Such as `Service apps/web`. */
  readonly object: string;
  /** What is wrong with the object, and its effect. */
  readonly problem: string;
  /** The shell command that repairs it, or what to do where no command can. */
  readonly fix: string;
}

/** What a step found out. */
export interface Observation {
  /** What was seen, and what could not be and why, in a few words each. */
  readonly seen: readonly string[];
  readonly findings: readonly Finding[];
  /** Whether a part could not be seen. Default: false. */
  readonly isUnseen?: boolean;
}

/** The result of one step. */
export interface StepResult {
  readonly step: StepName;
  /** `unseen`: it cannot be checked from here. */
  readonly status: "ok" | "broken" | "unseen";
  /** What was seen, or why nothing can be. */
  readonly summary: string;
  readonly findings: readonly Finding[];
}

/** A reason why something cannot be checked from here, such as a missing permission. */
export class NotVisible extends Error {}

/** A number with its noun, such as `1 node` or `3 nodes`. */
export const countOf = (number: number, noun: string): string =>
  `${number} ${noun}${number === 1 ? "" : "s"}`;

/** Merges what the parts of a step found out; a part that cannot be seen hides no other. */
export async function observe(parts: readonly Promise<Observation>[]): Promise<Observation> {
  const observations = await Promise.all(parts.map((part) => part.catch(toUnseen)));
  return {
    seen: observations.flatMap(({ seen }) => seen),
    findings: observations.flatMap(({ findings }) => findings),
    isUnseen: observations.some(({ isUnseen }) => isUnseen),
  };
}

function toUnseen(error: unknown): Observation {
  if (!(error instanceof NotVisible)) throw error;
  return { seen: [error.message], findings: [], isUnseen: true };
}
