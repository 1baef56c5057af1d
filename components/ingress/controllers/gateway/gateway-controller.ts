import { gateway as createGateway, gatewayClass } from "../../../custom-resources/gateway-api-resources";
import type { IngressController } from "../../ingress-controller";
import { createAllowList, createDefault, traefik } from "../traefik/traefik-controller";
import { createTraefikPermissions } from "../traefik/traefik-permissions";
import { openHostAnnotations, traefikReference } from "../traefik/traefik-tls";
import { buildTraefikValues } from "../traefik/traefik-values";
import { renderForGateway } from "./gateway-routes";
import { gatewayUnsupported } from "./gateway-unsupported";
import { gatewayClassName, platformGateway, buildGatewaySpec, traefikGatewayClass } from "./platform-gateway";

/** The installation of {@link traefik}, with routes as HTTPRoutes of a Gateway. */
export const gateway: IngressController = {
  installation: {
    ...traefik.installation,
    readsGatewayApi: "always",
    chartValues: (args) => buildTraefikValues({ ...args, readsGateways: true }),
    createBeforeRelease: (name, args, opts) =>
      createTraefikPermissions(name, { ...args, readsGateways: true }, opts),
    createAfterRelease: (name, { defaultCertificate, routesFrom }, opts) => {
      gatewayClass(`${name}-class`, { name: gatewayClassName }, traefikGatewayClass, opts);
      createGateway(
        `${name}-gateway`,
        { name: platformGateway.name, namespace: platformGateway.namespace },
        buildGatewaySpec(defaultCertificate, routesFrom),
        opts,
      );
    },
  },
  routes: {
    unsupported: gatewayUnsupported,
    rateLimitIpv6Prefix: 64,
    render: renderForGateway,
    originLock: {
      // The default TLS options require it, since an HTTPRoute cannot name any.
      clientCertificate: { namespace: "controller", isForAllHosts: true, reference: traefikReference },
      // A filter refers to a Middleware of the route's own namespace.
      allowList: { namespace: "route", reference: (_, name) => name, create: createAllowList },
      createDefault,
      openHostAnnotations,
    },
  },
};
