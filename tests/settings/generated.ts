import fc from "fast-check";

import { secretConfig, type StackConfig } from "../config";

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

const app = (hosts: readonly string[], all: readonly string[]) =>
  fc.record({
    image: fc.constant("ghcr.io/org/app:v1.0.0"),
    port: fc.integer({ min: 1, max: 65535 }),
    servicePort: fc.integer({ min: 1, max: 65535 }),
    replicas: fc.integer({ min: 0, max: 5 }),
    meshed: fc.boolean(),
    calls: fc.subarray([...all]),
    routes: fc.tuple(
      ...hosts.map((host) =>
        fc
          .tuple(
            fc.uniqueArray(path, { minLength: 1, selector: (each) => Object.values(each).join() }),
            rules,
          )
          .map(([paths, rule]) => ({ host, paths, ...rule })),
      ),
    ),
  });

/** Apps of which each has hosts of its own, and which call any of each other. */
const apps = (domain: string) =>
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
              hosts.filter((__, at) => at % chosen.length === index),
              chosen,
            ),
          ),
        )
        .map((each) => Object.fromEntries(chosen.map((name, index) => [name, each[index]]))),
    );

const record = fc.constantFrom(
  { type: "CNAME", name: "*", content: "example.com" },
  { type: "CNAME", name: "*.dev", content: "example.com" },
  { type: "TXT", name: "@", content: "v=spf1 -all" },
  { type: "TXT", name: "www", content: "x", label: "proof" },
  { type: "A", name: "a" },
);

/** Any config that the settings take. */
export const configs: fc.Arbitrary<StackConfig> = fc
  .record({
    domain: fc.constantFrom("example.com", "dev.example.com"),
    proxied: fc.boolean(),
    proxyProtocol: fc.boolean(),
    nodes: fc.integer({ min: 1, max: 5 }),
    place: fc.constantFrom({ location: "fsn1" }, { networkZone: "eu-central" }),
    issuer: fc.constantFrom("letsencrypt-prod", "letsencrypt-staging"),
    protect: fc.boolean(),
    awaitReady: fc.boolean(),
    records: fc.uniqueArray(record, { selector: ({ type, name }) => `${type} ${name}` }),
  })
  .chain((chosen) => fc.tuple(fc.constant(chosen), apps(chosen.domain)))
  .map(([{ domain, proxied, proxyProtocol, nodes, place, issuer, protect, awaitReady, records }, each]) => ({
    ...secretConfig,
    "platform-networking:cluster": { identifier: "k3s", nodes, nodeCidr: "10.0.0.0/16" },
    "platform-networking:loadBalancer": {
      name: "k3s-lb",
      ...place,
      networkId: 4711,
      labelSelector: "cluster=k3s",
      proxyProtocol,
    },
    "platform-networking:dns": {
      zone: "example.com",
      zoneId: "0123456789abcdef0123456789abcdef",
      domain,
      proxied,
      records,
    },
    "platform-networking:certificates": { email: "admin@example.com", issuer },
    "platform-networking:namespace": "apps",
    "platform-networking:protect": protect,
    "platform-networking:awaitReady": awaitReady,
    "platform-networking:apps": each,
  }));
