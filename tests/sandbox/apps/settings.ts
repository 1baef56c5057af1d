import { settingsOf, type Settings } from "../start";

const given = settingsOf("prod", "apps") as Readonly<Record<string, Settings>>;

/** The second version of an app in the mesh, with this share of its requests. */
const canary = (weight: number) => ({ image: "ghcr.io/org/auth:v2.0.0", weight });

/** All traffic settings by annotation, and every kind of egress. */
const authService = {
  ...given["auth-service"],
  ports: { metrics: 9090 },
  autoscaling: { min: 2, max: 6, cpuPercent: 70 },
  canary: canary(20),
  traffic: {
    timeouts: { request: "5s" },
    retry: { http: ["5xx"], limit: 2 },
    circuitBreaking: { maxFailures: 5 },
    routes: [{ name: "users", method: "GET", path: "/v1/users", timeouts: { request: "1s" } }],
  },
  egress: [
    { host: "api.stripe.com", ports: [443] },
    { cidr: "203.0.113.0/24", ports: [5432] },
  ],
  routes: [{ host: "auth.example.com" }],
};

/** And in the older way. */
const userService = {
  ...given["user-service"],
  serviceProfile: {
    routes: [
      {
        name: "GET /v1/users/{id}",
        method: "GET",
        pathRegex: "/v1/users/[^/]+",
        timeout: "5s",
        isRetryable: true,
      },
    ],
    retryBudget: { retryRatio: 0.2, minRetriesPerSecond: 10, ttl: "10s" },
  },
};

/** Not in the mesh, and reached at the nodes. */
const legacy = {
  image: "ghcr.io/org/legacy:v1",
  port: 8081,
  meshed: false,
  service: { type: "NodePort", nodePort: 32000, affinity: { seconds: 3600 } },
  calls: ["payments", "user-service"],
};

/** Not in the mesh either, and as many pods from the first as the load asks for. */
const docs = {
  image: "ghcr.io/org/docs:v1",
  port: 8080,
  meshed: false,
  autoscaling: { min: 2, max: 4, cpuPercent: 80 },
  routes: [{ host: "docs.example.com" }],
};

const everyApp = {
  ...given,
  "auth-service": authService,
  "user-service": userService,
  legacy,
  docs,
  payments: { service: { type: "ExternalName", externalName: "payments.example.net" }, port: 443 },
  viz: {
    existing: true,
    namespace: "linkerd-viz",
    serviceName: "web",
    port: 8084,
    podLabels: { component: "web" },
    routes: [{ host: "linkerd.example.com", basicAuth: { users: ["admin"] } }],
  },
};

/** Every kind of app, in a cluster and a mesh that are closed but for what is declared. */
export const rich: Settings = {
  cilium: { clusterDefaultDeny: true },
  mesh: {
    defaultInboundPolicy: "deny",
    tracing: {
      endpoint: "collector.observability:4317",
      meshIdentity: { serviceAccountName: "collector", namespace: "observability" },
    },
  },
  apps: everyApp,
};

/** Half of the requests are the canary's. */
const halved = { ...everyApp, "auth-service": { ...authService, canary: canary(50) } };
export const half: Settings = { apps: halved };

const calling = { ...halved, legacy: { ...legacy, calls: [...legacy.calls, "admin"] } };
/** Who is outside of the mesh calls one more app that is in it. */
export const oneMoreCall: Settings = { apps: calling };

const docsWithCanary = {
  ...docs,
  image: "ghcr.io/org/docs:v1.1",
  canary: { image: "ghcr.io/org/docs:v2", weight: 30 },
};
const twoCanaries = { ...calling, docs: docsWithCanary };
/** A Gateway in place of the Ingress objects, and with it a canary outside of the mesh; the cluster opened again, and nothing protected. */
export const throughGateway: Settings = {
  ingress: { controller: "gateway" },
  // On a Gateway, Traefik cannot ask for a client certificate.
  originLock: { clientCertificate: false },
  cilium: { clusterDefaultDeny: false },
  // Else the end would have to begin with an up that lifts it.
  protect: false,
  apps: twoCanaries,
};

/** The canary in the mesh gone, and the cluster closed again. */
export const withoutCanary: Settings = {
  cilium: { clusterDefaultDeny: true },
  apps: { ...twoCanaries, "auth-service": { ...authService, canary: undefined } },
};
