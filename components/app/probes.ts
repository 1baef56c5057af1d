import type * as kubernetes from "@pulumi/kubernetes";

import { toNamedPorts, type PortArgs } from "./app-ports";

/** How a container is asked. What is not said is the default of the question, or Kubernetes' own. */
export interface Probe {
  /** Path of an HTTP request. Absence means the app's `healthPath`, and where it has none, that the port is opened. */
  readonly path?: string | undefined;
  /** Whether the port is only opened, whatever `healthPath` says. */
  readonly tcp?: true | undefined;
  /** A declared port, by number or name. Absence means the app's first. */
  readonly port?: number | string | undefined;
  readonly periodSeconds?: number | undefined;
  readonly timeoutSeconds?: number | undefined;
  /** Failures in a row until it counts. */
  readonly failureThreshold?: number | undefined;
  readonly initialDelaySeconds?: number | undefined;
  /** Successes in a row until it counts. Of readiness only. */
  readonly successThreshold?: number | undefined;
}

/** What is asked before a pod counts as started, while it counts as ready, and while it counts as alive. */
export interface Probes {
  /** Until it is answered, the others are not asked. Absence asks nothing. Default: every 5 s, 30 times. */
  readonly startup?: Probe | undefined;
  /** Default: every 5 s. */
  readonly readiness?: Probe | undefined;
  /** A container that fails is started anew. Default: every 10 s, 6 times. */
  readonly liveness?: Probe | undefined;
}

export interface ProbeArgs extends PortArgs {
  /** Path of the HTTP probes. Absence means that a probe only opens the port. */
  readonly healthPath?: string | undefined;
  readonly probes?: Probes | undefined;
}

type Container = kubernetes.types.input.core.v1.Container;

/** @see https://kubernetes.io/docs/concepts/workloads/pods/probes/ */
export function buildProbes(
  args: ProbeArgs,
): Pick<Container, "livenessProbe" | "readinessProbe" | "startupProbe"> {
  const { startup, readiness, liveness } = args.probes ?? {};
  return {
    ...(startup && {
      startupProbe: { periodSeconds: 5, failureThreshold: 30, ...buildProbe(startup, args) },
    }),
    readinessProbe: { periodSeconds: 5, ...buildProbe(readiness, args) },
    livenessProbe: { periodSeconds: 10, failureThreshold: 6, ...buildProbe(liveness, args) },
  };
}

function buildProbe(probe: Probe = {}, args: ProbeArgs): kubernetes.types.input.core.v1.Probe {
  const { path = args.healthPath, tcp, port = args.port, ...timing } = probe;
  // By number, since that is how the mesh lets probes pass.
  const at = { port: typeof port === "string" ? (toNamedPorts(args)[port] ?? args.port) : port };
  const asked = tcp === true || path === undefined ? { tcpSocket: at } : { httpGet: { path, ...at } };
  return { ...asked, ...timing };
}
