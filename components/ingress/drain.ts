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
  /** The time after SIGTERM in which it accepts new connections. */
  readonly acceptSeconds: number;
  /** The time after that in which it finishes requests in flight. */
  readonly finishSeconds: number;
  /** `terminationGracePeriodSeconds`: more than the sum of both. */
  readonly graceSeconds: number;
}

/** A margin for an unready pod to be removed from the nodes' rules, and for clock skew. */
const spareSeconds = 5;

/**
 * The shutdown of a pod behind a load balancer. The pod accepts connections until the load balancer has marked its node
 * as unhealthy, and the node of its successor as healthy, which takes the same number of checks. Then it closes its
 * connections, and clients that reconnect are sent to another node.
 *
 * If the pod itself answers the health check, it fails the check from SIGTERM on, and no connection is lost as long as
 * the pod stays ready: see {@link failureThresholdFor}. If the check only opens a TCP connection to the port, some
 * connections are lost in any order, since the check fails no sooner than they do. Requests in flight are then finished,
 * and new connections to that node fail from when the pod is unready until the load balancer notices.
 *
 * @param finishSeconds The time for requests in flight after that.
 * @param unreadySeconds The time until the load balancer's check can fail at all. Zero if the pod itself answers it.
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
 * The failureThreshold that keeps a pod ready for this long after its first failed probe. As long as a terminating pod
 * is ready, kube-proxy, or Cilium in its place, sends new connections of the node to it if the node has no other pod. The
 * threshold does not delay the readiness of a starting pod.
 *
 * @see https://github.com/kubernetes/enhancements/tree/master/keps/sig-network/1669-proxy-terminating-endpoints
 */
export const failureThresholdFor = (
  seconds: number,
  { periodSeconds }: Pick<ReadinessProbe, "periodSeconds">,
): number => Math.ceil(seconds / periodSeconds) + 1;
