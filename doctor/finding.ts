/** The steps of the path, in the order of the report. A finding's code starts with its step. */
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

/** A broken part of the path. */
export interface Finding {
  /** Stable; a section of docs/runbook.md. Such as `dns/no-record`. */
  readonly code: `${StepName}/${string}`;
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
