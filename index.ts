import * as cloudflare from "@pulumi/cloudflare";
import * as hcloud from "@pulumi/hcloud";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import * as tls from "@pulumi/tls";

import { Adoption } from "./components/adopting";
import { AppNamespace } from "./components/app-namespace";
import { AppService } from "./components/app-service";
import { withPolicies } from "./components/call-graph";
import { CertManager } from "./components/cert-manager";
import { CiliumCni } from "./components/cilium-cni";
import { EdgeDns } from "./components/edge-dns";
import { EdgeWaf } from "./components/edge-waf";
import { ExternalDns } from "./components/external-dns";
import { GatewayApi } from "./components/gateway-api";
import { HetznerLoadBalancer } from "./components/hetzner-load-balancer";
import { IngressLayer } from "./components/ingress-layer";
import {
  controllers,
  ingressClassNames,
  ingressEndpoints,
  nodePortsOf,
} from "./components/ingress/controllers";
import { LoadBalancerServices } from "./components/load-balancer-services";
import { Mesh } from "./components/mesh";
import { OriginLock } from "./components/origin-lock";
import { nginxResponseHeaders } from "./components/routing/nginx";
import { explainingRights } from "./components/token-rights";
import { rightsFor, verifiedZone } from "./components/verified-zone";
import { WildcardCertificate, wildcardSecretName } from "./components/wildcard-certificate";
import { withoutWaiting } from "./components/without-waiting";
import { ZoneSettings } from "./components/zone-settings";
import { ZoneToken } from "./components/zone-token";
import { readSettings } from "./settings";

const settings = readSettings();
const { awaitReady, certificates, charts, cilium, cluster, dns, ingress, mesh, protect } = settings;
const { nodes } = cluster;
const { controller } = ingress;
const { ingressClassName, ...routing } = controllers[controller];

const hetzner = new hcloud.Provider("hcloud", settings.hcloud);
const cloudflareZone = new cloudflare.Provider("cloudflare", settings.cloudflare);
const toCluster = {
  kubeconfig: settings.kubernetes.kubeconfig,
  // Without it a new address of the API server would replace everything in the cluster.
  clusterIdentifier: cluster.identifier,
  // Otherwise a Secret is deleted before it is made anew: for that moment the ingress would trust no CA of the edge.
  enableSecretMutable: true,
};
const k3s = new kubernetes.Provider("kubernetes", toCluster);
const adoption = new Adoption(settings.adopt);
const atHetzner = { provider: hetzner, transformations: [adoption.transformation] };
const atEdge = {
  provider: cloudflareZone,
  transformations: [adoption.transformation, explainingRights()],
};
const inCluster = {
  providers: [k3s, new random.Provider("random")],
  transformations: awaitReady ? [] : [withoutWaiting],
};

// The way in: the load balancer, and the names that lead to it.
const door = settings.loadBalancer;
if (door.managedBy === "ccm")
  throw new pulumi.RunError("loadBalancer.managedBy: got ccm, want pulumi: this program makes no other yet.");
const balancer = new HetznerLoadBalancer(
  "load-balancer",
  { ...door, deleteProtection: protect },
  { ...atHetzner, protect },
);
const zoneId = verifiedZone({ ...dns, needs: rightsFor(settings) }, { provider: cloudflareZone });
const zoneToken = (name: string) =>
  new ZoneToken(name, { zoneId: dns.zoneId, tokenName: `${cluster.identifier} ${name}` }, atEdge).value;
const names = new EdgeDns("dns", { ...dns, zoneId, ipv4: balancer.ipv4, ipv6: balancer.ipv6 }, atEdge);
if (settings.waf) new EdgeWaf("waf", { ...settings.waf, zoneId, plan: dns.plan }, atEdge);

// The ground inside the cluster: packets, then certificates, then identities.
const cni = new CiliumCni(
  "cilium",
  {
    chart: charts.cilium,
    apiServer: cluster.apiServer,
    nodes,
    ...cilium,
    kubeconfig: settings.kubernetes.kubeconfig,
    appsNamespace: settings.namespace,
    acmeServer: certificates.acme?.server,
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
const linkerd = new Mesh(
  "linkerd",
  { charts, certManagerNamespace: certManager.namespace, nodes, ...mesh },
  { ...inCluster, dependsOn: certManager },
);

// Behind the load balancer: the controller that routes, the certificate it shows, the lock on its door, and the apps.
const ranges = cloudflare.getIpRangesOutput({}, { provider: cloudflareZone });
const edgeCidrs = pulumi.all([ranges.ipv4Cidrs, ranges.ipv6Cidrs]).apply((both) => both.flat());
const gatewayApi =
  settings.gatewayApi === undefined
    ? []
    : [
        new GatewayApi(
          "gateway-api",
          { source: settings.gatewayApi },
          // Its definitions stay when it goes, so they may be there when it comes.
          {
            ...inCluster,
            providers: [
              new kubernetes.Provider("definitions", { ...toCluster, upsertExistingObjects: true }),
            ],
          },
        ),
      ];
const layer = new IngressLayer(
  routing.name,
  {
    ...ingress,
    chart: charts[routing.chart],
    nodePorts: nodePortsOf(controller, door),
    loadBalancer: {
      ipv4: balancer.ipv4,
      privateIpv4: balancer.privateIpv4,
      proxyProtocol: balancer.proxyProtocol,
      healthCheck: door.healthCheck,
    },
    edgeCidrs,
    defaultCertificate: wildcardSecretName,
    responseHeaders: nginxResponseHeaders(settings.apps.flatMap((app) => app.routes)),
    routesFrom: [namespace, ...settings.otherNamespaces] as const,
  },
  { ...inCluster, dependsOn: [linkerd, ...gatewayApi] },
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
    {
      providers: [cloudflareZone, k3s, new tls.Provider("tls")],
      transformations: [...atEdge.transformations, ...inCluster.transformations],
    },
  );
const apps = withPolicies(settings.apps, ingressEndpoints, settings.namespace).map(
  (app) =>
    new AppService(
      app.name,
      {
        ...app,
        namespace: app.namespace ?? namespace,
        controller,
        ingressClassName,
        issuer: certificates.issuer,
        edgeOnly: lock?.edgeOnlyIn[app.namespace ?? ""] ?? lock?.edgeOnly,
      },
      { ...inCluster, dependsOn: layer },
    ),
);
// The door opens, or turns to another controller, when there is something behind it.
new LoadBalancerServices(
  "load-balancer",
  { ...door, loadBalancerId: balancer.loadBalancerId, nodePorts: layer.nodePorts },
  { ...atHetzner, protect, dependsOn: apps },
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
adoption.refuseUnused();

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

/** The generated passwords, by app and `<user>@<host>`: `pulumi stack output --show-secrets passwords`. */
export const passwords = pulumi.all(Object.fromEntries(apps.map((app) => [app.name, app.passwords])));
