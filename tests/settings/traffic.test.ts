import { rejects, rejectsUnder, accepts } from "./configurations";

const traffic = (given: object, more: object = {}) => ({ "apps.admin.traffic": given, ...more });
const routes = (...given: object[]) => traffic({ routes: given });
const users = { name: "users", path: "/v1/users" };

const profile = (given: object) => ({ "apps.admin.serviceProfile": given });
const route = { name: "GET /v1/users/{id}", method: "GET", pathRegex: "/v1/users/[^/]+" };

const period = "want a Go duration, such as 1m or 90s";
const expression =
  "want a regular expression for the whole path, without lookaround and backreferences, such as /v1/users/[^/]+";

describe("invalid traffic", () => {
  rejectsUnder("apps.admin.traffic", [
    ...["5", "5 s", "-1s", "1.5s"].map((request) => `timeouts.request: got "${request}", ${period}`),
    'timeouts.idle: got "0s", want a Go duration longer than zero, such as 1m or 90s',
    ...["4xx", "600", "50", "500-"].map(
      (status) =>
        `retry.http.0: got "${status}", want 5xx, gateway-error, a status or a range of them such as 500-504`,
    ),
    'retry.http.0: got "504-500", want a range that begins with the lower status, such as 500-504',
    "retry.http: got [], want at least one",
    ...["v1", "/a#b", "/v1/[^/]+"].map(
      (path) =>
        [
          routes({ name: "x", path }),
          `routes.0.path: got "${path}", want a path, such as /v1, or pathType RegularExpression`,
        ] as const,
    ),
    ...["/a(", "/a(?=b)", "/(a)\\1"].map(
      (path) =>
        [
          routes({ name: "x", path, pathType: "RegularExpression" }),
          `routes.0.path: got ${JSON.stringify(path)}, ${expression}`,
        ] as const,
    ),
  ]);
  rejectsUnder("apps.admin.traffic", {
    "retry.timeout: got 2000ms, want less than timeouts.request, 2s, which ends all tries together": traffic({
      timeouts: { request: "2s" },
      retry: { timeout: "2000ms" },
    }),
    "routes.0.retry.timeout: got 3s, want less than timeouts.request, 2s, which ends all tries together":
      traffic({ timeouts: { request: "2s" }, routes: [{ ...users, retry: { timeout: "3s" } }] }),
    "circuitBreaking: got minPenalty 61s and maxPenalty 1m, want minPenalty up to maxPenalty": traffic({
      circuitBreaking: { minPenalty: "61s" },
    }),
    "circuitBreaking: got minPenalty 1s and maxPenalty 999ms, want minPenalty up to maxPenalty": traffic({
      circuitBreaking: { maxPenalty: "999ms" },
    }),
    'routes.0.name: got "Users", want lower-case letters, digits and dashes, a letter first, 63 at most':
      routes({ name: "Users", path: "/" }),
    "routes.1.name: got users a second time, want it once": routes(users, { ...users, path: "/v2" }),
    "routes.1.path: got GET Prefix /v1/users a second time, want it once": routes(
      { ...users, method: "GET" },
      { ...users, name: "again", method: "GET" },
    ),
    "routes.1.path: got every method Prefix /v1/users a second time, want it once": routes(users, {
      ...users,
      name: "again",
    }),
  });
  accepts([
    traffic({}),
    traffic({ timeouts: { request: "1m30s", response: "1ms", idle: "24h" } }),
    traffic({ timeouts: { request: "2s" }, retry: { timeout: "1999ms" } }),
    traffic({ retry: { http: ["5xx", "gateway-error", 429, "500-504", "503-503", "100"] } }),
    traffic({ circuitBreaking: {} }),
    traffic({ circuitBreaking: { minPenalty: "1m", maxPenalty: "60s" } }),
    routes(users, { name: "exact", path: "/v1/users", pathType: "Exact" }),
    routes(
      { ...users, method: "GET" },
      { name: "orders", method: "POST", path: "/v1/orders/[^/]+", pathType: "RegularExpression" },
    ),
  ]);
});

describe("a port of an app that Linkerd's proxy has", () => {
  rejects([
    ...[4140, 4143, 4190, 4191].map(
      (port) =>
        [
          { "apps.other": { image: "x:1", port } },
          `apps.other.port: got ${port}, which is a port of Linkerd's proxy in the same pod; want another, or meshed: false`,
        ] as const,
    ),
  ]);
  rejects({
    "apps.other.ports.metrics: got 4191, which is a port of Linkerd's proxy in the same pod; want another, or meshed: false":
      { "apps.other": { image: "x:1", port: 8080, ports: { metrics: 4191 } } },
  });
  accepts([
    { "apps.other": { image: "x:1", port: 4142 } },
    { "apps.other": { image: "x:1", port: 4143, meshed: false, ports: { metrics: 4191 } } },
    { "apps.other": { port: 4143, service: { type: "ExternalName", externalName: "api.example.org" } } },
  ]);
});

describe("invalid ServiceProfiles", () => {
  rejectsUnder("apps.admin.serviceProfile", [
    "routes: got [], want at least one",
    ...["999ms", "60001ms"].map(
      (ttl) =>
        [
          profile({ routes: [route], retryBudget: { ttl } }),
          `retryBudget.ttl: got "${ttl}", want a Go duration from 1s to 1m`,
        ] as const,
    ),
  ]);
  rejectsUnder("apps.admin.serviceProfile", {
    [`routes.0.pathRegex: got "/a(", ${expression}`]: profile({ routes: [{ ...route, pathRegex: "/a(" }] }),
    [`routes.0.timeout: got "5", ${period}`]: profile({ routes: [{ ...route, timeout: "5" }] }),
    "routes.1.name: got GET /v1/users/{id} a second time, want it once": profile({
      routes: [route, { ...route, method: "PUT" }],
    }),
    ": cannot be combined with traffic, which Linkerd then ignores": {
      ...profile({ routes: [route] }),
      ...traffic({ timeouts: { request: "5s" } }),
    },
    ": cannot be combined with canary, which Linkerd then ignores; want traffic instead": {
      ...profile({ routes: [route] }),
      "apps.admin.canary": { image: "x:2", weight: 10 },
    },
  });
  accepts([
    profile({ routes: [route] }),
    ...["1s", "1m"].map((ttl) => profile({ routes: [route], retryBudget: { ttl } })),
  ]);
});

describe("traffic of an app without HTTP in the mesh", () => {
  const reasons: [what: object, why: string][] = [
    [{ meshed: false }, "meshed: false"],
    [
      { service: { type: "Headless" } },
      "service.type Headless: Linkerd does not know its pods as a Service's; want type: ClusterIP",
    ],
    [{ protocol: "tcp" }, "protocol: tcp: the mesh sees no requests in it; want protocol: http or grpc"],
    [
      { image: undefined, service: { type: "ExternalName", externalName: "api.example.org" } },
      "service.type ExternalName: a host elsewhere is not in the mesh",
    ],
    [
      { image: undefined, existing: true },
      "existing: true: another program's Service has its own configuration",
    ],
  ];
  rejects(
    reasons.flatMap(([what, why]) =>
      Object.entries({ traffic: { timeouts: { request: "5s" } }, serviceProfile: { routes: [route] } }).map(
        ([word, given]) =>
          [
            { "apps.other": { image: "x:1", port: 8080, ...what, [word]: given } },
            `apps.other.${word}: cannot be combined with ${why}`,
          ] as const,
      ),
    ),
  );
  accepts([{ "apps.other": { image: "x:1", port: 8080, protocol: "grpc", traffic: { routes: [users] } } }]);
});
