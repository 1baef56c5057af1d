/**
 * Ports of Linkerd's proxy in every meshed pod.
 *
 * @see https://linkerd.io/2/reference/proxy-configuration/
 */
export const proxyPorts = {
  /** Takes the outbound connections of the pod's own container. */
  outbound: 4140,
  /** Takes all meshed traffic to the pod, whatever port the app has. */
  inbound: 4143,
  /** `linkerd viz tap`. */
  tap: 4190,
  /** Metrics and probes. */
  admin: 4191,
} as const;

/** Ports of the control plane that proxies connect to: identity, destination, policy. */
export const controlPlanePorts = [8080, 8086, 8090] as const;
