import { type Damaged, annotation, gone, having, spec } from "./damage";

const balancer = (key: string, value: unknown) => annotation(`load-balancer.hetzner.cloud/${key}`, value);

/** A load balancer that the cloud controller manager makes, damaged. */
export const damagedCcm: readonly Damaged[] = [
  ["Service", "load-balancer", gone, /the doors lead elsewhere|listens on no node ports|rules show/],
  ["Service", "load-balancer", balancer("uses-proxyprotocol", "false"), /what .* load-balancer sends/],
  ["Service", "load-balancer", balancer("private-ipv4", "10.0.0.9"), /whence .* load-balancer sends/],
  ["Service", "load-balancer", having(["metadata", "name"], "other"), /rules show /],
  ["Service", "web-frontend", spec("type", "LoadBalancer"), /has LoadBalancer web-frontend/],
];
