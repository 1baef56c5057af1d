import { traefikIdentity } from "./traefik-identity";
import { traefikReference } from "./traefik-routes";
import {
  defaultHealthCheck,
  drainFor,
  failureThresholdFor,
  maxUnreadySeconds,
  type Drain,
  type ReadinessProbe,
} from "../../drain";
import { defaultResources, toCidrs, spreadOverNodes, type IngressArgs } from "../../ingress-args";

/** The container's ports. A listener of a Gateway must name one of them, or Traefik does not listen for it. */
export const traefikPorts = { http: 8000, https: 8443 } as const;

/**
 * Headers in which software looks for the client's address and which nobody on the way vouches for: the edge lets what a
 * browser wrote there through, and Traefik itself puts the edge's address into X-Real-Ip. Apps get none of them: the
 * client is in CF-Connecting-IP, and in X-Forwarded-For before the edge.
 *
 * @see https://developers.cloudflare.com/fundamentals/reference/http-headers/
 */
const untrustedClientIpHeaders = [
  "X-Real-Ip",
  "True-Client-Ip",
  "X-Client-Ip",
  "X-Cluster-Client-Ip",
  "Forwarded",
];

/** The Middleware of every request that takes them away. */
const stripUntrustedHeaders = "client-address";

/** How long a request to port 80 may last: there are only redirects and health checks, which need no body. */
const redirectReadSeconds = 10;

/** The readiness probe of the chart. */
export const traefikProbe: ReadinessProbe = { periodSeconds: 10, failureThreshold: 1 };

/**
 * How a pod of Traefik's ends behind this load balancer: one of ours asks it. One that is made for a Service tries node
 * ports that nobody knows beforehand. Behind that one the pod is unready first, as the chart has it: new connections are
 * lost for as long either way, but whoever has one is asked to open it anew only when the load balancer leads elsewhere.
 */
export const traefikDrain = (loadBalancer: IngressArgs["loadBalancer"]): Drain =>
  drainFor(
    loadBalancer.healthCheck ?? defaultHealthCheck,
    60,
    "service" in loadBalancer ? maxUnreadySeconds(traefikProbe) : 0,
  );

/**
 * Values of the chart at 41.3: github.com/traefik/traefik-helm-chart, traefik/values.yaml.
 *
 * @see https://doc.traefik.io/traefik/reference/install-configuration/observability/healthcheck/
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/prober/prober_manager.go StopLivenessAndStartup
 */
