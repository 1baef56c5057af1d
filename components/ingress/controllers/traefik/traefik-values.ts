import { traefikIdentity } from "./traefik-identity";
import { findServedNamespaces } from "./traefik-permissions";
import { openOptionsName, openTlsOptions, traefikReference } from "./traefik-tls";
import {
  defaultHealthCheck,
  drainFor,
  failureThresholdFor,
  maxUnreadySeconds,
  type Drain,
  type ReadinessProbe,
} from "../../drain";
import { untrustedHeaders } from "../../untrusted-headers";
import { defaultResources, toCidrs, spreadOverNodes, type IngressArgs } from "../../ingress-args";
import { platformPriority } from "../../../resource-requests";

/** The container's ports. Traefik ignores a Gateway's listener on any other port. */
export const traefikPorts = { http: 8000, https: 8443 } as const;

/** The name of the Middleware that removes untrusted headers from every request. */
const stripUntrustedHeaders = "client-address";

/** The maximum time of a request to port 80, which serves only redirects and health checks: they need no body. */
const redirectReadSeconds = 10;

/** The readiness probe of the chart. */
export const traefikProbe: ReadinessProbe = { periodSeconds: 10, failureThreshold: 1 };

/**
 * The shutdown of Traefik's pods. A load balancer that this program creates checks `/ping`. One that the cloud controller
 * manager creates for a Service checks node ports that are not known in advance. Behind that one the pod becomes unready
 * first, with the chart's threshold: new connections fail for the same time either way, but clients with a connection are
 * asked to reconnect only when the load balancer sends them to another node.
 */
export const traefikDrain = (loadBalancer: IngressArgs["loadBalancer"]): Drain =>
  drainFor(
    loadBalancer.healthCheck ?? defaultHealthCheck,
    60,
    "service" in loadBalancer ? maxUnreadySeconds(traefikProbe) : 0,
  );

/**
 * The values of the chart: github.com/traefik/traefik-helm-chart, traefik/values.yaml.
 *
 * @see https://doc.traefik.io/traefik/reference/install-configuration/observability/healthcheck/
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/prober/prober_manager.go StopLivenessAndStartup
 */
export function buildTraefikValues(args: IngressArgs): Record<string, unknown> {
  const { replicas, resources = defaultResources, loadBalancer, trustedCidrs, readsGateways = false } = args;
  const { podSelector, targetPorts } = traefikIdentity;
  const { namespace, app } = podSelector;
  const behindService = "service" in loadBalancer;
  const drain = traefikDrain(loadBalancer);
  const namespaces = Object.values(findServedNamespaces(args));
  const keepAlive = `${args.keepAliveSeconds}s`;
  const entryPoint = (readSeconds: number) => ({
    ...(loadBalancer.proxyProtocol && {
      proxyProtocol: { trustedIPs: toCidrs(loadBalancer.senders) },
    }),
    forwardedHeaders: { trustedIPs: trustedCidrs },
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
    image: { tag: args.traefikVersion },
    // See createTraefikPermissions.
    rbac: { enabled: false },
    global: { checkNewVersion: false },
    api: { dashboard: false },
    deployment: {
      podAnnotations: {
        "linkerd.io/inject": "enabled",
        // The container's public ports. Through the mesh's proxy the address of every client would be 127.0.0.1.
        "config.linkerd.io/skip-inbound-ports": `${traefikPorts.http},${traefikPorts.https}`,
      },
      terminationGracePeriodSeconds: drain.graceSeconds,
      ...(!behindService && { healthchecksPort: traefikPorts.http }),
    },
    // With node ports, the load balancer and the kubelet both check /ping on the web entry point. Traefik handles any
    // path that begins so before the redirect, for plain HTTP only, and returns 503 from SIGTERM on, while it still serves.
    // The kubelet does not restart it for that, since it runs no liveness probe of a terminating pod.
    additionalArguments: [
      // Many apps read X_Real_Ip as X-Real-Ip, as which Traefik does not know it. The chart has no value for it yet.
      ...Object.values(targetPorts).map((name) => `--entryPoints.${name}.http.aliasHeadersStrategy=delete`),
      ...(behindService ? [] : [`--ping.entryPoint=${targetPorts.http}`]),
    ],
    ...(!behindService && {
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
      // Traefik connects to the Service's address, so that the mesh's proxy can balance each request.
      kubernetesCRD: {
        enabled: true,
        namespaces,
        allowCrossNamespace: false,
        // Otherwise an IngressRoute of any namespace could publish Traefik's API.
        crossProviderNamespaces: [namespace],
        nativeLBByDefault: true,
        // Otherwise a second `default` in any namespace would disable both.
        defaultTLSResourcesNamespace: namespace,
      },
      kubernetesIngress: {
        // Matches whole path elements, as Kubernetes specifies: `/v1` does not match `/v10`.
        strictPrefixMatching: true,
        enabled: true,
        namespaces,
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
          namespaces,
          nativeLBByDefault: true,
          statusAddress: behindService
            ? { service: { enabled: true, name: loadBalancer.service, namespace } }
            : { ip: loadBalancer.ipv4, service: { enabled: false } },
        },
      }),
    },
    ...(readsGateways && { gateway: { enabled: false }, gatewayClass: { enabled: false } }),
    // The options `default` are an object of their own: see DefaultTls. Without `core.strictTLSOptions`, which would disable a host
    // whose routes name different options, the default ones apply to it, and those are the strictest.
    tlsOptions: { [openOptionsName]: openTlsOptions },
    // A default certificate alone is for no host, by sniStrict.
    tlsStore: {
      default: {
        defaultCertificate: { secretName: args.defaultCertificate },
        certificates: [{ secretName: args.defaultCertificate }],
      },
    },
    // Part of the release, so that both always exist together: Traefik drops a router whose Middleware is missing.
    extraObjects: [
      {
        apiVersion: "traefik.io/v1alpha1",
        kind: "Middleware",
        metadata: { name: stripUntrustedHeaders, namespace },
        spec: {
          headers: {
            customRequestHeaders: Object.fromEntries(untrustedHeaders.map((name) => [name, ""])),
          },
        },
      },
    ],
    log: { level: "INFO", format: "json" },
    // Queries can contain tokens.
    accessLog: {
      enabled: true,
      format: "json",
      fields: { names: { ClientUsername: "drop" }, queryParameters: { defaultMode: "drop" } },
    },
    metrics: { prometheus: { addRoutersLabels: true, service: { enabled: true } } },
    resources: { requests: resources },
    priorityClassName: platformPriority,
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
