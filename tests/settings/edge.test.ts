import { generateKeyPairSync } from "node:crypto";

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
  rejects({
    [`edge.hsts.preload: got true with includeSubdomains false and maxAgeSeconds 31536000, ${wantPreload}`]:
      preload(false, 31536000),
    [`edge.hsts.preload: got true with includeSubdomains true and maxAgeSeconds 31535999, ${wantPreload}`]:
      preload(true, 31535999),
    "edge.ssl: got strict with certificates.issuer letsencrypt-staging, but Cloudflare does not trust staging certificates; want letsencrypt-prod, or edge.ssl: full while you rehearse":
      { "certificates.issuer": "letsencrypt-staging" },
    "edge.ssl: got strict with certificates.acme.ca, but Cloudflare does not trust a private CA; want edge.ssl: full, or an issuer that browsers trust":
      privateCa,
  });
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
  const privateKey = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  const notCa =
    "originLock.ca: is not one or more CA certificates in PEM format and nothing else (its value is not shown here)";
  rejects(
    [
      "",
      leaf,
      authority + leaf,
      "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----",
      authority + String(privateKey.export({ type: "pkcs8", format: "pem" })),
    ].map((ca) => [{ ...guest, "originLock.ca": ca }, notCa] as const),
  );
  rejectsUnder("originLock", {
    "allowList: got true with loadBalancer.proxyProtocol: false, by which every connection seems to come from the load balancer; want proxyProtocol: true, or allowList: false":
      { "originLock.allowList": true, "loadBalancer.proxyProtocol": false },
    "ca: cannot be combined with clientCertificate: false": {
      ...guest,
      originLock: { ca: authority, clientCertificate: false },
    },
    "ca: cannot be combined with ownsZone: true: the owner of the zone creates a CA of its own": {
      "originLock.ca": authority,
    },
  });
  rejects([[{ ...closed, ...guest, "originLock.allowList": true }, noEdge]]);
  rejects({
    [noEdge]: { ...closed, "originLock.generation": 1 },
  });
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
    [
      { ...guest, "dns.caa": [], "edge.http3": true, "waf.managed": true },
      ...["dns.caa", "edge", "waf"].map((path) => `${path}: ${zoneWide}`),
    ],
  ]);
  rejects({
    [`dns.caa: ${zoneWide}`]: { ...guest, "dns.caa": ["letsencrypt.org"] },
    [`dns.dnssec: ${zoneWide}`]: { ...guest, "dns.dnssec": true },
    [`dns.records.3: ${zoneWide}`]: {
      ...guest,
      "dns.records.3": { type: "CAA", name: "@", tag: "issue", value: "pki.goog" },
    },
    [`edge: ${zoneWide}`]: { ...guest, "edge.http3": true },
    [`waf: ${zoneWide}`]: { ...guest, "waf.managed": true },
    [`originLock.generation: ${zoneWide}`]: { ...guest, "originLock.generation": 2 },
    [`originLock.clientCertificate: ${zoneWide}`]: { ...guest, "originLock.clientCertificate": true },
  });
  accepts([
    guest,
    { ...guest, "dns.records.3": { type: "CAA", name: "dev", tag: "issue", value: "pki.goog" } },
    { ...guest, "dns.dnssec": false, edge: {}, waf: {}, originLock: {} },
    { "dns.caa": ["letsencrypt.org"], "dns.dnssec": true, "edge.http3": true, "waf.managed": true },
    { "originLock.clientCertificate": true, "originLock.generation": 2 },
  ]);
});
