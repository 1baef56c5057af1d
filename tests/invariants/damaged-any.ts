import { addresses } from "./all";
import { type Damaged, admin, gone, having, spec, values, waitingForNothing } from "./damage";

/** What there is whatever the controller, damaged. */
export const damagedAny: readonly Damaged[] = [
  ["DnsRecord", "dns-api.example.com", gone, /names with one address alone/],
  ["DnsRecord", "dns-www.example.com", gone, /www.example.com has no record/],
  ["DnsRecord", "dns-api.example.com", having(["name"], "b.example.com"), /b.example.com leads nowhere/],
  ["DnsRecord", "dns-api.example.com-AAAA", gone, /names with one address alone/],
  ["DnsRecord", "dns-api.example.com-AAAA", having(["name"], "b.example.com"), /b.example.com leads nowhere/],
  [
    "DnsRecord",
    "dns-api.example.com",
    having(["name"], "shop.example.com"),
    /shop.example.com leads nowhere/,
  ],
  ["DnsRecord", "dns-www.example.com", having(["content"], addresses.ipv4), /dns-www.example.com/],
  ["DnsRecord", "dns-api.example.com", having(["content"], addresses.privateIpv4), /leads to 10\.0\.77\.7/],
  [
    "Rdns",
    "load-balancer-rdns-ipv4",
    having(["ipAddress"], "203.0.113.9"),
    /reverse name of another address/,
  ],
  ["Release", "external-dns-chart", gone, /there is no external-dns/],
  ["Release", "external-dns-chart", values("sources", ["service"]), /does not read shop.example.com/],
  ["Release", "external-dns-chart", values("domainFilters", ["b.example.com"]), /does not write shop/],
  ["Release", "external-dns-chart", values("excludeDomains", ["shop.example.com"]), /does not write shop/],
  ["Secret", "external-dns-cloudflare-token", gone, /names Secret external-dns\/cloudflare-api-token#token/],
  ["ClusterIssuer", "cert-manager-letsencrypt-prod", gone, /names ClusterIssuer \/letsencrypt-prod/],
  ["Secret", "cert-manager-cloudflare-token", gone, /names Secret cert-manager\/cloudflare-api-token#token/],
  ["Secret", `${admin}-basic-auth`, gone, /names Secret production\/admin-admin-example-com-basic-auth#auth/],
  [
    "Secret",
    `${admin}-basic-auth`,
    having(["stringData"], { users: "x" }),
    /names Secret production\/admin-admin-example-com-basic-auth#auth/,
  ],
  ["Namespace", "apps", gone, /names Namespace \/production/],
  ["ServiceAccount", "admin", gone, /names ServiceAccount production\/admin/],
  ["Deployment", "admin", having(["metadata", "labels"], { a: "password-of-b" }), /shows a secret/],
  ["Deployment", "admin", (each) => ({ ...each, provider: "" }), /has a default provider/],
  ["Deployment", "admin", (each) => ({ ...each, provider: "hcloud" }), /has a default provider/],
  ["Deployment", "admin", (each) => ({ ...each, parent: "" }), /is outside a component/],
  ["PodDisruptionBudget", "admin", having(["metadata", "name"], "grafana"), /two objects have one name/],
  ["CiliumNetworkPolicy", "user-service-policy", spec("ingress", []), /api-gateway to user-service/],
  ["Deployment", "admin", waitingForNothing, /Deployment admin before .* linkerd-control-plane/],
];