export function traefikValues(args: IngressArgs): Record<string, unknown> {
  const { replicas, resources = defaultResources, loadBalancer, edgeCidrs, readsGateways = false } = args;
  const { podSelector, targetPorts } = traefikIdentity;
  const { namespace, app } = podSelector;
  const behindService = "service" in loadBalancer;
  const drain = traefikDrain(loadBalancer);
  const keepAlive = `${args.keepAliveSeconds}s`;
  const entryPoint = (readSeconds: number) => ({
    ...(loadBalancer.proxyProtocol && {
      proxyProtocol: { trustedIPs: toCidrs(loadBalancer.senders) },
    }),
    forwardedHeaders: { trustedIPs: edgeCidrs },
    transport: {
      lifeCycle: {
        requestAcceptGraceTimeout: `${drain.acceptSeconds}s`,
        graceTimeOut: `${drain.finishSeconds}s`,
      },
      // From the first byte to the end of the body. Traefik's default of 60 s cuts longer uploads and gRPC streams.
      respondingTimeouts: { readTimeout: `${readSeconds}s`, idleTimeout: keepAlive },
      keepAliveMaxTime: keepAlive,
    },
  });
  const cpu = { type: "Utilization", averageUtilization: 80 };
  return {
    deployment: {
      podAnnotations: {
        "linkerd.io/inject": "enabled",
        // The container's public ports: through the mesh's proxy every client would be 127.0.0.1.
        "config.linkerd.io/skip-inbound-ports": `${traefikPorts.http},${traefikPorts.https}`,
      },
      terminationGracePeriodSeconds: drain.graceSeconds,
      ...(!behindService && { healthchecksPort: traefikPorts.http }),
    },
    // The load balancer asks what the kubelet asks, so both do where there is a node port. Before its redirect, and of
    // plain HTTP alone, Traefik answers there what begins with /ping; 503 from when it is told to end, while it serves.
    // The kubelet does not restart it for that: it asks no pod that is ending whether it is alive.
    ...(!behindService && {
      additionalArguments: [`--ping.entryPoint=${targetPorts.http}`],
      readinessProbe: { failureThreshold: failureThresholdFor(drain.acceptSeconds, traefikProbe) },
    }),
    service: {
      spec: behindService
        ? { type: "ClusterIP" }
        : // A node without Traefik fails its health check instead of hiding the sender behind its own address.
          { type: "NodePort", externalTrafficPolicy: "Local" },
    },
    ports: {
      web: {
        ...(!behindService && { nodePort: loadBalancer.nodePorts.http }),
        http: { redirections: { entryPoint: { to: "websecure", scheme: "https", permanent: true } } },
        ...entryPoint(redirectReadSeconds),
      },
      websecure: {
        ...(!behindService && { nodePort: loadBalancer.nodePorts.https }),
        asDefault: true,
        http: {
          tls: { enabled: true },
          middlewares: [traefikReference(namespace, stripUntrustedHeaders)],
        },
        ...entryPoint(args.maxRequestSeconds),
      },
    },
    ingressClass: { enabled: true, isDefaultClass: true, name: traefikIdentity.ingressClassName },
    providers: {
      // Traefik dials the Service's address, so that the mesh's proxy can balance each request.
      kubernetesCRD: {
        enabled: true,
        allowCrossNamespace: false,
        nativeLBByDefault: true,
        // A second `default` anywhere in the cluster would void both.
        defaultTLSResourcesNamespace: namespace,
      },
      kubernetesIngress: {
        // By whole path elements, as Kubernetes has it: `/v1` does not take `/v10`.
        strictPrefixMatching: true,
        enabled: true,
        nativeLBByDefault: true,
        ...(behindService
          ? { publishedService: { enabled: true, pathOverride: `${namespace}/${loadBalancer.service}` } }
          : {
              // Otherwise an Ingress would show the nodes' addresses, and external-dns would publish them.
              publishedService: { enabled: false },
              ingressEndpoint: { ip: loadBalancer.ipv4 },
            }),
      },
      ...(readsGateways && {
        kubernetesGateway: {
          enabled: true,
          nativeLBByDefault: true,
          statusAddress: behindService
            ? { service: { enabled: true, name: loadBalancer.service, namespace } }
            : { ip: loadBalancer.ipv4, service: { enabled: false } },
        },
      }),
    },
    ...(readsGateways && { gateway: { enabled: false }, gatewayClass: { enabled: false } }),
    // A Gateway's routers know no TLS options: strict, a host that has both an Ingress and an HTTPRoute would have neither.
    core: { strictTLSOptions: !readsGateways },
    tlsOptions: { default: { minVersion: "VersionTLS12" } },
    tlsStore: { default: { defaultCertificate: { secretName: args.defaultCertificate } } },
    // In the release itself, so that the one is never there without the other: a router whose Middleware is missing is none.
    extraObjects: [
      {
        apiVersion: "traefik.io/v1alpha1",
        kind: "Middleware",
        metadata: { name: stripUntrustedHeaders, namespace },
        spec: {
          headers: {
            customRequestHeaders: Object.fromEntries(untrustedClientIpHeaders.map((name) => [name, ""])),
          },
        },
      },
    ],
    log: { level: "INFO", format: "json" },
    accessLog: { enabled: true, format: "json" },
    metrics: { prometheus: { addRoutersLabels: true, service: { enabled: true } } },
    resources: { requests: resources },
    autoscaling: {
      enabled: true,
      minReplicas: replicas.min,
      maxReplicas: replicas.max,
      metrics: [{ type: "Resource", resource: { name: "cpu", target: cpu } }],
    },
    podDisruptionBudget: { enabled: true, maxUnavailable: 1 },
    topologySpreadConstraints: spreadOverNodes({ "app.kubernetes.io/name": app }),
  };
}
