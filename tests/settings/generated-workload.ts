import fc from "fast-check";

import type { ControllerName } from "../../components/ingress/controllers";
import type { Route } from "./generated-routes";

/** Between these are the ports of the mesh's proxy. */
export const somePort = fc.integer({ min: 1, max: 65535 }).filter((port) => port < 4140 || port > 4191);

const further = { metrics: 9090, admin: 9091, db: 5432, "grpc-2": 50051 };

/** Further ports of a container, by name. */
export const ports = fc
  .subarray(Object.entries(further), { minLength: 1 })
  .map((some) => Object.fromEntries(some));

/** What is outside of the cluster. */
export const egress = fc.uniqueArray(
  fc.constantFrom(
    { host: "api.example.org", ports: [443] },
    { host: "*.example.net", ports: [443, 8443], protocol: "TCP" },
    { cidr: "203.0.113.0/24", ports: [5432] },
    { cidr: "2001:db8:5::/48", ports: [123], protocol: "UDP" },
    { cidr: "0.0.0.0/0", ports: [25] },
  ),
  { maxLength: 3 },
);

const probe = fc.record(
  {
    asked: fc.constantFrom({ path: "/ready" }, { tcp: true }, {}),
    isMain: fc.boolean(),
    periodSeconds: fc.integer({ min: 1, max: 60 }),
    failureThreshold: fc.integer({ min: 1, max: 60 }),
    initialDelaySeconds: fc.integer({ min: 0, max: 60 }),
  },
  { requiredKeys: ["asked"] },
);

const timeouts = fc.constantFrom({ request: "10s" }, { request: "1m30s", idle: "1h" }, { response: "5s" });
const retry = fc.constantFrom({}, { http: ["5xx", 429], limit: 3 }, { timeout: "200ms" });

const traffic = fc.record(
  {
    timeouts,
    retry,
    circuitBreaking: fc.constantFrom({}, { maxFailures: 3, minPenalty: "2s" }, { jitterRatio: 0.5 }),
    routes: fc.shuffledSubarray([
      { name: "users", method: "GET", path: "/v1/users", timeouts: { request: "5s" } },
      { name: "orders", method: "POST", path: "/v1/orders", pathType: "Exact", retry: { limit: 1 } },
      { name: "any", path: "/v1/[^/]+/health", pathType: "RegularExpression" },
    ]),
  },
  { requiredKeys: [] },
);

const serviceProfile = fc.record(
  {
    routes: fc.constantFrom(
      [{ name: "GET /v1/users/{id}", method: "GET", pathRegex: "/v1/users/[^/]+", isRetryable: true }],
      [{ name: "all", pathRegex: "/.*", timeout: "3s" }],
    ),
    retryBudget: fc.constantFrom({}, { retryRatio: 0.1, minRetriesPerSecond: 5, ttl: "30s" }),
  },
  { requiredKeys: ["routes"] },
);

const affinity = fc.constantFrom(undefined, {}, { seconds: 600 });

/** Load balancers and node ports are one app's alone. */
const services = (name: string, at: number) =>
  fc
    .tuple(
      fc.constantFrom(
        {},
        { type: "ClusterIP" },
        { type: "NodePort" },
        { type: "NodePort", nodePort: 30500 + at },
        { type: "LoadBalancer", loadBalancer: { name: `${name}-lb`, location: "fsn1" } },
        {
          type: "LoadBalancer",
          loadBalancer: {
            name: `${name}-lb`,
            networkZone: "eu-central",
            protocol: "http",
            http: { stickySessions: true },
            healthCheck: { protocol: "http", path: "/health" },
            public: false,
          },
        },
      ),
      affinity,
    )
    .map(([service, its]) => (its === undefined ? service : { ...service, affinity: its }));

