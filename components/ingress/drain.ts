import type { HealthCheckTiming } from "../load-balancer/health-check";

/** What the load balancer does unless it is told otherwise. */
export const defaultHealthCheck: HealthCheckTiming = { intervalSeconds: 15, timeoutSeconds: 10, retries: 3 };

/** How the kubelet looks whether a pod is ready. */
export interface ReadinessProbe {
  readonly periodSeconds: number;
  readonly failureThreshold: number;
}

/** How a pod of the controller ends, in seconds. */
export interface Drain {
  /** How long it goes on taking new connections after it was told to end. */
  readonly acceptSeconds: number;
  /** How long the requests under way then have. */
  readonly finishSeconds: number;
  /** After how long Kubernetes kills it: more than both together. */
  readonly graceSeconds: number;
}

/** For the word of an unready pod to reach the nodes, and for clocks that do not agree. */
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

/** After how many seconds at most a pod is unready that fails its probe. */
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
