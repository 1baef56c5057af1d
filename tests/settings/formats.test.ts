import { rejects, accepts, fourthRecord } from "./configurations";

const route = "apps.admin.routes.0";
const to = (host: string) => ({ "apps.admin.egress": [{ host, ports: [443] }] });
const traffic = (path: string) => ({ "apps.admin.traffic": { routes: [{ name: "x", path }] } });
const origin = `${route}.cors.origins.0`;
const redirect = (target: string) => ({ [route]: { host: "admin.example.com", redirect: { to: target } } });

const star = "want a star only as the whole first label before two others, such as https://*.example.com";
const noDot = "want it without the trailing dot";
const lowerCase = "want lower case: DNS is not case-sensitive, and Kubernetes accepts lower case only";
const hostAlone = "want only the host, without scheme, port or path";
const noAddress = "want a host name, not an address";
const oneHost = "want one full host name: wildcards are not supported here";
const stars =
  "want one star or two in place of the whole first label, such as *.example.com or **.example.com";
const pods = "want one IPv4 range: pods and Services have IPv4 addresses only here (docs/limits.md)";
const network = "want an IPv4 range: Hetzner's private networks have no IPv6";
const wildcard = "want a star only as the whole first label, such as *.dev: DNS has no other wildcards";
const objectName = "want lower-case letters, digits, dashes and dots: Kubernetes accepts no others";

describe("the reason in an error about a string", () => {
  rejects([
    `${origin}: got "*", ${star}`,
    ...["https://*.com", "https://a.*.example.com", "https://a*.example.com", "https://*.*.example.com"].map(
      (each) => `${origin}: got "${each}", ${star}`,
    ),
    `${origin}: got "https://example.com/", want the origin without a path or trailing slash: browsers send neither`,
    `${origin}: got "https://a,https://b", want each origin as a separate list item`,
    ...["a.*.example.com", "a*.example.com", "*.*.example.com", "*.com", "*"].map(
      (host) =>
        `${route}.host: got "${host}", want a star only in place of the whole first label, such as *.apps.example.com`,
    ),
    `${route}.host: got "shop.example.com.", ${noDot}`,
    `${route}.host: got "Shop.example.com", ${lowerCase}`,
    `${route}.host: got "shop.example.com:443", ${hostAlone}`,
    `${route}.host: got "2001:db8::1", ${noAddress}`,
    `dns.zone: got "https://example.com", ${hostAlone}`,
    `dns.records.0.content: got "example.com.", ${noDot}`,
    'dns.records.0.content: got "Example.net", want lower case: DNS is not case-sensitive',
    'dns.records.0.content: got "*.example.net", want one full host name: a record cannot point to a wildcard',
    'dns.records.0.name: got "WWW", want lower case: DNS is not case-sensitive',
    `dns.records.0.name: got "www.", ${noDot}`,
    `dns.records.0.name: got "a.*", ${wildcard}`,
    `dns.records.0.name: got "**.dev", ${wildcard}`,
    ...(
      [
        ["/a%2Fb", "want a path without an encoded slash (%2F): the API server rejects it"],
        ["/a%2fb", "want a path without an encoded slash (%2F): the API server rejects it"],
        ["/a//b", "want a path without //: the API server rejects it"],
        ["/a/../b", "want a path without . or .. as a part of it: the API server rejects them"],
        ["/a/.", "want a path without . or .. as a part of it: the API server rejects them"],
        ["/a b", "want a path without spaces: in a URL a space is %20"],
      ] as const
    ).flatMap(([path, want]) => [
      `${route}.paths.0.path: got "${path}", ${want}`,
      [traffic(path), `apps.admin.traffic.routes.0.path: got "${path}", ${want}`] as const,
    ]),
    ...(
      [
        ["***.example.org", stars],
        ["**", stars],
        ["*", stars],
        ["*.*.example.org", stars],
        ["a.*.example.org", stars],
        ["*a.example.org", stars],
        ["*.example.org.", noDot],
        ["API.example.org", lowerCase],
        ["https://api.stripe.com", hostAlone],
      ] as const
    ).map(([host, want]) => [to(host), `apps.admin.egress.0.host: got "${host}", ${want}`] as const),
    ...["podCidr", "serviceCidr"].flatMap((key) =>
      ["fd00::/56", "10.44.0.0/16,fd00::/56"].map((range) => `cluster.${key}: got "${range}", ${pods}`),
    ),
    `cluster.nodeCidr: got "fd00::/64", ${network}`,
  ]);
  rejects({
    [`waf.redirects.0.to: got "https://example.com", ${hostAlone}`]: {
      "waf.redirects": [{ from: "www.example.com", to: "https://example.com" }],
    },
    [`waf.redirects.0.from: got "*.example.com", ${oneHost}`]: {
      "waf.redirects": [{ from: "*.example.com", to: "example.com" }],
    },
    [`apps.other.service.externalName: got "192.0.2.1", ${noAddress}`]: {
      "apps.other": { port: 3000, service: { type: "ExternalName", externalName: "192.0.2.1" } },
    },
    [`${route}.redirect.to: got "*.example.org", want one full host name: a redirect cannot lead to a wildcard`]:
      redirect("*.example.org"),
    [`${route}.redirect.to: got "example.org.", ${noDot}`]: redirect("example.org."),
    [`${route}.redirect.to: got "Example.org", ${lowerCase}`]: redirect("Example.org"),
    'dns.records.3.value: got "LetsEncrypt.org", want lower case: DNS is not case-sensitive': fourthRecord({
      type: "CAA",
      name: "@",
      tag: "issue",
      value: "LetsEncrypt.org",
    }),
    [`${route}.rateLimit.period: got "1d", want hours, such as 24h: a Go duration has no days`]: {
      [`${route}.rateLimit`]: { requests: 1, period: "1d" },
    },
    [`cilium.pool.0: got "fd00::/56", ${pods}`]: {
      "cilium.ipam": "cluster-pool",
      "cilium.pool": ["fd00::/56"],
    },
    [`apps.admin.secrets.TOKEN.secret: got "My_Secret", ${objectName}`]: {
      "apps.admin.secrets": { TOKEN: { secret: "My_Secret", key: "token" } },
    },
  });
  accepts([
    { "dns.records.0.name": "*.dev", "dns.records.0.proxied": false },
    to("*.a.example.org"),
    { [origin]: "https://EXAMPLE.com:8443" },
  ]);
});
