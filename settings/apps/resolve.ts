import { passwordRateLimit, type ForwardAuth } from "../../components/ingress/route";
import { podLabels } from "../../components/network-policy/call-graph";
import type { CcmLoadBalancerSpec } from "../../components/load-balancer/ccm-annotations";
import { resources } from "../formats/resources";
import type { AppConfig } from "../schema";
import type { RoutedHost } from "../zone";

/** An app with its name, and with what follows from the other settings. */
export type AppSettings = ReturnType<typeof resolveApp>;

export function resolveApp(
  name: string,
  app: AppConfig,
  appsNamespace: string,
  hosts: readonly RoutedHost[],
  apps: Readonly<Record<string, AppConfig>>,
) {
  const { port, ports, meshed, calls, egress, protocol = "http", serviceName = name } = app;
  const common = {
    name,
    /** Absent if it is in the namespace of the apps. */
    namespace: app.namespace === appsNamespace ? undefined : app.namespace,
    serviceName,
    servicePort: app.servicePort ?? port,
    ...{ port, ports, meshed, calls, egress },
    routes: app.routes.map((route) => ({
      ...route,
      ...(route.basicAuth && { rateLimit: route.rateLimit ?? passwordRateLimit }),
      ...(route.forwardAuth && { authUrl: buildAuthUrl(route.forwardAuth, apps, appsNamespace) }),
      proxied: hosts.some(({ host, proxied }) => host === route.host && proxied),
    })),
    ...(app.tls && { tls: app.tls }),
    ...(isAuthenticator(name, apps) && { authenticates: true }),
    ...(app.kubernetesApi && { kubernetesApi: app.kubernetesApi }),
    ...(app.webhooks.length > 0 && { webhooks: app.webhooks }),
  };
  if (app.existing)
    return {
      ...common,
      existing: true as const,
      podLabels: app.podLabels ?? podLabels(name),
      serviceAccount: app.serviceAccount ?? "default",
    };
  if (app.image === undefined)
    return {
      ...common,
      ...{ port: app.port, servicePort: app.servicePort ?? app.port },
      ...{ existing: false as const, external: app.service.externalName, protocol },
    };

  const { service = { type: "ClusterIP" as const }, autoscaling, replicas = 2 } = app;
  const { image, healthPath, probes, drainSeconds, canary, env, secrets, traffic, serviceProfile } = app;
  const { files, pod, container } = app;
  return {
    ...common,
    existing: false as const,
    ...(autoscaling ? { autoscaling } : { replicas }),
    ...(files && { files }),
    ...(pod && { pod }),
    ...(container && { container }),
    ...{ image, protocol, healthPath, probes, drainSeconds, canary, env, secrets, traffic, serviceProfile },
    resources: resources.parse(app.resources),
    service:
      service.type === "LoadBalancer"
        ? { ...service, loadBalancer: toCcmLoadBalancer(service.loadBalancer) }
        : service,
    /** Whether it is reachable from outside without the ingress. */
    exposed: service.type === "NodePort" || service.type === "LoadBalancer",
  };
}

/** Whether a route of any app has this one as the app of its `forwardAuth`. */
const isAuthenticator = (name: string, apps: Readonly<Record<string, AppConfig>>): boolean =>
  Object.values(apps).some(({ routes }) => routes.some(({ forwardAuth }) => forwardAuth?.app === name));

/** Rules have checked that the app exists and listens on a port. */
function buildAuthUrl(
  { app: name, path }: ForwardAuth,
  apps: Readonly<Record<string, AppConfig>>,
  appsNamespace: string,
): string {
  const { serviceName = name, namespace = appsNamespace, port, servicePort = port } = apps[name] ?? {};
  return `http://${serviceName}.${namespace}.svc.cluster.local:${servicePort}${path}`;
}

type AppLoadBalancer = Extract<AppConfig["service"], { readonly type: "LoadBalancer" }>["loadBalancer"];

/** The load balancer in the terms of the cloud controller manager's annotations. */
function toCcmLoadBalancer({
  public: isPublic,
  ipv6,
  privateIp,
  subnet,
  proxyProtocol,
  ...rest
}: AppLoadBalancer): CcmLoadBalancerSpec {
  return {
    ...rest,
    privateIpv4: privateIp,
    privateSubnetIpRange: subnet,
    usesProxyProtocol: proxyProtocol,
    disablePublicNetwork: !isPublic,
    ipv6Disabled: !ipv6,
    // The addresses in the Service's status may be published in DNS.
    disablePrivateIngress: true,
  };
}
