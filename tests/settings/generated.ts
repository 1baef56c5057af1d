import fc from "fast-check";

import { externalDnsSecret, secretConfig, type StackConfig } from "../config";
import { authority } from "./certificates";
import { edges, locks, wafs } from "./generated-edge";

const names = ["api", "web", "auth-service", "grafana", "user-service"] as const;

const path = fc.record({
  path: fc.constantFrom("/", "/v1", "/v1/users", "/health"),
  pathType: fc.constantFrom("Prefix", "Exact"),
});

const rules = fc.record(
  {
    rateLimit: fc.record({
      requests: fc.integer({ min: 1, max: 1000 }),
      period: fc.constantFrom("1s", "1m"),
    }),
    cors: fc.record({ origins: fc.constant(["https://example.org"]) }),
    basicAuth: fc.record({
      users: fc.subarray(["ann", "bob", "eve"], { minLength: 1 }),
    }),
  },
  { requiredKeys: [] },
);

/** A host, and whether external-dns may make its record. */
interface Host {
  readonly host: string;
  readonly shared: boolean;
}

const app = (hosts: readonly Host[], all: readonly string[]) =>
  fc.record({
    image: fc.constant("ghcr.io/org/app:v1.0.0"),
    // Between these are the ports of the mesh's proxy.
    port: fc.integer({ min: 1, max: 65535 }).filter((port) => port < 4140 || port > 4191),
    servicePort: fc.integer({ min: 1, max: 65535 }),
    replicas: fc.integer({ min: 0, max: 5 }),
    meshed: fc.boolean(),
    calls: fc.subarray([...all]),
    routes: fc.tuple(
      ...hosts.map(({ host, shared }) =>
        fc
          .tuple(
            fc.uniqueArray(path, { minLength: 1, selector: (each) => Object.values(each).join() }),
            fc.constantFrom("pulumi", ...(shared ? ["external-dns"] : [])),
            rules,
          )
          .map(([paths, dns, rule]) => ({ host, dns, paths, ...rule })),
      ),
    ),
  });

/** Apps of which each has hosts of its own, and which call any of each other. */
const apps = (domain: string, isShared: (host: string) => boolean) =>
  fc
    .tuple(
      fc.shuffledSubarray([...names], { minLength: 1, maxLength: 4 }),
      fc.shuffledSubarray([domain, ...["a", "b-c", "www"].map((label) => `${label}.${domain}`)]),
    )
    .chain(([chosen, hosts]) =>
      fc
        .tuple(
          ...chosen.map((_, index) =>
            app(
              hosts
                .filter((__, at) => at % chosen.length === index)
                .map((host) => ({ host, shared: isShared(host) })),
              chosen,
            ),
          ),
        )
        .map((each) => Object.fromEntries(chosen.map((name, index) => [name, each[index]]))),
    );

/** Records of every type that can all stand in one zone, beside those of any of the hosts above. */
const records = [
  { type: "A", name: "a" },
  { type: "A", name: "old", proxied: true },
  { type: "A", name: "shop", content: "203.0.113.50", proxied: false, ttl: 300 },
  { type: "A", name: "shop", content: "203.0.113.51", proxied: false, label: "second" },
  { type: "AAAA", name: "shop", content: "2001:db8:50::1" },
  { type: "CNAME", name: "*", content: "example.com" },
  { type: "CNAME", name: "*.dev", content: "example.com", proxied: false },
  { type: "CNAME", name: "b\u00fccher", content: "b\u00fccher.example" },
  { type: "TXT", name: "@", content: "v=spf1 -all", comment: "No mail" },
  { type: "TXT", name: "www", content: "x", label: "proof" },
  { type: "TXT", name: "@", content: "x".repeat(600), label: "long" },
  { type: "MX", name: "@", content: "mail.example.net" },
  { type: "MX", name: "@", content: "mail2.example.net", priority: 20 },
  { type: "CAA", name: "@", tag: "issue", value: "letsencrypt.org" },
  { type: "CAA", name: "@", tag: "iodef", value: "mailto:admin@example.com" },
  { type: "SRV", name: "_sip._tcp", priority: 0, weight: 5, port: 5060, target: "sip.example.net" },
] as const;

/** What of a load balancer need not be said. */
const balancers = fc.record(
  {
    type: fc.constantFrom("lb11", "lb21", "lb31"),
    algorithm: fc.constantFrom("round_robin", "least_connections"),
    privateIp: fc.constantFrom("10.0.0.2", "10.0.255.254"),
    servers: fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { maxLength: 3 }),
    ips: fc.subarray(["203.0.113.50", "2001:db8::50"]),
    healthCheck: fc.record(
      { intervalSeconds: fc.integer({ min: 3, max: 60 }), retries: fc.integer({ min: 1, max: 5 }) },
      { requiredKeys: [] },
    ),
    reverseDns: fc.constant("lb.example.com"),
    labels: fc.constantFrom({}, { team: "edge", "example.com/stage": "" }),
    ipv6: fc.boolean(),
  },
  { requiredKeys: [] },
);

