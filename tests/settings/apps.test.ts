import { rejects, rejectsUnder, accepts } from "./configurations";

const app = (routes: readonly object[]) => ({ image: "x:1", port: 80, routes });

describe("invalid apps", () => {
  rejectsUnder("apps.admin", [
    'image: got "nginx", want an image with its tag or digest, such as ghcr.io/org/api:v1.0.0',
    'healthPath: got "health", want a path, such as /health',
    'resources.memory: got "lots", want a Kubernetes quantity, such as 100m or 128Mi',
    "env.PORT: got 80, want a string: quote it, since YAML reads unquoted digits as a number",
    "env.A-B: is not a valid name, want the name of an environment variable",
    "calls.0: got auth, want the name of an app: api-gateway, web-frontend, admin, grafana, auth-service, user-service",
    "routes.0.host: got admin.example.org, want example.com or a name in it",
    "routes.0.host: got notexample.com, want example.com or a name in it",
    "routes.0.host: got a.b.example.com, " +
      "want at most one name before example.com, or certificate: own: the wildcard is for *.example.com",
    "routes.0.paths: got [], want at least one",
  ]);
  rejectsUnder("apps.admin", {
    "routes.0.paths: got /v1/ of api.example.com, which is routed to api-gateway already; want one app per path":
      { "apps.admin.routes.0": { host: "api.example.com", paths: [{ path: "/v1/" }] } },
    "routes.1.host: got admin.example.com a second time, want one route with all its paths": {
      "apps.admin.routes.1": { host: "admin.example.com", paths: [{ path: "/x" }] },
    },
  });
  rejects(['apps: got "[1", want keys and values']);
  rejects({
    "apps.My_App: is not a valid name, want lower-case letters, digits and dashes, a letter first, 63 at most":
      { "apps.My_App": { image: "x:1", port: 80 } },
    "apps.admin.routes.0.basicAuth.users: got ann a second time, want it once": {
      "apps.admin.routes.0.basicAuth.users": ["ann", "ann"],
    },
    "apps.api.routes.0.host: got gateway-api.example.com, whose objects would have the same names as those of api.example.com of api-gateway; want another host or app name":
      { "apps.api": app([{ host: "gateway-api.example.com" }]) },
  });
  const paths = [
    { path: "/v1", pathType: "Exact" },
    { path: "/v10", pathType: "Prefix" },
  ];
  accepts([
    { "apps.admin.healthPath": "/" },
    { "apps.admin.image": "x:1" },
    { "apps.admin.image": "x@sha256:0" },
    ...["1", "0.5Gi", "128Mi"].map((memory) => ({ "apps.admin.resources.memory": memory })),
    { "apps.admin.routes.0.rateLimit": { requests: 1, period: "1h30m" } },
    // Paths of one host in several apps, and the same path once as prefix and once exactly.
    { "apps.admin.routes.0": { host: "api.example.com", paths } },
  ]);
});
