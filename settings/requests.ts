import { ciliumRequests } from "../components/cilium/cilium-values";
import { meshRequests, prometheusRequests, proxyRequests } from "../components/linkerd/linkerd-values";
import {
  controllerRequests,
  sumRequests,
  type Requests,
  type RequestSum,
} from "../components/resource-requests";
import type { Settings } from "../settings";

/** The requests of all pods of one part of a stack. */
export interface PartRequests extends RequestSum {
  readonly part: string;
}

/** Sums the resource requests of a stack's pods, by part. Autoscaling counts with its minimum. */
export function sumStackRequests(
  settings: Pick<Settings, "cluster" | "mesh" | "ingress" | "externalDns" | "apps">,
): readonly PartRequests[] {
  const { cluster, mesh, ingress, externalDns, apps } = settings;
  const { nodes } = cluster;
  const { ha = nodes >= 3 } = mesh;
  const replicated = nodes >= 3;
  const [proxy, container] = [proxyRequests(ha), meshRequests(ha)];
  const meshed = (pods: number, ...containers: readonly Requests[]) =>
    [...containers, proxy].map((requests) => [pods, requests] as const);
  const replicas = ha ? 3 : 1;
  const ownPrometheus = mesh.prometheus === undefined ? meshed(1, prometheusRequests(ha)) : [];
  const parts: Readonly<Record<string, readonly (readonly [number, Requests])[]>> = {
    "Cilium, on each node": [
      [nodes, ciliumRequests],
      [nodes, controllerRequests],
    ],
    "Cilium's operator, Hubble": [[Math.min(2, nodes) + 3, controllerRequests]],
    "cert-manager, trust-manager": [[(replicated ? 7 : 3) + (ha ? 2 : 1), controllerRequests]],
    "Linkerd's control plane": [
      ...meshed(replicas, container, container, controllerRequests),
      ...meshed(replicas, container),
      ...meshed(replicas, container),
    ],
    "Linkerd's CNI plugin": [[mesh.cni ? 2 * nodes : 0, controllerRequests]],
    "Linkerd's viz": mesh.viz
      ? [
          ...meshed(replicas, container),
          ...meshed(1, container),
          ...meshed(2, controllerRequests),
          ...ownPrometheus,
        ]
      : [],
    "Ingress controller": meshed(ingress.replicas.min, ingress.resources),
    "external-dns": externalDns ? [[1, controllerRequests]] : [],
    Apps: apps.flatMap((app) => {
      if (app.existing || !("resources" in app)) return [];
      const pods =
        ("autoscaling" in app ? app.autoscaling.min : app.replicas) + (app.canary ? app.canary.replicas : 0);
      return app.meshed ? meshed(pods, app.resources) : [[pods, app.resources] as const];
    }),
  };
  return Object.entries(parts).map(([part, all]) => ({ part, ...sumRequests(all) }));
}

/** The sum of all parts. */
export const totalRequests = (parts: readonly PartRequests[]): RequestSum => ({
  millicores: parts.reduce((sum, { millicores }) => sum + millicores, 0),
  mebibytes: parts.reduce((sum, { mebibytes }) => sum + mebibytes, 0),
});
