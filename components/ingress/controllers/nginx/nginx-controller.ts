import type { IngressController } from "../../ingress-controller";
import { createHealthNodePort, healthPort } from "./nginx-health";
import { nginxIdentity } from "./nginx-identity";
import { renderForNginx } from "./nginx-routes";
import { nginxUnsupported, nginxUnsupportedTls } from "./nginx-unsupported";
import { nginxDrain, nginxPorts, buildNginxValues } from "./nginx-values";

/** ingress-nginx, with routes as Ingress objects. */
export const nginx: IngressController = {
  installation: {
    identity: nginxIdentity,
    // Fixed, so that it can run at the same time as Traefik while one replaces the other. Its `/healthz` on port 80 returns
    // 200 until the end and expects a PROXY protocol header, which health checks do not send: hence a separate node port.
    nodePorts: { fixed: { http: 31080, https: 31443 }, health: "nginxHealth" },
    healthPath: "/healthz",
    containerPorts: nginxPorts.public,
    webhookPorts: [nginxPorts.webhook],
    metricsPort: healthPort,
    clusterRoles: ["ingress-nginx"],
    // Its chart can limit it to one namespace only.
    reads: "cluster",
    readsGatewayApi: "never",
    needsService: true,
    /** @see https://kubernetes.io/blog/2025/11/11/ingress-nginx-retirement/ */
    deprecation:
      "ingress-nginx is retired: since March 2026 its security holes are not fixed. " +
      "Set ingress.controller: traefik; the routes stay as they are.",
    chartValues: buildNginxValues,
    drain: nginxDrain,
    createBeforeRelease: (name, { loadBalancer, namespace }, opts) =>
      "service" in loadBalancer
        ? []
        : [
            createHealthNodePort(
              `${name}-health`,
              { namespace, nodePort: loadBalancer.nodePorts.health, senders: loadBalancer.senders },
              opts,
            ),
          ],
  },
  routes: {
    unsupported: nginxUnsupported,
    unsupportedTls: nginxUnsupportedTls,
    rateLimitIpv6Prefix: 128,
    render: renderForNginx,
    originLock: {
      clientCertificate: { namespace: "route", reference: (namespace, name) => `${namespace}/${name}-ca` },
      allowList: {
        problem: "is true, but ingress-nginx sees only the client's address of a connection from Cloudflare",
        want: "allowList: false with the client certificate",
      },
    },
  },
};