const externalDns = (domain: string) =>
  fc.record(
    {
      domains: fc.constantFrom([domain], [`a.${domain}`, `b-c.${domain}`]),
      policy: fc.constantFrom("upsert-only", "sync", "create-only"),
      ownerId: fc.constant("mine"),
      sources: fc.constantFrom(["ingress"], ["service", "ingress"]),
    },
    { requiredKeys: ["domains"] },
  );

/** What of a config decides what the rest of it may be. */
const ground = fc
  .record({
    domain: fc.constantFrom("example.com", "dev.example.com"),
    proxied: fc.boolean(),
    proxyProtocol: fc.boolean(),
    issuer: fc.constantFrom("letsencrypt-prod", "letsencrypt-staging", "acme"),
    ownsZone: fc.boolean(),
    plan: fc.constantFrom("free", "pro", "business", "enterprise"),
    makeTokens: fc.boolean(),
    records: fc.shuffledSubarray([...records]),
  })
  // Cloudflare has no certificate for what is two levels below the zone.
  .map((chosen) => ({ ...chosen, proxied: chosen.proxied && chosen.domain === "example.com" }))
  .map((chosen) => ({
    ...chosen,
    records: chosen.records.filter(({ type }) => chosen.ownsZone || type !== "CAA"),
  }));

/** Any config that the settings take. */
export const configs: fc.Arbitrary<StackConfig> = ground
  .chain((chosen) => fc.tuple(fc.constant(chosen), fc.option(externalDns(chosen.domain), { nil: undefined })))
  .chain(([chosen, dns]) => {
    const taken = new Set(chosen.records.map(({ name }) => `${name}.example.com`));
    const isShared = (host: string) =>
      !taken.has(host) && (dns?.domains ?? []).some((each) => host === each || host.endsWith(`.${each}`));
    return fc.tuple(fc.constant({ ...chosen, externalDns: dns }), apps(chosen.domain, isShared));
  })
  .chain(([chosen, all]) => {
    // Two, so that a lock still has a host to lock when one of the apps goes.
    const canLock = chosen.proxied && Object.values(all).filter((each) => each?.routes.length).length > 1;
    const canRedirect = chosen.records.some(({ name }) => name === "old");
    return fc.record({
      chosen: fc.constant(chosen),
      apps: fc.constant(all),
      nodes: fc.integer({ min: 1, max: 5 }),
      place: fc.constantFrom({ location: "fsn1" }, { networkZone: "eu-central" }),
      balancer: balancers,
      protect: fc.boolean(),
      awaitReady: fc.boolean(),
      owner: fc.record(
        {
          caa: fc.constantFrom([], ["letsencrypt.org"], ["letsencrypt.org", "pki.goog"]),
          dnssec: fc.boolean(),
        },
        { requiredKeys: [] },
      ),
      edge: edges(chosen.issuer),
      waf: wafs(chosen.plan, canRedirect),
      originLock: canLock
        ? fc.option(locks(chosen.ownsZone, chosen.proxyProtocol), { nil: undefined })
        : fc.constant(undefined),
    });
  })
  .map(({ chosen, nodes, place, balancer, owner, edge, waf, ...rest }) => {
    const { domain, proxied, plan, records: said, ownsZone, makeTokens, issuer, proxyProtocol } = chosen;
    const { "platform-networking:dns01Token": dns01Token, ...secrets } = secretConfig;
    const given = {
      "platform-networking:dns01Token": dns01Token,
      ...(chosen.externalDns && externalDnsSecret),
    };
    return {
      ...secrets,
      ...(!makeTokens && given),
      "platform-networking:cluster": { identifier: "k3s", nodes, nodeCidr: "10.0.0.0/16" },
      "platform-networking:loadBalancer": {
        name: "k3s-lb",
        ...place,
        ...balancer,
        networkId: 4711,
        labelSelector: "cluster=k3s",
        proxyProtocol,
      },
      "platform-networking:dns": {
        zone: "example.com",
        zoneId: "0123456789abcdef0123456789abcdef",
        domain,
        proxied,
        plan,
        records: said,
        ...(ownsZone && owner),
      },
      "platform-networking:certificates": {
        email: "admin@example.com",
        issuer,
        ...(issuer === "acme" && { acme: { server: "https://ca.example.net/directory", ca: authority } }),
      },
      "platform-networking:namespace": "apps",
      "platform-networking:ownsZone": ownsZone,
      "platform-networking:makeTokens": makeTokens,
      ...(ownsZone && { "platform-networking:edge": edge, "platform-networking:waf": waf }),
      ...(chosen.externalDns && { "platform-networking:externalDns": chosen.externalDns }),
      ...(rest.originLock && { "platform-networking:originLock": rest.originLock }),
      "platform-networking:protect": rest.protect,
      "platform-networking:awaitReady": rest.awaitReady,
      "platform-networking:apps": rest.apps,
    };
  });
