import fc from "fast-check";

import type { ControllerName } from "../../components/ingress/controllers";
import type { Route } from "./generated-routes";

/** Any port except those of the mesh's proxy. */
export const somePort = fc.integer({ min: 1, max: 65535 }).filter((port) => port < 4140 || port > 4191);

const further = {
  metrics: 9090,
  admin: 9091,
  db: 5432,
  "grpc-2": { port: 50051, protocol: "grpc" },
  web: { port: 9092, protocol: "http" },
  ssh: { port: 2222, protocol: "tcp" },
  turn: { port: 3478, protocol: "udp" },
  dns: { port: 9090, protocol: "udp" },
};

/** Whether a further port is one of UDP. */
const isUdp = (port: number | { readonly protocol: string }): boolean =>
  typeof port === "object" && port.protocol === "udp";

/** Further ports of a container, by name. */
export const ports = fc
  .subarray(Object.entries(further), { minLength: 1 })
  .map((some) => Object.fromEntries(some));

const numberOf = (port: number | { readonly port: number }): number =>
  typeof port === "number" ? port : port.port;

const speaksHttp = (port: number | { readonly protocol: string }): boolean =>
  typeof port === "number" || port.protocol === "http" || port.protocol === "grpc";

/** A destination whose server speaks first, at a port that no app of {@link further} has. */
const mysql = { host: "mysql.example.net", ports: [3307], opaque: true };

/** Destinations outside of the cluster. */
const egress = fc.uniqueArray(
  fc.constantFrom(
    { host: "api.example.org", ports: [443] },
    { host: "*.example.net", ports: [443, 8443], protocol: "TCP" },
    { cidr: "203.0.113.0/24", ports: [5432] },
    { cidr: "2001:db8:5::/48", ports: [123], protocol: "UDP" },
    { cidr: "0.0.0.0/0", ports: [25] },
    mysql,
  ),
  { maxLength: 3 },
);

/** The same for pods that others mesh. */
export const egressOfOthers = egress.map((targets) => targets.filter((each) => each !== mysql));

