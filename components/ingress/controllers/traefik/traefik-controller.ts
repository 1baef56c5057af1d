import { middleware, tlsOption } from "../../../custom-resources/traefik-resources";
import type { AllowListLock, IngressController } from "../../ingress-controller";
import { traefikIdentity } from "./traefik-identity";
import { createTraefikPermissions } from "./traefik-permissions";
import { renderForTraefik, traefikReference } from "./traefik-routes";
import { traefikUnsupported } from "./traefik-unsupported";
import { traefikDrain, traefikPorts, buildTraefikValues } from "./traefik-values";

/**
 * Creates Traefik's allow-list of Cloudflare's addresses. With PROXY protocol, the peer of a connection is the client of
 * the load balancer.
 */
export const createAllowList: AllowListLock["create"] = (name, metadata, sourceRange, opts) =>
  middleware(name, metadata, { ipAllowList: { sourceRange } }, opts);

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
    rateLimitIpv6Prefix: 64,
    render: renderForTraefik,
    originLock: {
      namespace: "controller",
      clientCertificate: {
        reference: traefikReference,
        create: (name, metadata, caSecretName, opts) =>
          tlsOption(
            name,
            metadata,
            {
              minVersion: "VersionTLS12",
              clientAuth: { secretNames: [caSecretName], clientAuthType: "RequireAndVerifyClientCert" },
            },
            opts,
          ),
      },
      allowList: { reference: traefikReference, create: createAllowList },
    },
  },
};
