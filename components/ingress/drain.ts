import type { CheckTiming } from "../health-check";

/** What the load balancer does unless it is told otherwise. */
export const defaultHealthCheck: CheckTiming = { intervalSeconds: 15, timeoutSeconds: 10, retries: 3 };

/** How the kubelet looks whether a pod is ready. */
export interface ReadinessProbe {
  readonly periodSeconds: number;
  readonly failureThreshold: number;
}

/** How a pod of the controller ends, in seconds. */
export interface Drain {
  /** How long it goes on taking new requests after it was told to end and has said that it is no longer ready. */
  readonly acceptSeconds: number;
  /** How long the requests under way then have. */
  readonly finishSeconds: number;
  /** After how long Kubernetes kills it: more than both together. */
  readonly graceSeconds: number;
}

/** For the word of an unready pod to reach the nodes, and for clocks that do not agree. */
const spareSeconds = 5;

/**
 * How a pod ends: first the kubelet finds it unready, then the load balancer finds the node without it unhealthy, and
 * only then does it close its connections, so that whoever opens them anew is sent to another node.
 *
 * @param finishSeconds How long requests under way have after that.
 */
export function drainOf(
  { intervalSeconds, timeoutSeconds, retries }: CheckTiming,
  probe: ReadinessProbe,
  finishSeconds: number,
): Drain {
  const unreadySeconds = probe.periodSeconds * probe.failureThreshold;
  const acceptSeconds = unreadySeconds + intervalSeconds * retries + timeoutSeconds + spareSeconds;
  return { acceptSeconds, finishSeconds, graceSeconds: acceptSeconds + finishSeconds + spareSeconds };
}
