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
import { platformPriority } from "../../../resource-requests";
import { parseBytes } from "../../units";
import { untrustedHeaders } from "../../untrusted-headers";
import { healthPort } from "./nginx-health";
import { nginxIdentity } from "./nginx-identity";

/** The container's ports: those of clients, and that of the admission webhook. */
export const nginxPorts = { public: [80, 443], webhook: 8443 } as const;

/** The readiness probe of the chart. */
export const nginxProbe: ReadinessProbe = { periodSeconds: 10, failureThreshold: 3 };

/**
 * The shutdown of ingress-nginx's pods. A load balancer that this program creates checks `/healthz` at its node port. One
 * that the cloud controller manager creates for a Service checks node ports that are not known in advance, so that it
 * notices only that the pod is unready.
 */
export const nginxDrain = (loadBalancer: IngressArgs["loadBalancer"]): Drain =>
  drainFor(
    loadBalancer.healthCheck ?? defaultHealthCheck,
    240,
    "service" in loadBalancer ? maxUnreadySeconds(nginxProbe) : 0,
  );

/** Headers that nginx itself sets. */
const ownHeaders: ReadonlySet<string> = new Set(["X-Real-Ip", "X-Forwarded-Host", "X-Forwarded-Port"]);

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
 * The values of the chart: github.com/kubernetes/ingress-nginx, charts/ingress-nginx/values.yaml. Settings of all hosts
 * match Traefik's where possible, so that an app behaves alike behind both.
 */
export function buildNginxValues(args: IngressArgs): Record<string, unknown> {
  const {
    replicas,
    resources = defaultResources,
    loadBalancer,
    keepAliveSeconds,
    maxRequestSeconds,
    maxHeaderSize,
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
        // The container's public ports, and the port of the admission webhook, which the API server calls. The health
        // port too, since the load balancer is not in the mesh and could not connect through its proxy.
        "config.linkerd.io/skip-inbound-ports": [
          ...nginxPorts.public,
          nginxPorts.webhook,
          ...(behindService ? [] : [healthPort]),
        ].join(","),
      },
      // It fails from SIGTERM on, as the load balancer's check does.
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
        // It fails its readiness probe, continues for this long, and then shuts down its workers.
        "shutdown-grace-period": String(drain.acceptSeconds),
        "default-ssl-certificate": `${namespace}/${defaultCertificate}`,
      },
      terminationGracePeriodSeconds: drain.graceSeconds,
      config: {
        ...clientAddress(args),
        ...keepAlive(keepAliveSeconds),
        ...idleTimers(maxRequestSeconds),
        ...(maxHeaderSize !== undefined && headerBuffers(parseBytes(maxHeaderSize) / 1024)),
        "worker-shutdown-timeout": `${drain.finishSeconds}s`,
        "force-ssl-redirect": "true",
        "ssl-protocols": "TLSv1.2 TLSv1.3",
        // The zone's edge sets it.
        hsts: "false",
        // No limit: routes set their own.
        "proxy-body-size": "0",
        ...(responseHeaders.length > 0 && { "global-allowed-response-headers": responseHeaders.join(",") }),
        "limit-req-status-code": "429",
        "limit-conn-status-code": "429",
        // nginx connects to the Service's address, so that the mesh's proxy can balance each request.
        "service-upstream": "true",
        // nginx would write the client's own X-Forwarded-Host into Host, and cannot remove it before.
        "server-snippet": 'if ($http_x_forwarded_host$http_x_forwarded_port != "") { return 400; }',
        "log-format-escape-json": "true",
        "log-format-upstream": JSON.stringify(accessLog),
      },
      // An empty header is not sent. On a proxied host the client's address is Cloudflare's CF-Connecting-IP anyway.
      proxySetHeaders: {
        ...Object.fromEntries(
          untrustedHeaders.filter((name) => !ownHeaders.has(name)).map((name) => [name, ""]),
        ),
        "CF-Connecting-IP": "$remote_addr",
      },
      // With cert-manager the chart needs no Jobs for the webhook's certificate.
      admissionWebhooks: { certManager: { enabled: true } },
      metrics: { enabled: true },
      resources: { requests: resources },
      priorityClassName: platformPriority,
      autoscaling: {
        enabled: true,
        minReplicas: replicas.min,
        maxReplicas: replicas.max,
        targetCPUUtilizationPercentage: 80,
        // Zero: no memory target.
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
 * The keep-alive settings. nginx's default limit for a connection in use is an hour, and the ConfigMap can change it only
 * by `http-snippet`, which is allowed: `allow-snippet-annotations` applies to annotations only. The number of requests of
 * a connection stays at nginx's default, since the age of a connection limits it too.
 *
 * @see https://nginx.org/en/docs/http/ngx_http_core_module.html#keepalive_time
 * @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/configmap/#http-snippet
 */
const keepAlive = (seconds: number) => ({
  "keep-alive": String(seconds),
  "http-snippet": `keepalive_time ${seconds}s;`,
});

/**
 * The idle timeouts of a request, gRPC streams and WebSockets included: the maximum time between two reads from or writes
 * to the app, and between two reads of the client's body. Every read or write restarts them, so they do not limit a
 * request as a whole; nginx's default of 60 s closes what is idle for a minute. nginx retries within the same time. The
 * timeout for the headers (`client-header-timeout`) stays at 60 s.
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
 * The buffers for headers of this size. nginx answers 400 to a request with a header, or 414 to one with a URL, that is larger
 * than a buffer, and 502 for a response whose headers do not fit into one. `proxy-busy-buffers-size` stays unset: nginx
 * demands that it is between one buffer and all but one, and its default is two of the four.
 *
 * @see https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_buffer_size
 * @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/configmap/#large-client-header-buffers
 */
const headerBuffers = (kibibytes: number) => ({
  "large-client-header-buffers": `4 ${kibibytes}k`,
  "proxy-buffer-size": `${kibibytes}k`,
  "grpc-buffer-size-kb": String(kibibytes),
});

/**
 * The sources of the client's address. The client is the peer in the PROXY protocol header, unless that is one of
 * Cloudflare's addresses: then it is CF-Connecting-IP. Without PROXY protocol every peer is the load balancer, and to
 * trust it would be to trust every client's header.
 *
 * @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/configmap/#use-forwarded-headers
 */
function clientAddress({ loadBalancer, trustedCidrs }: IngressArgs): Record<string, unknown> {
  const { proxyProtocol, senders } = loadBalancer;
  return {
    "use-proxy-protocol": String(proxyProtocol),
    "use-forwarded-headers": "true",
    "forwarded-for-header": "CF-Connecting-IP",
    "proxy-real-ip-cidr": pulumi
      .all([toCidrs(senders), trustedCidrs])
      .apply(([own, cidrs]) => [...(proxyProtocol ? own : []), ...cidrs].join(",")),
  };
}