/** All settings of an app with pods of its own, from which {@link settled} removes those that exclude each other. */
const words = (name: string, at: number) =>
  fc.record(
    {
      image: fc.constant("ghcr.io/org/app:v1.0.0"),
      protocol: fc.constantFrom("http", "grpc", "tcp"),
      port: somePort,
      servicePort: fc.integer({ min: 1, max: 65535 }),
      ports,
      scale: fc.oneof(
        fc.record({ replicas: fc.integer({ min: 0, max: 5 }) }),
        fc.record({ autoscaling: fc.constantFrom({ max: 4 }, { min: 1, max: 1, cpuPercent: 50 }) }),
      ),
      meshed: fc.constantFrom(true, true, false),
      healthPath: fc.constant("/health"),
      probes: fc.record({ startup: probe, readiness: probe, liveness: probe }, { requiredKeys: [] }),
      drainSeconds: fc.integer({ min: 1, max: 600 }),
      resources: fc.record({ cpu: fc.constant("250m"), memory: fc.constant("1Gi") }, { requiredKeys: [] }),
      env: fc.constant({ LOG_LEVEL: "info" }),
      secrets: fc.constant({ DATABASE_URL: { secret: "database", key: "url" } }),
      service: fc.oneof({ arbitrary: services(name, at), weight: 3 }, fc.constant({ type: "Headless" })),
      canary: fc.record(
        {
          image: fc.constant("ghcr.io/org/app:v2.0.0"),
          weight: fc.integer({ min: 0, max: 100 }),
          replicas: fc.integer({ min: 0, max: 3 }),
        },
        { requiredKeys: ["image", "weight"] },
      ),
      traffic,
      serviceProfile,
      egress,
    },
    { requiredKeys: ["image", "port"] },
  );

type Words = ReturnType<typeof words> extends fc.Arbitrary<infer All> ? All : never;

/** What of {@link words}, and of the routes, there can be together. */
function settled(given: Words, routes: readonly Route[], controller: ControllerName) {
  const { scale, protocol: spoken, service: kind, ports: more, probes, ...rest } = given;
  const { servicePort, canary, traffic: shaped, serviceProfile: profile, ...common } = rest;
  const protocol = routes.length > 0 && spoken === "tcp" ? "http" : spoken;
  const isHeadless = kind !== undefined && "type" in kind && kind.type === "Headless" && routes.length === 0;
  const service =
    routes.length > 0 && kind !== undefined && "type" in kind && kind.type === "Headless" ? {} : kind;
  const isRead = protocol !== "tcp" && !isHeadless;
  const isShaped = isRead && given.meshed !== false;
  const splits =
    given.meshed !== false || (controller !== "traefik" && routes.some((each) => !each.redirect));
  const hasCanary = canary !== undefined && isRead && splits;
  const taken = [given.port, ...(isHeadless || servicePort === undefined ? [] : [servicePort])];
  const free = Object.entries(more ?? {}).filter(([, port]) => !taken.includes(port));
  const [first] = free;
  return {
    ...common,
    ...scale,
    ...(protocol !== undefined && { protocol }),
    ...(service !== undefined && { service }),
    ...(!isHeadless && servicePort !== undefined && { servicePort }),
    ports: Object.fromEntries(free),
    probes: Object.fromEntries(
      Object.entries(probes ?? {}).map(([which, { asked, isMain = true, ...timing }]) => [
        which,
        { ...asked, ...timing, ...(!isMain && first && { port: first[timing.periodSeconds ? 0 : 1] }) },
      ]),
    ),
    ...(hasCanary && { canary }),
    ...(isShaped && shaped !== undefined && { traffic: shaped }),
    ...(isShaped &&
      shaped === undefined &&
      !hasCanary &&
      profile !== undefined && { serviceProfile: profile }),
    // For a session Traefik dials the pods of one Service.
    routes:
      hasCanary && controller === "traefik"
        ? routes.map((route) => ({ ...route, sticky: undefined }))
        : routes,
  };
}

/** An app of pods of its own. */
export const ownApp = (
  name: string,
  at: number,
  routes: fc.Arbitrary<readonly Route[]>,
  controller: ControllerName,
) => fc.tuple(words(name, at), routes).map(([given, its]) => settled(given, its, controller));
