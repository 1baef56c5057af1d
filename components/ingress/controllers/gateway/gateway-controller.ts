import { gateway as createGateway, gatewayClass } from "../../../custom-resources/gateway-api-resources";
import type { IngressController } from "../../ingress-controller";
import { createAllowList, traefik } from "../traefik/traefik-controller";
import { createTraefikPermissions } from "../traefik/traefik-permissions";
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
      // A filter refers to a Middleware of the route's own namespace.
      namespace: "route",
      clientCertificate: {
        problem: "is true, but Traefik requests no client certificate on a Gateway",
        want: "clientCertificate: false, which leaves the allow-list",
      },
      allowList: { reference: (_, name) => name, create: createAllowList },
    },
  },
};
