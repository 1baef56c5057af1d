import type * as pulumi from "@pulumi/pulumi";

import type { GatewayClassSpec, GatewaySpec } from "../../../custom-resources/gateway-api-resources";
import { traefikIdentity } from "../traefik/traefik-identity";
import { traefikPorts } from "../traefik/traefik-values";

/** The class of Gateways that Traefik listens for. It belongs to no namespace. */
export const gatewayClassName = "traefik";

/** The GatewayClass: Traefik's own name for itself. */
export const traefikGatewayClass: GatewayClassSpec = { controllerName: "traefik.io/gateway-controller" };

/** The Gateway that the platform's HTTPRoutes name as their parent. */
export const platformGateway = {
  name: "platform",
  namespace: traefikIdentity.podSelector.namespace,
  /** The listener where TLS ends. The other one is there for Traefik to send on to this one. */
  sectionName: "https",
} as const;

/**
 * The Gateway: plain HTTP, and HTTPS for every host.
 *
 * @param certificate The Secret in the Gateway's namespace that holds the certificate of every host.
 * @param routesFrom The namespaces whose HTTPRoutes it takes, at least one.
 */
export function platformGatewaySpec(
  certificate: string,
  [first, ...others]: readonly [pulumi.Input<string>, ...pulumi.Input<string>[]],
): GatewaySpec {
  // A label that the API server itself keeps on every namespace.
  const key = "kubernetes.io/metadata.name";
  const allowedRoutes = {
    namespaces: {
      from: "Selector",
      selector:
        others.length === 0
          ? { matchLabels: { [key]: first } }
          : { matchExpressions: [{ key, operator: "In" as const, values: [first, ...others] }] },
    },
    kinds: [{ group: "gateway.networking.k8s.io", kind: "HTTPRoute" }],
  } as const;
  return {
    gatewayClassName,
    listeners: [
      { name: "http", port: traefikPorts.http, protocol: "HTTP", allowedRoutes },
      {
        name: platformGateway.sectionName,
        port: traefikPorts.https,
        protocol: "HTTPS",
        tls: { mode: "Terminate", certificateRefs: [{ name: certificate }] },
        allowedRoutes,
      },
    ],
  };
}
