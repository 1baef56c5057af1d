import { addresses } from "./all";
import {
  casesOf,
  type MutationCase,
  admin,
  remove,
  setInput,
  spec,
  values,
  withoutDependencies,
  withoutDependency,
} from "./mutation";

/** Mutations of resources that do not depend on the controller. */
export const mutationsAny: readonly MutationCase[] = [
  ...casesOf("DnsRecord", "dns-api.example.com", [
    [remove, /names without both A and AAAA records/],
    [setInput(["name"], "b.example.com"), /b.example.com is not in the settings/],
    [setInput(["content"], addresses.privateIpv4), /points to 10\.0\.77\.7/],
  ]),
  ["Service", "web-frontend", withoutDependency("Deployment"), /does not depend on .*, whose pods it waits/],
  ...casesOf("DnsRecord", "dns-www.example.com", [
    [remove, /www.example.com has no record/],
    [setInput(["content"], addresses.ipv4), /dns-www.example.com/],
  ]),
  ["Rdns", "load-balancer-rdns-ipv4", setInput(["ipAddress"], "203.0.113.9"), /reverse DNS of another/],
  ...casesOf("Release", "external-dns-chart", [
    [remove, /external-dns is not installed/],
    [values("sources", ["service"]), /does not read shop.example.com/],
    [values("domainFilters", ["b.example.com"]), /does not write shop/],
    [values("excludeDomains", ["shop.example.com"]), /does not write shop/],
  ]),
  ["Secret", "external-dns-cloudflare-token", remove, /refers to Secret external-dns\/cloudflare-api-token#/],
  ["ClusterIssuer", "cert-manager-letsencrypt-prod", remove, /refers to ClusterIssuer \/letsencrypt-prod/],
  ["Secret", "cert-manager-cloudflare-token", remove, /refers to Secret cert-manager\/cloudflare-api-token#/],
  [
    "Secret",
    `${admin}-basic-auth`,
    setInput(["stringData"], { users: "x" }),
    /refers to Secret production\/admin-admin-example-com-basic-auth#auth/,
  ],
  ["Namespace", "apps", remove, /refers to Namespace \/production/],
  ["ServiceAccount", "admin", remove, /refers to ServiceAccount production\/admin/],
  ...casesOf("Deployment", "admin", [
    [setInput(["metadata", "labels"], { a: "password-of-b" }), /has a plain secret/],
    [(each) => ({ ...each, provider: "hcloud" }), /has a default provider/],
    [(each) => ({ ...each, parent: "" }), /is outside a component/],
    [setInput(["metadata", "namespace"], "dashboard"), /no network policy allows traffic of/],
    [withoutDependencies, /Deployment admin before .* linkerd-control-plane/],
  ]),
  ["Deployment", "api-gateway", setInput(["spec", "template", "metadata", "annotations"], {}), /3306/],
  ["PodDisruptionBudget", "admin", setInput(["metadata", "name"], "grafana"), /objects with the same name/],
  [
    "CiliumNetworkPolicy",
    "auth-service-policy",
    remove,
    /no network policy allows traffic of .*Deployment auth-service/,
  ],
  ["CiliumNetworkPolicy", "user-service-policy", spec("ingress", []), /api-gateway to user-service/],
  [
    "MeshTLSAuthentication",
    "admin-callers",
    spec("identities", []),
    /Server admin.8080 lacks default.production/,
  ],
];
