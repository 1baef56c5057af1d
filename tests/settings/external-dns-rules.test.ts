import { externalDnsSecret } from "../config";
import { rejectsUnder, accepts, fourthRecord } from "./configurations";

const domains = ["apps.example.com"];
const token = { externalDnsToken: externalDnsSecret["platform-networking:externalDnsToken"] };
const web = (host: string, dns: string, paths = [{ path: "/" }]) => ({
  image: "x:1",
  port: 80,
  routes: [{ host, dns, paths }],
});
/** A stack that has external-dns, and one app of whose host it makes the record. */
const shared = { ...token, externalDns: { domains }, "apps.web": web("apps.example.com", "external-dns") };

describe("invalid externalDns", () => {
  rejectsUnder("externalDns", {
    "domains: got [], want at least one": { ...token, "externalDns.domains": [] },
    'ownerId: got "K3s", want lower-case letters, digits and dashes, a letter first, 63 at most': {
      ...token,
      externalDns: { domains, ownerId: "K3s" },
    },
    "sources: got [], want at least one": { ...token, externalDns: { domains, sources: [] } },
    "domains.0: got apps.example.org, want example.com or a name in it": {
      ...token,
      "externalDns.domains": ["apps.example.org"],
    },
    "domains.1: got apps.example.com a second time, want it once": {
      ...token,
      "externalDns.domains": [...domains, ...domains],
    },
    "sources: got service, want ingress among them, since apps.web.routes.0 has dns: external-dns": {
      ...shared,
      "externalDns.sources": ["service"],
    },
  });
  accepts([
    shared,
    { externalDns: {} },
    {
      ...token,
      externalDns: { domains: ["example.com"], policy: "create-only", ownerId: "k", sources: ["service"] },
    },
    { ...shared, "externalDns.sources": ["service", "ingress"] },
    { ...token, "externalDns.domains": ["müller.example.com"] },
  ]);
});

describe("a host of external-dns'", () => {
  const twoOwners = (other: string) =>
    `dns: apps.example.com belongs to external-dns here and to Pulumi in ${other}, want one owner`;
  rejectsUnder("apps.web.routes.0", [
    [
      { ...shared, ...fourthRecord({ type: "CNAME", name: "apps", content: "example.net" }) },
      twoOwners("dns.records.3"),
    ],
  ]);
  rejectsUnder("apps.web.routes.0", {
    "dns: got external-dns, want externalDns to be set too, or dns: pulumi": {
      "apps.web": web("apps.example.com", "external-dns"),
    },
    "host: got shop.example.com, which is in no domain of externalDns (apps.example.com); want one that is, or dns: pulumi":
      { ...shared, "apps.web.routes.0.host": "shop.example.com" },
    [twoOwners("dns.records.3")]: { ...shared, ...fourthRecord({ type: "A", name: "apps" }) },
    [twoOwners("apps.other.routes.0")]: {
      ...shared,
      "apps.other": web("apps.example.com", "pulumi", [{ path: "/other" }]),
    },
    "host: got a.dev.example.com proxied, but Cloudflare's Universal SSL covers example.com and *.example.com only; want proxied: false, a name directly below example.com, or one of dns.edgeCertificates":
      {
        ...token,
        "dns.domain": "dev.example.com",
        "externalDns.domains": ["dev.example.com"],
        apps: { web: web("a.dev.example.com", "external-dns") },
      },
  });
  accepts([
    { ...shared, ...fourthRecord({ type: "A", name: "*" }) },
    { ...shared, ...fourthRecord({ type: "TXT", name: "apps", content: "x" }) },
    { ...shared, "apps.other": web("apps.example.com", "external-dns", [{ path: "/other" }]) },
    {
      ...token,
      "dns.domain": "dev.example.com",
      "dns.proxied": false,
      "externalDns.domains": ["dev.example.com"],
      apps: { web: web("a.dev.example.com", "external-dns") },
    },
  ]);
});