const probe = fc.record(
  {
    action: fc.constantFrom({ path: "/ready" }, { tcp: true }, {}),
    isMain: fc.boolean(),
    periodSeconds: fc.integer({ min: 1, max: 60 }),
    failureThreshold: fc.integer({ min: 1, max: 60 }),
    initialDelaySeconds: fc.integer({ min: 0, max: 60 }),
  },
  { requiredKeys: ["action"] },
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

/** Services; the load balancers and node ports of each app are its own. */
const services = (name: string, index: number) =>
  fc
    .tuple(
      fc.constantFrom(
        {},
        { type: "ClusterIP" },
        { type: "NodePort" },
        { type: "NodePort", nodePort: 30500 + index },
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
    .map(([service, value]) => (value === undefined ? service : { ...service, affinity: value }));

const kubernetesApi = fc.constantFrom(
  {},
  { rules: [{ apiGroups: [""], resources: ["configmaps"], resourceNames: ["a"], verbs: ["get"] }] },
);

/** All settings of an app with pods, from which {@link withoutConflicts} removes those that exclude each other. */
const podSettings = (name: string, index: number) =>
  fc.record(
    {
      image: fc.constant("ghcr.io/org/app:v1.0.0"),
      protocol: fc.constantFrom("http", "grpc", "tcp", "udp"),
      port: somePort,
      servicePort: fc.integer({ min: 1, max: 65535 }),
      ports,
      leadsToFurtherPort: fc.boolean(),
      hasWebhook: fc.boolean(),
      kubernetesApi,
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
      files: fc.constant({ "/etc/app/config.yaml": "a: 1\n" }),
      pod: fc.constant({
        imagePullSecrets: [{ name: "registry" }],
        volumes: [{ name: "cache", emptyDir: {} }],
      }),
      container: fc.constant({ args: ["serve"], volumeMounts: [{ name: "cache", mountPath: "/cache" }] }),
      service: fc.oneof({ arbitrary: services(name, index), weight: 3 }, fc.constant({ type: "Headless" })),
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
      tls: fc.constantFrom(
        { serverName: "app.example.org", caSecret: "app-ca" },
        { serverName: "app.example.org", caConfigMap: "app-ca" },
        { insecureSkipVerify: true },
      ),
    },
    { requiredKeys: ["image", "port"] },
  );

type PodSettings = ReturnType<typeof podSettings> extends fc.Arbitrary<infer All> ? All : never;

/** The settings of {@link podSettings}, and the routes, without those that exclude each other. */
function withoutConflicts(settings: PodSettings, routes: readonly Route[], controller: ControllerName) {
  const { scale, ports: furtherPorts = {}, probes = {}, leadsToFurtherPort, hasWebhook, ...rest } = settings;
  const {
    healthPath,
    protocol: anyProtocol,
    service: anyService,
    servicePort,
    canary,
    traffic,
    serviceProfile,
    tls,
    ...common
  } = rest;
  const isRouted = routes.length > 0;
  const isBalanced = anyService !== undefined && "type" in anyService && anyService.type === "LoadBalancer";
  const isRaw = anyProtocol === "tcp" || anyProtocol === "udp";
  const protocol = (isRouted && isRaw) || (isBalanced && anyProtocol === "udp") ? "http" : anyProtocol;
  const wantsHeadless = anyService !== undefined && "type" in anyService && anyService.type === "Headless";
  const isHeadless = wantsHeadless && !isRouted;
  const service = wantsHeadless && isRouted ? {} : anyService;
  const hasRequests = protocol !== "tcp" && protocol !== "udp" && !isHeadless;
  const isInMesh = hasRequests && settings.meshed !== false;
  const isSplitByIngress = controller !== "traefik" && routes.some((each) => !each.redirect);
  const hasCanary = canary !== undefined && hasRequests && (settings.meshed !== false || isSplitByIngress);
  const ownServicePort = isHeadless ? undefined : servicePort;
  const ports = Object.entries(furtherPorts).filter(
    ([, port]) =>
      numberOf(port) !== settings.port && numberOf(port) !== ownServicePort && !(isBalanced && isUdp(port)),
  );
  const [first] = ports
    .filter(([, port]) => !isUdp(port))
    .map(([name, port]) => [name, numberOf(port)] as const);
  const [furtherPort, its] =
    (leadsToFurtherPort === true && ports.find(([, port]) => speaksHttp(port))) || [];
  const routedProtocol = its === undefined ? protocol : typeof its === "object" ? its.protocol : "?";
  const webhook = hasWebhook === true ? ports.find(([, port]) => typeof port === "number")?.[0] : undefined;
  const withPort = (route: Route) => (route.redirect ? route : { ...route, port: furtherPort });
  // With a limit Traefik passes on no stream.
  const hasLimit = controller === "nginx" || routedProtocol !== "grpc";
  const withLimit = (route: Route) => (hasLimit ? route : { ...route, maxBodySize: undefined });
  const hasProfile = isInMesh && traffic === undefined && !hasCanary;
  // The mesh sees no requests in it.
  const isOpaque =
    settings.meshed === false ||
    (!(hasCanary || traffic || serviceProfile || settings.healthPath) &&
      !Object.values(probes).some(({ action }) => "path" in action));
  // ingress-nginx verifies only HTTP, by a CA in a Secret.
  const isVerifiable =
    controller !== "nginx" || !isRouted || (protocol !== "grpc" && tls && "caSecret" in tls);
  const hasTls =
    ![protocol === "tcp", protocol === "udp", furtherPort !== undefined].includes(true) &&
    isOpaque &&
    (isVerifiable || (tls && "insecureSkipVerify" in tls));
  return {
    ...common,
    ...scale,
    ...(tls !== undefined && hasTls && { tls }),
    ...(protocol !== undefined && { protocol }),
    ...(healthPath !== undefined && protocol !== "udp" && { healthPath }),
    ...(service !== undefined && { service }),
    ...(ownServicePort !== undefined && { servicePort: ownServicePort }),
    ports: Object.fromEntries(ports),
    ...(webhook !== undefined && { webhooks: [webhook] }),
    probes: Object.fromEntries(
      (protocol === "udp" ? [] : Object.entries(probes)).map(
        ([kind, { action, isMain = true, ...timing }]) => [
          kind,
          { ...action, ...timing, ...(!isMain && first && { port: first[timing.periodSeconds ? 0 : 1] }) },
        ],
      ),
    ),
    ...(hasCanary && { canary }),
    ...(isInMesh && traffic !== undefined && { traffic }),
    ...(hasProfile && serviceProfile !== undefined && { serviceProfile }),
    // For a session, Traefik connects to the pods of one Service.
    routes: routes
      .map(withPort)
      .map(withLimit)
      .map((each) => (hasCanary && controller === "traefik" ? { ...each, sticky: undefined } : each)),
  };
}

/** An app with pods that only calls. */
export const worker = fc
  .record(
    {
      image: fc.constant("ghcr.io/org/worker:v1.0.0"),
      replicas: fc.integer({ min: 0, max: 5 }),
      meshed: fc.boolean(),
      files: fc.constant({ "/etc/worker.yaml": "a: 1\n" }),
      container: fc.constant({ livenessProbe: { exec: { command: ["true"] } } }),
      egress,
      kubernetesApi,
    },
    { requiredKeys: ["image"] },
  )
  .map((settings) => ({ ...settings, routes: [] }));

/** An app with pods. */
export const ownApp = (
  name: string,
  index: number,
  routes: fc.Arbitrary<readonly Route[]>,
  controller: ControllerName,
) =>
  fc
    .tuple(podSettings(name, index), routes)
    .map(([settings, appRoutes]) => withoutConflicts(settings, appRoutes, controller));
