import { middleware, tlsOption } from "../../../custom-resources/traefik-resources";
import type { AllowListLock, IngressController, OriginLockSupport } from "../../ingress-controller";
import { traefikIdentity } from "./traefik-identity";
import { createTraefikPermissions } from "./traefik-permissions";
import { renderForTraefik } from "./traefik-routes";
import { lockedTlsOptions, openHostAnnotations, openTlsOptions, traefikReference } from "./traefik-tls";
import { traefikUnsupported } from "./traefik-unsupported";
import { traefikDrain, traefikPorts, buildTraefikValues } from "./traefik-values";

/**
 * Creates Traefik's allow-list of Cloudflare's addresses. With PROXY protocol, the peer of a connection is the client of
 * the load balancer.
 */
export const createAllowList: AllowListLock["create"] = (name, metadata, sourceRange, opts) =>
  middleware(name, metadata, { ipAllowList: { sourceRange } }, opts);

/** Creates the TLSOption of hosts that name none. Traefik also falls back to it if the routes of a host name different ones. */
export const createDefault: NonNullable<OriginLockSupport["createDefault"]> = (
  name,
  namespace,
  caSecretName,
  opts,
) =>
  tlsOption(
    name,
    { name: "default", namespace },
    caSecretName === undefined ? openTlsOptions : lockedTlsOptions(caSecretName),
    opts,
  );

/** Traefik, with routes as Ingress objects. */
export const traefik: IngressController = {
  installation: {
    identity: traefikIdentity,
    nodePorts: { health: "http" },
    healthPath: "/ping",
    containerPorts: Object.values(traefikPorts),
    webhookPorts: [],
    metricsPort: 9100,
    clusterRoles: ["traefik-traefik"],
    reads: "namespaces",
    readsGatewayApi: "optional",
    chartValues: buildTraefikValues,
    drain: traefikDrain,
    createBeforeRelease: createTraefikPermissions,
  },
  routes: {
    unsupported: traefikUnsupported,
    unsupportedCanary: {
      problem:
        "cannot be set on an app without mesh, since Traefik does not split the requests of an Ingress; only the mesh does",
      want: "meshed: true",
    },
    unsupportedTls: ({ existing = false }) =>
      existing
        ? {
            problem:
              "cannot be combined with existing: true, since Traefik reads it from the Service, which is managed elsewhere",
            want: "none",
          }
        : undefined,
    rateLimitIpv6Prefix: 64,
    render: renderForTraefik,
    originLock: {
      // The default TLS options require it, so that connections of a host keep their options if its route becomes an HTTPRoute.
      clientCertificate: { namespace: "controller", reference: traefikReference },
      allowList: { namespace: "controller", reference: traefikReference, create: createAllowList },
      createDefault,
      openHostAnnotations,
    },
  },
};
