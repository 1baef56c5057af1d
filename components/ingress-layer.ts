import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { release, type Chart } from "./charts";

export interface IngressLayerArgs {
  readonly chart: Chart;
  /** How many copies run: the autoscaler keeps between the two, at 80 % of the requested CPU. */
  readonly replicas: { readonly min: number; readonly max: number };
  /** The node ports the load balancer sends to, 30000 to 32767. */
  readonly nodePorts: { readonly http: number; readonly https: number };
  /** The load balancer in front. */
  readonly loadBalancer: {
    /** What Ingress objects show as their address. */
    readonly ipv4: pulumi.Input<string>;
    /** The one address a PROXY protocol header is believed from. */
    readonly privateIpv4: pulumi.Input<string>;
    /** Whether it sends PROXY protocol headers. */
    readonly proxyProtocol: boolean;
  };
  /** Cloudflare's ranges, IPv4 and IPv6: the only peers whose X-Forwarded-For is believed. */
  readonly edgeCidrs: pulumi.Input<string[]>;
}

/** The class that Ingress objects name. */
export const ingressClassName = "traefik";

/** The controller's pods, as network policies see them. */
export const ingressEndpoint = { namespace: "traefik", app: "traefik" } as const;

/**
 * Traefik on every node port: ends TLS, routes by host and path, and knows the client's true address by believing the
 * load balancer's PROXY protocol header and Cloudflare's X-Forwarded-For, and nobody else's.
 *
 * @see https://doc.traefik.io/traefik/reference/install-configuration/entrypoints/
 */
export class IngressLayer extends pulumi.ComponentResource {
  /** The controller's namespace; known when the controller is ready to route. */
  readonly namespace: pulumi.Output<string>;

  constructor(name: string, args: IngressLayerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("platform:networking:IngressLayer", name, {}, opts);

    const namespace = new kubernetes.core.v1.Namespace(
      name,
      { metadata: { name: ingressEndpoint.namespace } },
      { parent: this },
    );
    const traefik = new kubernetes.helm.v3.Release(
      `${name}-chart`,
      release(args.chart, {
        name: "traefik",
        namespace: namespace.metadata.name,
        values: traefikValues(args),
      }),
      { parent: this },
    );

    this.namespace = traefik.status.namespace;
    this.registerOutputs({ namespace: this.namespace });
  }
}

/** Values of the chart at 41.3: github.com/traefik/traefik-helm-chart, traefik/values.yaml. */
export function traefikValues(args: Omit<IngressLayerArgs, "chart">): Record<string, unknown> {
  const { replicas, nodePorts, loadBalancer, edgeCidrs } = args;
  const trusted = {
    ...(loadBalancer.proxyProtocol && {
      proxyProtocol: { trustedIPs: [pulumi.interpolate`${loadBalancer.privateIpv4}/32`] },
    }),
    forwardedHeaders: { trustedIPs: edgeCidrs },
  };
  const cpu = { type: "Utilization", averageUtilization: 80 };
  return {
    deployment: {
      podAnnotations: {
        "linkerd.io/inject": "enabled",
        // The container's public ports: through the mesh's proxy every client would be 127.0.0.1.
        "config.linkerd.io/skip-inbound-ports": "8000,8443",
      },
    },
    // `Local`: a node without Traefik fails its health check instead of hiding the sender behind its own address.
    service: { spec: { type: "NodePort", externalTrafficPolicy: "Local" } },
    ports: {
      web: {
        nodePort: nodePorts.http,
        http: { redirections: { entryPoint: { to: "websecure", scheme: "https", permanent: true } } },
        ...trusted,
      },
      websecure: { nodePort: nodePorts.https, asDefault: true, http: { tls: { enabled: true } }, ...trusted },
    },
    ingressClass: { enabled: true, isDefaultClass: true, name: ingressClassName },
    providers: {
      // Traefik dials the Service's address, so that the mesh's proxy can balance each request.
      kubernetesCRD: { enabled: true, allowCrossNamespace: false, nativeLBByDefault: true },
      kubernetesIngress: {
        enabled: true,
        nativeLBByDefault: true,
        // Otherwise an Ingress would show the nodes' addresses, and external-dns would publish them.
        publishedService: { enabled: false },
        ingressEndpoint: { ip: loadBalancer.ipv4 },
      },
    },
    core: { strictTLSOptions: true },
    tlsOptions: { default: { minVersion: "VersionTLS12" } },
    log: { level: "INFO", format: "json" },
    accessLog: { enabled: true, format: "json" },
    metrics: { prometheus: { addRoutersLabels: true, service: { enabled: true } } },
    resources: { requests: { cpu: "100m", memory: "128Mi" } },
    autoscaling: {
      enabled: true,
      minReplicas: replicas.min,
      maxReplicas: replicas.max,
      metrics: [{ type: "Resource", resource: { name: "cpu", target: cpu } }],
    },
    podDisruptionBudget: { enabled: true, maxUnavailable: 1 },
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: "kubernetes.io/hostname",
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels: { "app.kubernetes.io/name": ingressEndpoint.app } },
      },
    ],
  };
}
