import { listPorts } from "../app/app-ports";
import { findCallees, type GraphApp } from "../network-policy/call-graph";

/**
 * Finds the ports outside of the cluster that an app's pods reach without Linkerd's proxy, in ascending order: those at
 * which the server speaks first. The proxy waits 10 s for the client's first bytes at an address of no Service, whatever
 * the port. The annotation `config.linkerd.io/opaque-ports` is about Services and a pod's own ports, and an EgressNetwork
 * with it would concern every app of the namespace.
 *
 * @see https://linkerd.io/2/features/protocol-detection/
 * @see https://github.com/linkerd/linkerd2/blob/edge-26.8.3/policy-controller/grpc/src/outbound.rs (`fallback`)
 */
export function findSkippedPorts(app: GraphApp, apps: readonly GraphApp[]): number[] {
  const external = findCallees(app, apps).filter((each) => each.external !== undefined);
  const ports = [
    ...(app.egress ?? []).flatMap(({ opaque, ports: its }) => (opaque ? its : [])),
    ...external.flatMap(listPorts).flatMap(({ number, protocol }) => (protocol === "tcp" ? [number] : [])),
  ];
  return [...new Set(ports)].sort((a, b) => a - b);
}
