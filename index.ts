import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";

import { Imports } from "./components/pulumi/import-existing";
import { AppNamespace } from "./components/app/app-namespace";
import { AppService } from "./components/app/app-service";
import { scraperIdentity, withAuthorization } from "./components/linkerd/authorization";
import { podsOf, withPolicies } from "./components/network-policy/call-graph";
import { CertManager } from "./components/cert-manager/cert-manager";
import { CiliumCni } from "./components/cilium/cilium-cni";
import { gatewayApiVersion } from "./components/charts";
import { EdgeDns } from "./components/cloudflare/edge-dns";
import { EdgeWaf } from "./components/cloudflare/edge-waf";
import { ExternalDns } from "./components/external-dns/external-dns";
import { GatewayApi } from "./components/ingress/gateway-api";
import { Handover } from "./components/ingress/handover";
import { IngressLayer } from "./components/ingress/ingress-layer";
import {
  controllers,
  ingressAccounts,
  ingressClassNames,
  ingressEndpoints,
} from "./components/ingress/controllers";
import { Mesh } from "./components/linkerd/mesh";
import { MeshScrapes } from "./components/linkerd/proxy-metrics-access";
import { OriginLock } from "./components/origin-lock/origin-lock";
import { inNamespace } from "./components/network-policy/network-rules";
import { declaredResources, Protection } from "./components/pulumi/protection";
import { nginxResponseHeaders } from "./components/ingress/controllers/nginx/nginx-routes";
import { reachability as reachabilityOf } from "./components/network-policy/reachability";
import { requiredPermissions, verifyZone } from "./components/cloudflare/zone-info";
import { WildcardCertificate, wildcardSecretName } from "./components/cert-manager/wildcard-certificate";
import { ZoneSettings } from "./components/cloudflare/zone-settings";
import { ZoneToken } from "./components/cloudflare/zone-token";
import { providersOf } from "./providers";
import { readSettings } from "./settings";
import { warningsOf } from "./settings/warnings";
import { wayIn } from "./way-in";

const declared = declaredResources();
const settings = readSettings();
const { certificates, charts, cilium, cluster, dns, ingress, mesh } = settings;
const { nodes } = cluster;
const { scraper } = settings;
const { controller } = ingress;
const { ingressClassName, ...routing } = controllers[controller];
if (pulumi.runtime.isDryRun()) for (const warning of warningsOf(settings)) void pulumi.log.warn(warning);

const adoption = new Imports(settings.import);
const providers = providersOf(settings, adoption);
const { atEdge, inCluster } = providers;
const askCloudflare = { provider: providers.cloudflare };
const zoneId = verifyZone({ ...dns, permissions: requiredPermissions(settings) }, askCloudflare);
const zoneToken = (name: string) =>
  new ZoneToken(name, { zoneId: dns.zoneId, tokenName: `${cluster.identifier} ${name}` }, atEdge).value;

// The ground inside the cluster: packets, then certificates, then identities.
const cni = new CiliumCni(
  "cilium",
  {
    chart: charts.cilium,
    apiServer: cluster.apiServer,
    nodes,
    ...cilium,
    awaitReady: settings.awaitReady,
    kubeconfig: settings.kubernetes.kubeconfig,
    appsNamespace: settings.namespace,
    acmeServer: certificates.acme?.server,
    scraper: scraper && inNamespace(scraper.namespace ?? settings.namespace, podsOf(scraper)),
  },
  inCluster,
);
const { namespace } = new AppNamespace(
  "apps",
  { namespace: settings.namespace },
  { ...inCluster, dependsOn: cni },
);
const certManager = new CertManager(
  "cert-manager",
  {
    chart: charts["cert-manager"],
    nodes,
    ...certificates,
    zone: dns.zone,
    cloudflareToken: settings.dns01Token ?? zoneToken("dns01-token"),
    ingressClassName,
  },
  { ...inCluster, dependsOn: cni },
);
const gatewayApi = settings.gatewayApi
  ? [new GatewayApi("gateway-api", { source: settings.gatewayApi }, providers.definitions)]
  : [];
const linkerd = new Mesh(
  "linkerd",
  {
    charts,
    certManagerNamespace: certManager.namespace,
    nodes,
    ...mesh,
    gatewayApi: settings.meshReadsRoutes ? gatewayApiVersion : undefined,
    dashboardHosts: settings.dashboardHosts,
  },
  { ...inCluster, dependsOn: [certManager, ...gatewayApi] },
);

// The way in: the load balancer, the controller behind it that routes, the certificate it shows, the lock on its door,
// and the names that lead there.
const ranges = cloudflare.getIpRangesOutput({}, askCloudflare);
const edgeCidrs = pulumi.all([ranges.ipv4Cidrs, ranges.ipv6Cidrs]).apply((both) => both.flat());
const { balancer, layer, ready, open } = wayIn(
  settings,
  controller,
  providers,
  (loadBalancer) =>
    new IngressLayer(
      routing.name,
      {
        ...ingress,
        readsGateways: settings.readsGateways,
        chart: charts[routing.chart],
        loadBalancer,
        edgeCidrs,
        defaultCertificate: wildcardSecretName,
        responseHeaders: nginxResponseHeaders(settings.apps.flatMap((app) => app.routes)),
        routesFrom: [namespace, ...settings.otherNamespaces] as const,
      },
      { ...inCluster, dependsOn: [linkerd, ...gatewayApi] },
    ),
);
const wildcard = new WildcardCertificate(
  "wildcard",
  { domain: dns.domain, namespaces: { [routing.name]: layer.namespace }, issuer: certificates.issuer },
  { ...inCluster, dependsOn: certManager },
);
const lock =
  settings.originLock &&
  new OriginLock(
    "origin-lock",
    {
      ...settings.originLock,
      zone: dns.zone,
      zoneId,
      controller,
      ingressNamespace: layer.namespace,
      appNamespace: namespace,
      otherNamespaces: settings.otherNamespaces,
      allowedCidrs: settings.originLock.allowList ? edgeCidrs : undefined,
    },
    providers.inClusterAndAtEdge,
  );
