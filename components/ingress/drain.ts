import type { HealthCheckTiming } from "../load-balancer/health-check";

/** The load balancer's default health check. */
export const defaultHealthCheck: HealthCheckTiming = { intervalSeconds: 15, timeoutSeconds: 10, retries: 3 };

/** A readiness probe. */
export interface ReadinessProbe {
  readonly periodSeconds: number;
  readonly failureThreshold: number;
}

/** The shutdown of a controller's pod, in seconds. */
export interface Drain {
  /** How long it accepts new connections after SIGTERM. */
  readonly acceptSeconds: number;
  /** How long requests in flight may then take. */
  readonly finishSeconds: number;
  /** `terminationGracePeriodSeconds`: more than both together. */
  readonly graceSeconds: number;
}

/** A margin for an unready pod to be removed from the nodes' rules, and for clock skew. */
const spareSeconds = 5;

/**
 * How a pod ends: it goes on taking connections until the load balancer has found its node unhealthy, and one that has
 * the pod's successor healthy, which takes as many checks. Only then does it close its own, so that whoever opens them
 * anew is sent to another node.
 *
 * The load balancer may ask the pod itself, which says no as soon as it is told to end. Then no connection is lost, if
 * the pod stays ready all the while: see {@link failureThresholdFor}. Where it only tries the port, no order is right, since
 * the check fails no sooner than connections do. Then what is under way is kept, and new connections to that node are
 * lost from when the pod is unready until the load balancer notices.
 *
 * @param finishSeconds How long requests under way have after that.
 * @param unreadySeconds How long it takes until the load balancer's check can fail at all. Zero where the pod itself answers.
 * @see https://docs.hetzner.cloud/reference/cloud#load-balancer-actions-add-service
 */
export function drainFor(
  { intervalSeconds, timeoutSeconds, retries }: HealthCheckTiming,
  finishSeconds: number,
  unreadySeconds = 0,
): Drain {
  const acceptSeconds = unreadySeconds + intervalSeconds * retries + timeoutSeconds + spareSeconds;
  return { acceptSeconds, finishSeconds, graceSeconds: acceptSeconds + finishSeconds + spareSeconds };
}

/** The maximum time until a pod that fails its probe is unready, in seconds. */
export const maxUnreadySeconds = ({ periodSeconds, failureThreshold }: ReadinessProbe): number =>
  periodSeconds * failureThreshold;

/**
 * The failureThreshold of a probe with which a pod stays ready for so many seconds though it fails from their start on,
 * where the first failure may be. As long as it is ready, its node sends new connections to a pod that is ending if it
 * has no other: kube-proxy does, and Cilium in its place. A pod that starts is ready no later for it.
 *
 * @see https://github.com/kubernetes/enhancements/tree/master/keps/sig-network/1669-proxy-terminating-endpoints
 */
export const failureThresholdFor = (
  seconds: number,
  { periodSeconds }: Pick<ReadinessProbe, "periodSeconds">,
): number => Math.ceil(seconds / periodSeconds) + 1;
