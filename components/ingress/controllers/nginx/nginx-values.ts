import * as pulumi from "@pulumi/pulumi";

import {
  defaultHealthCheck,
  drainFor,
  failureThresholdFor,
  maxUnreadySeconds,
  type Drain,
  type ReadinessProbe,
} from "../../drain";
import { defaultResources, toCidrs, spreadOverNodes, type IngressArgs } from "../../ingress-args";
import { healthPort } from "./nginx-health";
import { nginxIdentity } from "./nginx-identity";

/** The container's ports: those of clients, and that of the admission webhook. */
export const nginxPorts = { public: [80, 443], webhook: 8443 } as const;

/** The readiness probe of the chart. */
export const nginxProbe: ReadinessProbe = { periodSeconds: 10, failureThreshold: 3 };

/**
 * How a pod of ingress-nginx ends. A load balancer of ours asks it at its node port for health. One that is made for a
 * Service tries node ports that are not known beforehand, so it notices only that the pod is unready.
 */
export const nginxDrain = (loadBalancer: IngressArgs["loadBalancer"]): Drain =>
  drainFor(
    loadBalancer.healthCheck ?? defaultHealthCheck,
    240,
    "service" in loadBalancer ? maxUnreadySeconds(nginxProbe) : 0,
  );

/** The fields of a line of the access log, by name: nginx's variables. */
const accessLog = {
  time: "$time_iso8601",
  client: "$remote_addr",
  host: "$host",
  method: "$request_method",
  path: "$uri",
  protocol: "$server_protocol",
  status: "$status",
  bytes: "$bytes_sent",
  seconds: "$request_time",
  userAgent: "$http_user_agent",
  ingress: "$namespace/$ingress_name",
  upstream: "$upstream_addr",
  upstreamStatus: "$upstream_status",
  upstreamSeconds: "$upstream_response_time",
  requestId: "$req_id",
} as const;

/**
 * Values of the chart: github.com/kubernetes/ingress-nginx, charts/ingress-nginx/values.yaml. What can be
 * said for all hosts is said as Traefik does it, so that an app behaves alike behind both.
 */
export function nginxValues(args: IngressArgs): Record<string, unknown> {
  const {
    replicas,
    resources = defaultResources,
    loadBalancer,
    keepAliveSeconds,
    maxRequestSeconds,
    defaultCertificate,
    responseHeaders = [],
  } = args;
  const { ingressClassName, podSelector } = nginxIdentity;
  const { namespace, app } = podSelector;
  const behindService = "service" in loadBalancer;
  const drain = nginxDrain(loadBalancer);
  return {
    controller: {
      podAnnotations: {
        "linkerd.io/inject": "enabled",
        // The container's public ports, and the one on which the API server asks about an Ingress.
        // Through the mesh's proxy the load balancer could not ask for its health: it is in no mesh.
        "config.linkerd.io/skip-inbound-ports": [
          ...nginxPorts.public,
          nginxPorts.webhook,
          ...(behindService ? [] : [healthPort]),
        ].join(","),
      },
      // It fails from when the pod is told to end, as the load balancer's check does.
      ...(!behindService && {
        readinessProbe: { failureThreshold: failureThresholdFor(drain.acceptSeconds, nginxProbe) },
      }),
      service: behindService
        ? { type: "ClusterIP" }
        : // A node without nginx fails its health check instead of hiding the sender behind its own address.
          {
            type: "NodePort",
            externalTrafficPolicy: "Local",
            nodePorts: { http: loadBalancer.nodePorts.http, https: loadBalancer.nodePorts.https },
          },
      ingressClassResource: { enabled: true, default: true, name: ingressClassName },
      publishService: behindService
        ? { enabled: true, pathOverride: `${namespace}/${loadBalancer.service}` }
        : // Otherwise an Ingress would show the nodes' addresses, and external-dns would publish them.
          { enabled: false },
      extraArgs: {
        ...(!behindService && { "publish-status-address": loadBalancer.ipv4 }),
        // It says that it is no longer ready, goes on for so long, and then lets its workers end.
        "shutdown-grace-period": String(drain.acceptSeconds),
        "default-ssl-certificate": `${namespace}/${defaultCertificate}`,
      },
      terminationGracePeriodSeconds: drain.graceSeconds,
      config: {
        ...clientAddress(args),
        ...keepAlive(keepAliveSeconds),
        ...idleTimers(maxRequestSeconds),
        "worker-shutdown-timeout": `${drain.finishSeconds}s`,
        "force-ssl-redirect": "true",
        "ssl-protocols": "TLSv1.2 TLSv1.3",
        // What browsers remember is said once, at the zone's edge.
        hsts: "false",
        // A large body is for the route to refuse.
        "proxy-body-size": "0",
        ...(responseHeaders.length > 0 && { "global-allowed-response-headers": responseHeaders.join(",") }),
        "limit-req-status-code": "429",
        "limit-conn-status-code": "429",
        // nginx dials the Service's address, so that the mesh's proxy can balance each request.
        "service-upstream": "true",
        "log-format-escape-json": "true",
        "log-format-upstream": JSON.stringify(accessLog),
      },
      // With cert-manager the webhook's certificate needs no Jobs of the chart's.
      admissionWebhooks: { certManager: { enabled: true } },
      metrics: { enabled: true },
      resources: { requests: resources },
      autoscaling: {
        enabled: true,
        minReplicas: replicas.min,
        maxReplicas: replicas.max,
        targetCPUUtilizationPercentage: 80,
        // Zero leaves memory out.
        targetMemoryUtilizationPercentage: 0,
      },
      maxUnavailable: 1,
      topologySpreadConstraints: spreadOverNodes({
        "app.kubernetes.io/name": app,
        "app.kubernetes.io/component": "controller",
      }),
    },
  };
}

