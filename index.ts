import * as pulumi from "@pulumi/pulumi";

import * as platform from "./components";
import { createProviders } from "./providers";
import { readSettings } from "./settings";
import { componentArgs } from "./settings/component-args";

platform.disableResourceStackTraces();
const roots = platform.rootResources();
const settings = readSettings();
const args = componentArgs(settings);
const { opts, crdOpts, invokeOpts, imports } = createProviders(settings);
const after = (...dependsOn: pulumi.Resource[]) => ({ ...opts, dependsOn });
const guarded = { ...opts, protect: settings.protect };

// The Cloudflare zone, checked before anything is created in it.
const zoneId = platform.verifyZone(args.zone, invokeOpts);
const edgeCidrs = platform.edgeRanges(invokeOpts);
const createToken = (name: string) => new platform.ZoneToken(name, args.zoneToken(name), opts).value;

// The foundation in the cluster: pod network, then certificates, then mesh identities.
const cni = new platform.CiliumCni("cilium", args.cilium, opts);
const appNamespace = new platform.AppNamespace("apps", args.appNamespace, after(cni));
const { namespace, pullSecret } = appNamespace;
const admission = new platform.Admission("admission", args.admission, after(appNamespace));
const dns01Token = settings.dns01Token ?? createToken("dns01-token");
const issuers = { ...args.certManager, cloudflareToken: dns01Token };
const certManager = new platform.CertManager("cert-manager", issuers, after(cni));
const gatewayApi = args.gatewayApi.map((each) => new platform.GatewayApi("gateway-api", each, crdOpts));
const meshArgs = { ...args.mesh, certManagerNamespace: certManager.namespace };
const mesh = new platform.Mesh("linkerd", meshArgs, after(certManager, ...gatewayApi));

// The load balancer, and the ingress controller behind it. Pulumi's load balancer comes first: the controller publishes
// its address. The cloud controller manager's comes second: its Service waits for the controller's pods.
const routesFrom = [namespace, ...settings.extraRouteNamespaces] as const;
const createIngress = (loadBalancer: platform.FrontingLoadBalancer) => {
  const trustedCidrs = args.isBehindEdge ? edgeCidrs : [];
  const ingressArgs = { ...args.ingress, loadBalancer, trustedCidrs, routesFrom };
  return new platform.IngressLayer(args.release, ingressArgs, after(admission, mesh, ...gatewayApi));
};
let balancer: platform.HetznerLoadBalancer | platform.CcmLoadBalancer;
let ingress: platform.IngressLayer;
const lb = args.loadBalancer;
if (lb.managedBy === "pulumi") {
  const { ipv4, senders } = (balancer = new platform.HetznerLoadBalancer("load-balancer", lb, guarded));
  ingress = createIngress({ ...lb.fronting, ipv4, senders });
} else {
  ingress = createIngress(lb.fronting);
  balancer = new platform.CcmLoadBalancer("load-balancer", { ...lb, namespace: ingress.namespace }, guarded);
}
const ready = lb.managedBy === "pulumi" ? [ingress] : [ingress, balancer];

// TLS: the wildcard certificate, and mutual TLS between Cloudflare and the ingress controller.
const wildcardArgs = { ...args.wildcard, namespaces: { [args.release]: ingress.namespace } };
const wildcard = new platform.WildcardCertificate("wildcard", wildcardArgs, after(certManager));
const allowedCidrs = args.originLock?.allowList === true ? edgeCidrs : undefined;
const lockArgs = args.originLock && { ...args.originLock, zoneId, allowedCidrs };
const namespaces = { ingressNamespace: ingress.namespace, appNamespace: namespace };
const lock = lockArgs && new platform.OriginLock("origin-lock", { ...lockArgs, ...namespaces }, opts);

const defaultTls = args.defaultTls.map((each) => {
  const tlsArgs = { ...each, namespace: ingress.namespace };
  return new platform.DefaultTls("default-tls", tlsArgs, after(...(lock ? [lock] : [])));
});

// DNS records with the load balancer's addresses, and the WAF.
const { ipv4, ipv6, privateIpv4 } = balancer;
const dns = new platform.EdgeDns("dns", { ...settings.dns, zoneId, ipv4, ipv6 }, opts);
if (args.waf) new platform.EdgeWaf("waf", { ...args.waf, zoneId }, opts);

// The apps, with their network policies, mesh authorizations and routes.
const meshed = { namespaces: { apps: namespace, [args.release]: ingress.namespace } };
const scrapesArgs = args.proxyMetrics && { ...args.proxyMetrics, ...meshed };
const scrapes = scrapesArgs ? [new platform.MeshScrapes("mesh-scrapes", scrapesArgs, after(mesh))] : [];
const apps: platform.AppService[] = [];
for (const app of args.apps) {
  const originLock = lock?.refsByNamespace[app.namespace ?? ""] ?? lock?.refs;
  const appArgs = { ...app, namespace: app.namespace ?? namespace, pullSecret, originLock };
  const backend = app.backend === undefined ? [] : apps.filter(({ name }) => name === app.backend);
  apps.push(
    new platform.AppService(app.name, appArgs, after(...ready, ...scrapes, ...defaultTls, ...backend)),
  );
}

// The load balancer's listeners, once there is something to route to.
const listeners: pulumi.Resource[] = [];
if (balancer instanceof platform.HetznerLoadBalancer) {
  const listenerArgs = { ...args.listeners, loadBalancerId: balancer.loadBalancerId };
  const dependsOn = [ingress, wildcard, ...apps];
  listeners.push(new platform.LoadBalancerServices("load-balancer", listenerArgs, { ...guarded, dependsOn }));
}
const handoverArgs = { ...args.handover, namespace, acceptSeconds: ingress.acceptSeconds };
new platform.Handover("handover", handoverArgs, after(...listeners, ...apps));

// external-dns, and the zone's settings, which demand the certificate of the origin.
if (args.externalDns) {
  const token = settings.externalDnsToken ?? createToken("external-dns-token");
  new platform.ExternalDns("external-dns", { ...args.externalDns, token }, after(ingress));
}
const zoneArgs = args.zoneSettings && { ...args.zoneSettings, zoneId };
const zoneSettings = zoneArgs && new platform.ZoneSettings("zone", zoneArgs, after(wildcard, ingress));
imports.assertAllUsed();

// Last, since it depends on everything above: the destroy of a protected stack is refused here, before any deletion.
new platform.Protection("protection", { protect: settings.protect, dependsOn: [...roots] });

// The stack's outputs: docs/getting-started.md describes each.
export const loadBalancer = { ipv4, ipv6, privateIpv4 };
export const zone = { ds: settings.dns.dnssec ? zoneSettings?.ds : undefined, originCa: lock?.ca };
export const dnsNames = dns.names;
export const routes = platform.routeTable(settings.apps);
export const services = platform.appUrls(apps);
export const passwords = platform.appPasswords(apps);
export const reachability = args.reachability;
