import type * as pulumi from "@pulumi/pulumi";

import type { GatewayClassSpec, GatewaySpec } from "../../../custom-resources/gateway-api-resources";
import { traefikIdentity } from "../traefik/traefik-identity";
import { traefikPorts } from "../traefik/traefik-values";

/** The name of Traefik's GatewayClass, which is cluster-scoped. */
export const gatewayClassName = "traefik";

/** The GatewayClass, with Traefik's controller name. */
export const traefikGatewayClass: GatewayClassSpec = { controllerName: "traefik.io/gateway-controller" };

/** The Gateway that is the parent of the platform's HTTPRoutes. */
export const platformGateway = {
  name: "platform",
  namespace: traefikIdentity.podSelector.namespace,
  /** The listener that terminates TLS. The other one exists so that Traefik redirects its requests to this one. */
  sectionName: "https",
} as const;

/**
 * The spec of the Gateway, with a listener for HTTP and one for HTTPS, both for every host.
 *
 * @param certificate The Secret in the Gateway's namespace with the certificate of every host.
 * @param routesFrom The namespaces whose HTTPRoutes it accepts, at least one.
 */
export function buildGatewaySpec(
  certificate: string,
  [first, ...others]: readonly [pulumi.Input<string>, ...pulumi.Input<string>[]],
): GatewaySpec {
  // The API server itself sets this label on every namespace.
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
