import { authority, leaf } from "./ca-certificate";
import { rejects, rejectsUnder, accepts, guest } from "./configurations";

const closed = { "dns.proxied": false };
/** Certificates of a CA that only the company trusts. */
const privateCa = {
  certificates: {
    email: "admin@example.com",
    issuer: "acme",
    acme: { server: "https://ca.example.net/acme/directory", ca: authority },
  },
};

describe("invalid edge settings", () => {
  const preload = (includeSubdomains: boolean, maxAgeSeconds: number) => ({
    edge: { hsts: { maxAgeSeconds, includeSubdomains, preload: true } },
  });
  const wantPreload = "want includeSubdomains: true and maxAgeSeconds of 31536000 or more";
  rejects([
    [
      preload(false, 31536000),
      `edge.hsts.preload: got true with includeSubdomains false and maxAgeSeconds 31536000, ${wantPreload}`,
    ],
    [
      preload(true, 31535999),
      `edge.hsts.preload: got true with includeSubdomains true and maxAgeSeconds 31535999, ${wantPreload}`,
    ],
    [
      { "certificates.issuer": "letsencrypt-staging" },
      "edge.ssl: got strict with certificates.issuer letsencrypt-staging, but Cloudflare does not trust " +
        "staging certificates; want letsencrypt-prod, or edge.ssl: full while you rehearse",
    ],
    [
      privateCa,
      "edge.ssl: got strict with certificates.acme.ca, but Cloudflare does not trust a private CA; want " +
        "edge.ssl: full, or an issuer that browsers trust",
    ],
  ]);
  accepts([
    { edge: {} },
    preload(true, 31536000),
    { "certificates.issuer": "letsencrypt-staging", "edge.ssl": "full" },
    { "certificates.issuer": "letsencrypt-staging", ...closed },
    { "certificates.issuer": "letsencrypt-staging", ...guest },
    { ...privateCa, "edge.ssl": "full" },
    { ...privateCa, ...closed },
    { ...privateCa, ...guest },
    { ...privateCa, "certificates.acme.ca": undefined, "dns.caa": [] },
  ]);
});

describe("invalid origin locks", () => {
  const noEdge =
    "originLock: is set although no routed host is proxied, and then every client must be able to connect to the origin; " +
    "want a route with a proxied record, or no originLock";
  const notCa = "want one or more CA certificates in PEM format";
  const begin = (pem: string) => `${JSON.stringify(pem).slice(0, 77)}... (${pem.length} characters)`;
  rejectsUnder("originLock", [
    [{ ...guest, "originLock.ca": "" }, `ca: got "", ${notCa}`],
    [{ ...guest, "originLock.ca": leaf }, `ca: got ${begin(leaf)}, ${notCa}`],
    [{ ...guest, "originLock.ca": authority + leaf }, `ca: got ${begin(authority + leaf)}, ${notCa}`],
    [
      { ...guest, "originLock.ca": "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----" },
      `ca: got "-----BEGIN CERTIFICATE-----\\nx\\n-----END CERTIFICATE-----", ${notCa}`,
    ],
    [
      { "originLock.allowList": true, "loadBalancer.proxyProtocol": false },
      "allowList: got true with loadBalancer.proxyProtocol: false, by which every connection " +
        "seems to come from the load balancer; want proxyProtocol: true, or allowList: false",
    ],
    [
      { ...guest, originLock: { ca: authority, clientCertificate: false } },
      "ca: cannot be combined with clientCertificate: false",
    ],
    [
      { "originLock.ca": authority },
      "ca: cannot be combined with ownsZone: true: the owner of the zone creates a CA of its own",
    ],
  ]);
  rejects([
    [{ ...closed, "originLock.generation": 1 }, noEdge],
    [{ ...closed, ...guest, "originLock.allowList": true }, noEdge],
  ]);
  accepts([
    { originLock: {} },
    { ...closed, originLock: {} },
    { ...closed, originLock: { clientCertificate: false, allowList: false } },
    { "originLock.allowList": false, "loadBalancer.proxyProtocol": false },
    { ...guest, "originLock.ca": authority },
    { ...guest, "originLock.ca": authority + authority },
    { ...guest, originLock: { ca: authority, clientCertificate: true } },
    { ...guest, "originLock.allowList": true },
  ]);
});

describe("zone-wide settings", () => {
  const zoneWide = "is zone-wide: set ownsZone: true here, or leave it to the stack that owns the zone";
  rejects([
    [{ ...guest, "dns.caa": ["letsencrypt.org"] }, `dns.caa: ${zoneWide}`],
    [{ ...guest, "dns.dnssec": true }, `dns.dnssec: ${zoneWide}`],
    [
      { ...guest, "dns.records.3": { type: "CAA", name: "@", tag: "issue", value: "pki.goog" } },
      `dns.records.3: ${zoneWide}`,
    ],
    [{ ...guest, "edge.http3": true }, `edge: ${zoneWide}`],
    [{ ...guest, "waf.managed": true }, `waf: ${zoneWide}`],
    [{ ...guest, "originLock.generation": 2 }, `originLock.generation: ${zoneWide}`],
    [{ ...guest, "originLock.clientCertificate": true }, `originLock.clientCertificate: ${zoneWide}`],
    [
      { ...guest, "dns.caa": [], "edge.http3": true, "waf.managed": true },
      ...["dns.caa", "edge", "waf"].map((path) => `${path}: ${zoneWide}`),
    ],
  ]);
  accepts([
    guest,
    { ...guest, "dns.records.3": { type: "CAA", name: "dev", tag: "issue", value: "pki.goog" } },
    { ...guest, "dns.dnssec": false, edge: {}, waf: {}, originLock: {} },
    { "dns.caa": ["letsencrypt.org"], "dns.dnssec": true, "edge.http3": true, "waf.managed": true },
    { "originLock.clientCertificate": true, "originLock.generation": 2 },
  ]);
});
