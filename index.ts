import * as cloudflare from "@pulumi/cloudflare";
import * as hcloud from "@pulumi/hcloud";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

import { AppNamespace } from "./components/app-namespace";
import { AppService } from "./components/app-service";
import { withPolicies } from "./components/call-graph";
import { CertManager } from "./components/cert-manager";
import { CiliumCni } from "./components/cilium-cni";
import { EdgeDns } from "./components/edge-dns";
import { HetznerLoadBalancer } from "./components/hetzner-load-balancer";
import { IngressLayer, ingressClassName, ingressEndpoint } from "./components/ingress-layer";
import { Mesh } from "./components/mesh";
import { withoutWaiting } from "./components/without-waiting";
import { readSettings } from "./settings";

const settings = readSettings();
const { awaitReady, certificates, charts, cilium, cluster, dns, ingress, mesh, protect } = settings;
const { nodes } = cluster;

const hetzner = new hcloud.Provider("hcloud", settings.hcloud);
const edge = new cloudflare.Provider("cloudflare", settings.cloudflare);
const k3s = new kubernetes.Provider("kubernetes", {
  kubeconfig: settings.kubernetes.kubeconfig,
  // Without it a new address of the API server would replace everything in the cluster.
  clusterIdentifier: cluster.identifier,
});
const inCluster = {
  providers: [k3s, new random.Provider("random")],
  transformations: awaitReady ? [] : [withoutWaiting],
};

// The way in: the load balancer, and the names that lead to it.
const balancer = new HetznerLoadBalancer(
  "load-balancer",
  { ...settings.loadBalancer, deleteProtection: protect },
  { provider: hetzner, protect },
);
const names = new EdgeDns("dns", { ...dns, ipv4: balancer.ipv4, ipv6: balancer.ipv6 }, { provider: edge });

// The ground inside the cluster: packets, then certificates, then identities.
const cni = new CiliumCni(
  "cilium",
  { chart: charts.cilium, apiServer: cluster.apiServer, nodes, ...cilium },
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
    email: certificates.email,
    zone: dns.zone,
    cloudflareToken: settings.dns01Token,
    ingressClassName,
    wildcard: { domain: dns.domain, namespace, issuer: certificates.issuer },
  },
  { ...inCluster, dependsOn: cni },
);
const linkerd = new Mesh(
  "linkerd",
  { charts, certManagerNamespace: certManager.namespace, nodes, ...mesh },
  { ...inCluster, dependsOn: certManager },
);

// Behind the load balancer: the controller that routes, and the apps it routes to.
const controller = new IngressLayer(
  "traefik",
  {
    chart: charts.traefik,
    replicas: ingress.replicas,
    nodePorts: settings.loadBalancer.nodePorts,
    loadBalancer: balancer,
    edgeCidrs: cloudflare.getIpRangesOutput({}, { provider: edge }).ipv4Cidrs,
  },
  { ...inCluster, dependsOn: linkerd },
);
const apps = withPolicies(settings.apps, ingressEndpoint).map((app) => {
  const args = { ...app, namespace, ingressClassName, tlsSecretName: certManager.wildcardSecretName };
  return new AppService(app.name, args, { ...inCluster, dependsOn: controller });
});

/** The load balancer's addresses. */
export const loadBalancer = { ipv4: balancer.ipv4, ipv6: balancer.ipv6, privateIpv4: balancer.privateIpv4 };

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