/**
 * How long a connection is kept. nginx's own limit for one in use is an hour, and the ConfigMap has no key for it but the
 * administrator's snippet, which nothing forbids: `allow-snippet-annotations` is about annotations alone. How many
 * requests a connection takes stays nginx's choice: how old it gets bounds that too.
 *
 * @see https://nginx.org/en/docs/http/ngx_http_core_module.html#keepalive_time
 * @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/configmap/#http-snippet
 */
const keepAlive = (seconds: number) => ({
  "keep-alive": String(seconds),
  "http-snippet": `keepalive_time ${seconds}s;`,
});

/**
 * How long nothing may move on a request, gRPC streams and WebSockets included: until the app sends or takes more, and
 * until the client sends more of its body. These timers start anew with every read or write, so they do not bound a
 * request as a whole; nginx' default of 60 s ends what is quiet for a minute. nginx retries within the same time. Its
 * timer for the headers (`client-header-timeout`) stays at 60 s.
 *
 * @see https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_read_timeout
 * @see https://nginx.org/en/docs/http/ngx_http_core_module.html#client_body_timeout
 * @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/configmap/#proxy-read-timeout
 */
const idleTimers = (seconds: number) => ({
  "client-body-timeout": String(seconds),
  "proxy-read-timeout": String(seconds),
  "proxy-send-timeout": String(seconds),
  "proxy-next-upstream-timeout": String(seconds),
});

/**
 * Whose word is believed about the client. The peer that the PROXY protocol header names counts as the client, unless
 * it is one of Cloudflare's edges: then CF-Connecting-IP does. Without that header every peer is the load balancer, and
 * to believe it would be to believe everybody.
 *
 * @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/configmap/#use-forwarded-headers
 */
function clientAddress({ loadBalancer, edgeCidrs }: IngressArgs): Record<string, unknown> {
  const { proxyProtocol, senders } = loadBalancer;
  return {
    "use-proxy-protocol": String(proxyProtocol),
    "use-forwarded-headers": "true",
    "forwarded-for-header": "CF-Connecting-IP",
    "proxy-real-ip-cidr": pulumi
      .all([toCidrs(senders), edgeCidrs])
      .apply(([own, cidrs]) => [...(proxyProtocol ? own : []), ...cidrs].join(",")),
  };
}
