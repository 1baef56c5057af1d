import type { IngressController } from "../../ingress-controller";
import { nginxHealth } from "./nginx-health";
import { nginxIdentity } from "./nginx-identity";
import { renderForNginx } from "./nginx-routes";
import { nginxUnsupported } from "./nginx-unsupported";
import { nginxDrain, nginxPorts, nginxValues } from "./nginx-values";

/** ingress-nginx, with routes as Ingress objects. */
export const nginx: IngressController = {
  installation: {
    identity: nginxIdentity,
    // Its own, so that it runs beside Traefik while one replaces the other. Its `/healthz` at port 80 answers 200 until the
    // end and expects a PROXY protocol header, which a health check does not send: hence a node port for health alone.
    nodePorts: { fixed: { http: 31080, https: 31443 }, health: "nginxHealth" },
    healthPath: "/healthz",
    containerPorts: nginxPorts.public,
    webhookPorts: [nginxPorts.webhook],
    clusterRoles: ["ingress-nginx"],
    readsGatewayApi: "never",
    needsService: true,
    /** @see https://kubernetes.io/blog/2025/11/11/ingress-nginx-retirement/ */
    deprecation:
      "ingress-nginx is retired: since March 2026 its security holes are not fixed. " +
      "Set ingress.controller: traefik; the routes stay as they are.",
    chartValues: nginxValues,
    drain: nginxDrain,
    createBeforeRelease: (name, { loadBalancer, namespace }, opts) =>
      "service" in loadBalancer
        ? []
        : [
            nginxHealth(
              `${name}-health`,
              { namespace, nodePort: loadBalancer.nodePorts.health, senders: loadBalancer.senders },
              opts,
            ),
          ],
  },
  routes: {
    unsupported: nginxUnsupported,
    rateLimitIpv6Prefix: 128,
    render: renderForNginx,
    originLock: {
      namespace: "route",
      clientCertificate: { reference: (namespace, name) => `${namespace}/${name}-ca` },
      allowList: {
        problem: "is true, but ingress-nginx sees only the client's address of a connection from Cloudflare",
        want: "allowList: false with the client certificate",
      },
    },
  },
};
