import type * as kubernetes from "@pulumi/kubernetes";

import { findTcpPort, type PortArgs } from "./app-ports";

/** Overrides for one probe. Unset fields use the defaults below, then Kubernetes' own. */
export interface Probe {
  /** Path of an HTTP probe. Default: the app's `healthPath`; without one, a TCP probe. */
  readonly path?: string | undefined;
  /** Use a TCP probe, even with a `healthPath`. */
  readonly tcp?: true | undefined;
  /** A declared TCP port, by number or name. Default: the app's first. */
  readonly port?: number | string | undefined;
  readonly periodSeconds?: number | undefined;
  readonly timeoutSeconds?: number | undefined;
  /** Consecutive failures until the probe counts as failed. */
  readonly failureThreshold?: number | undefined;
  readonly initialDelaySeconds?: number | undefined;
  /** Consecutive successes until the probe counts as passed. Readiness only. */
  readonly successThreshold?: number | undefined;
}

/** Overrides for a probe that there is by default. */
export interface OptionalProbe extends Probe {
  /** No such probe. */
  readonly off?: true | undefined;
}

/** Startup, readiness and liveness probes. */
export interface Probes {
  /** Delays the other probes until it passes: every 5 s, 30 failures. Default: no startup probe. */
  readonly startup?: Probe | undefined;
  /** Default: every 5 s, 3 failures; without a TCP port none. */
  readonly readiness?: OptionalProbe | undefined;
  /** A container that fails is restarted. Default: every 10 s, 6 failures; without a TCP port none. */
  readonly liveness?: OptionalProbe | undefined;
}

export interface ProbeArgs extends PortArgs {
  /** Path of the HTTP probes. Default: TCP probes. */
  readonly healthPath?: string | undefined;
  readonly probes?: Probes | undefined;
}

type Container = kubernetes.types.input.core.v1.Container;

/** Builds a container's probes. @see https://kubernetes.io/docs/concepts/workloads/pods/probes/ */
export function buildProbes(
  args: ProbeArgs,
): Pick<Container, "livenessProbe" | "readinessProbe" | "startupProbe"> {
  const { startup, readiness, liveness } = args.probes ?? {};
  const startupProbe = startup && toProbe(startup, args);
  const readinessProbe = readiness?.off === true ? undefined : toProbe(readiness, args);
  const livenessProbe = liveness?.off === true ? undefined : toProbe(liveness, args);
  return {
    ...(startupProbe && { startupProbe: { periodSeconds: 5, failureThreshold: 30, ...startupProbe } }),
    ...(readinessProbe && { readinessProbe: { periodSeconds: 5, ...readinessProbe } }),
    ...(livenessProbe && { livenessProbe: { periodSeconds: 10, failureThreshold: 6, ...livenessProbe } }),
  };
}

/** @returns Undefined without a TCP port: the kubelet probes no other. */
function toProbe(probe: Probe = {}, args: ProbeArgs): kubernetes.types.input.core.v1.Probe | undefined {
  const { path = args.healthPath, tcp, port, ...timing } = probe;
  // By number, not by name: that is how Linkerd recognizes and authorizes probes.
  const number = findTcpPort(args, port)?.number;
  if (number === undefined) return undefined;
  // The kubelet does not verify the certificate.
  const scheme = args.tls && number === args.port ? { scheme: "HTTPS" } : {};
  const handler =
    tcp === true || path === undefined
      ? { tcpSocket: { port: number } }
      : { httpGet: { path, port: number, ...scheme } };
  return { ...handler, ...timing };
}