const names = new EdgeDns("dns", { ...dns, zoneId, ipv4: balancer.ipv4, ipv6: balancer.ipv6 }, atEdge);
if (settings.waf) new EdgeWaf("waf", { ...settings.waf, zoneId, plan: dns.plan }, atEdge);

// The apps, and who may call whom. When they are there, and the certificate too, the door opens.
const collector = mesh.tracing?.meshIdentity.namespace;
const inMesh = {
  namespace: settings.namespace,
  trustDomain: linkerd.trustDomain,
  podCidrs: cilium.pool ?? [cluster.podCidr],
  ingress: ingressAccounts,
};
if (settings.meshScrapes)
  new MeshScrapes(
    "mesh-scrapes",
    {
      namespaces: { apps: namespace, [routing.name]: layer.namespace },
      trustDomain: linkerd.trustDomain,
      scraper: scraper && scraperIdentity(scraper, settings.apps, inMesh),
    },
    { ...inCluster, dependsOn: linkerd },
  );

const graph = withPolicies(settings.apps, ingressEndpoints, settings.namespace, collector, scraper);
const made = new Map<string, AppService>();
// The existing ones last: a rule of theirs that names the Service of an app made here comes after it.
const apps = withAuthorization(graph, inMesh)
  .toSorted((a, b) => Number(a.existing) - Number(b.existing))
  .map((app) => {
    const own = app.existing && app.namespace === undefined ? made.get(app.serviceName) : undefined;
    const each = new AppService(
      app.name,
      {
        ...app,
        namespace: app.namespace ?? namespace,
        controller,
        ingressClassName,
        issuer: certificates.issuer,
        edgeOnly: lock?.edgeOnlyIn[app.namespace ?? ""] ?? lock?.edgeOnly,
      },
      { ...inCluster, dependsOn: [...ready, ...(own ? [own] : [])] },
    );
    if (!app.existing) made.set(app.name, each);
    return each;
  });
const opened = open([wildcard, ...apps]);
new Handover(
  "handover",
  { namespace, controller, keepAliveSeconds: ingress.keepAliveSeconds, acceptSeconds: layer.acceptSeconds },
  { ...inCluster, dependsOn: [...opened, ...apps] },
);

// What comes last: records for what others put into the cluster, and the zone's own settings, which trust the origin
// with nothing before it has its certificate.
if (settings.externalDns)
  new ExternalDns(
    "external-dns",
    {
      ...settings.externalDns,
      chart: charts["external-dns"],
      zoneId: dns.zoneId,
      ingressClassNames,
      token: settings.externalDnsToken ?? zoneToken("external-dns-token"),
    },
    { ...inCluster, dependsOn: layer },
  );
const zoneSettings =
  settings.edge &&
  new ZoneSettings("zone", { ...settings.edge, ...dns, zoneId }, { ...atEdge, dependsOn: [wildcard, layer] });
adoption.assertAllUsed();

// Last, since it depends on everything above: a destroy of a protected stack is refused here, before any deletion.
new Protection("protection", { protect: settings.protect, dependsOn: [...declared] });

/** The load balancer's addresses. */
export const loadBalancer = { ipv4: balancer.ipv4, ipv6: balancer.ipv6, privateIpv4: balancer.privateIpv4 };

/** `ds` for the zone's registrar, where the zone is signed; `originCa` for the zone's other stacks, where there is a lock. */
export const zone = {
  ...(dns.dnssec && { ds: zoneSettings?.ds }),
  ...(lock && { originCa: lock.ca }),
};

/** Every name this stack has in DNS. */
export const dnsNames = names.names;

/** Every way in: which host and path leads to which app. */
export const routes = settings.apps.flatMap(({ name: app, port, routes }) =>
  routes.flatMap(({ host, proxied, paths }) =>
    paths.map(({ path, pathType }) => ({ url: `https://${host}${path}`, pathType, app, port, proxied })),
  ),
);

/** The URL of each app inside the cluster. */
export const services = pulumi.all(Object.fromEntries(apps.map((app) => [app.name, app.url])));

/**
 * The generated passwords, by app and `<user>@<host>`, of the apps that have any:
 * `pulumi stack output --show-secrets passwords`.
 */
export const passwords = pulumi
  .all(Object.fromEntries(apps.map((app) => [app.name, app.passwords])))
  .apply((all) => Object.fromEntries(Object.entries(all).filter(([, each]) => Object.keys(each).length > 0)));

/** Who reaches whom: what stands in no row is dropped. */
export const reachability = reachabilityOf(settings.apps, ingressEndpoints);
