import type { Settings } from "../settings";
import { wildcardSecretName } from "../components/cert-manager/wildcard-certificate";
import { findNodeFields } from "../components/app/pod-fields";
import { gatewayApiVersion } from "../components/charts";
import { requiredPermissions } from "../components/cloudflare/zone-info";
import { findController, ingressClassNames } from "../components/ingress/controllers";
import { healthCheckFor, nodePortsFor } from "../components/ingress/ingress-installation";
import { parseBytes } from "../components/ingress/units";
import { responseHeaderNames } from "../components/ingress/route";
import { buildAuthorization, findScraperIdentity } from "../components/linkerd/authorization";
import { findSkippedPorts } from "../components/linkerd/skipped-ports";
import { platformNamespaces } from "../components/namespaces";
import { buildIngressPolicy, buildNetworkPolicy, podSelector } from "../components/network-policy/call-graph";
import { findAllowedFlows } from "../components/network-policy/allowed-flows";
import { podsInNamespace } from "../components/network-policy/network-rules";
import { sumStackRequests, totalRequests } from "./requests";

/**
 * The arguments of each component that follow from the settings alone. index.ts adds those that are outputs of other
 * components.
 */
export function componentArgs(settings: Settings) {
  const { certificates, charts, cilium, cluster, dns, ingress, loadBalancer, mesh, namespace, scraper } =
    settings;
  const { nodes } = cluster;
  const { controller } = ingress;
  const { installation, routes } = findController(controller);
  const { originLock } = routes;
  const {
    ingressClassName,
    name: release,
    chart,
    targetPorts,
    podSelector: controllerPods,
    serviceAccountName,
  } = installation.identity;
  const podCidrs = cilium.pool ?? [cluster.podCidr];
  const meshClients = {
    namespace,
    trustDomain: mesh.trustDomain,
    podCidrs,
    ingress: { namespace: controllerPods.namespace, name: serviceAccountName },
  };
  const graph = {
    apps: settings.apps,
    namespace,
    collector: mesh.tracing?.meshIdentity.namespace,
    ownRanges: [cluster.nodeCidr, ...podCidrs, cluster.serviceCidr],
    scraper,
  };
  const findIngressPolicy = (app: (typeof settings.apps)[number]) => {
    const spec = buildIngressPolicy(app, controllerPods);
    return spec && { from: controllerPods.namespace, spec };
  };
  const nodePorts = nodePortsFor(installation, loadBalancer);
  const fronting = { proxyProtocol: loadBalancer.proxyProtocol, healthCheck: loadBalancer.healthCheck };

  return {
    zone: { ...dns, permissions: requiredPermissions(settings) },
    zoneToken: (name: string) => ({ zoneId: dns.zoneId, tokenName: `${cluster.identifier} ${name}` }),
    cilium: {
      chart: charts.cilium,
      apiServer: cluster.apiServer,
      nodes,
      ...cilium,
      nodePortAddresses: cilium.nodePortAddresses ?? [cluster.nodeCidr],
      awaitReady: settings.awaitReady,
      requests: totalRequests(sumStackRequests(settings)),
      kubeconfig: settings.kubernetes.kubeconfig,
      appsNamespace: namespace,
      closedNamespaces: [
        platformNamespaces.certManager,
        platformNamespaces.linkerd,
        ...(mesh.viz ? [platformNamespaces.linkerdViz] : []),
        ...(mesh.cni ? [platformNamespaces.linkerdCni] : []),
        ...(settings.externalDns ? [platformNamespaces.externalDns] : []),
        controllerPods.namespace,
      ],
      acmeServer: certificates.acme?.server,
      prometheus: mesh.prometheus,
      metricsReaders: [
        ...(scraper ? [podsInNamespace(scraper.namespace ?? namespace, podSelector(scraper))] : []),
        ...cilium.metrics.allow.map(({ namespace: where, labels }) =>
          podsInNamespace(where, { matchLabels: labels }),
        ),
      ],
    },
    appNamespace: {
      namespace,
      meshCni: mesh.cni,
      dockerConfig: settings.dockerConfig,
      privileged: settings.apps.some((app) => "image" in app && findNodeFields(app).length > 0),
    },
    admission: {
      hosts: [...new Set(settings.apps.flatMap(({ routes }) => routes.map(({ host }) => host)))].sort(),
      ingressNamespace: installation.identity.podSelector.namespace,
      extraRouteNamespaces: settings.extraRouteNamespaces,
      servedNamespaces: ingress.namespaces,
      classNames: ingressClassNames,
    },
    certManager: {
      chart: charts["cert-manager"],
      nodes,
      ...certificates,
      zone: dns.zone,
      ingressClassName,
      openHostAnnotations: originLock.openHostAnnotations,
    },
    /** One element, or none if Gateway API is not used or its CRDs are managed elsewhere. */
    gatewayApi: settings.gatewayApi === undefined ? [] : [{ source: settings.gatewayApi }],
    mesh: {
      charts,
      nodes,
      ...mesh,
      probeNetworks: [cluster.nodeCidr, ...podCidrs],
      gatewayApi: settings.meshUsesHttpRoutes ? gatewayApiVersion : undefined,
      dashboardHosts: settings.dashboardHosts,
      maxHeaderBytes: ingress.maxHeaderSize === undefined ? undefined : 4 * parseBytes(ingress.maxHeaderSize),
    },
    proxyMetrics: settings.needsMetricsAccess && {
      trustDomain: mesh.trustDomain,
      scraper: scraper && findScraperIdentity(scraper, settings.apps, meshClients),
    },
    loadBalancer:
      loadBalancer.managedBy === "pulumi"
        ? { ...loadBalancer, deleteProtection: settings.protect, fronting: { ...fronting, nodePorts } }
        : {
            ...loadBalancer,
            selector: { "app.kubernetes.io/name": controllerPods.app },
            targetPorts,
            fronting: { ...fronting, service: loadBalancer.name, senders: [loadBalancer.privateIp] },
          },
    listeners: {
      nodePorts,
      proxyProtocol: loadBalancer.proxyProtocol,
      healthCheck: healthCheckFor(installation, loadBalancer),
      services: loadBalancer.managedBy === "pulumi" ? loadBalancer.services : [],
    },
    isBehindEdge: settings.isBehindEdge,
    /** The name of the ingress controller's release and of its namespace. */
    release,
    ingress: {
      ...ingress,
      meshCni: mesh.cni,
      readsGateways: settings.watchesGatewayApi,
      chart: charts[chart],
      defaultCertificate: wildcardSecretName,
      responseHeaders: responseHeaderNames(settings.apps.flatMap((app) => app.routes)),
    },
    wildcard: { domain: dns.domain, issuer: certificates.issuer },
    originLock: settings.originLock && {
      ...settings.originLock,
      zone: dns.zone,
      controller,
      otherNamespaces: settings.extraRouteNamespaces,
    },
    /** One element, or none if the controller has no such options. */
    defaultTls:
      originLock.createDefault === undefined
        ? []
        : [{ controller, clientCertificate: settings.originLock?.clientCertificate === true }],
    waf: settings.waf && { ...settings.waf, plan: dns.plan },
    zoneSettings: settings.edge && { ...settings.edge, ...dns },
    externalDns: settings.externalDns && {
      ...settings.externalDns,
      chart: charts["external-dns"],
      zoneId: dns.zoneId,
      ingressClassNames,
    },
    /**
     * The apps in the order of the settings, existing ones last. `backend` is the app of this stack to whose Service an
     * existing app routes: the route is created after that app.
     */
    apps: settings.apps
      .map((app) => ({
        ...app,
        policy: buildNetworkPolicy(app, graph),
        ingressPolicy: findIngressPolicy(app),
        authorization: buildAuthorization(app, settings.apps, meshClients),
        skippedPorts: findSkippedPorts(app, settings.apps),
        controller,
        ingressClassName,
        issuer: certificates.issuer,
        backend:
          app.existing && app.namespace === undefined
            ? settings.apps.find(({ name, existing }) => !existing && name === app.serviceName)?.name
            : undefined,
      }))
      .toSorted((a, b) => Number(a.existing) - Number(b.existing)),
    handover: { controller, keepAliveSeconds: ingress.keepAliveSeconds },
    reachability: findAllowedFlows(settings.apps, controllerPods),
  };
}
