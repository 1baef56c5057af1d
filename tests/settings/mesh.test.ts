import { rejects, rejectsUnder, accepts, type Changes } from "./configurations";

const copies = "each of three copies needs a node of its own";
const wantedEndpoint = "want a host and a port, such as collector.observability:4317";
const wantedUrl =
  "want an http or https URL without a user, such as http://prometheus.monitoring.svc.cluster.local:9090";

const meshIdentity = { serviceAccountName: "collector", namespace: "observability" };
const tracing = (endpoint: string) => ({ "mesh.tracing": { endpoint, meshIdentity } });

const dashboard = (route: object, app: object = {}): Changes => ({
  "apps.linkerd": {
    existing: true,
    namespace: "linkerd-viz",
    serviceName: "web",
    port: 8084,
    routes: [{ host: "linkerd.example.com", ...route }],
    ...app,
  },
});

describe("the settings of the mesh", () => {
  rejects([
    ...[
      "prometheus:9090",
      "ftp://prometheus",
      "http://me@prometheus",
      "http://prometheus/#x",
      "http://a/ b",
      "",
    ].map((url) => `mesh.prometheus: got ${JSON.stringify(url)}, ${wantedUrl}`),
    ...[
      "collector.observability",
      "collector:0",
      "collector:65536",
      "http://collector:4317",
      "Collector:4317",
      ":4317",
    ].map(
      (endpoint) =>
        [
          tracing(endpoint),
          `mesh.tracing.endpoint: got ${JSON.stringify(endpoint)}, ${wantedEndpoint}`,
        ] as const,
    ),
    [
      { "mesh.tracing": { endpoint: "collector:4317" } },
      "mesh.tracing.meshIdentity.serviceAccountName: is missing, want a string",
      "mesh.tracing.meshIdentity.namespace: is missing, want a string",
    ],
  ]);
  rejects({
    [`mesh.ha: got true on one node, want false, or three nodes: ${copies}`]: {
      "mesh.ha": true,
      "cluster.nodes": 1,
    },
    [`mesh.ha: got true on 2 nodes, want false, or three nodes: ${copies}`]: {
      "mesh.ha": true,
      "cluster.nodes": 2,
    },
    "mesh.prometheus: got http://prometheus:9090 with viz: false, but only viz reads it; want mesh.viz: true or no mesh.prometheus":
      { "mesh.viz": false, "mesh.prometheus": "http://prometheus:9090" },
  });

  accepts([
    { "mesh.ha": true, "cluster.nodes": 3 },
    { "mesh.ha": false, "cluster.nodes": 3 },
    { "mesh.ha": false, "cluster.nodes": 1 },
    { "mesh.prometheus": "http://prometheus.monitoring.svc.cluster.local:9090" },
    { "mesh.prometheus": "https://prometheus.example.com/prometheus" },
    ...["collector:1", "collector.observability:4317", "collector.observability.svc.cluster.local:65535"].map(
      tracing,
    ),
  ]);
});

describe("a route to an app in linkerd-viz", () => {
  const noLogin =
    "is missing, want basicAuth, forwardAuth or allowFrom: the apps in linkerd-viz have no authentication";
  const noViz = "got linkerd-viz, which does not exist without viz; want mesh.viz: true or another namespace";

  rejectsUnder("apps.linkerd", [
    [dashboard({}, { serviceName: "prometheus", port: 9090 }), `routes.0.basicAuth: ${noLogin}`],
    [{ "mesh.viz": false, ...dashboard({}) }, `namespace: ${noViz}`, `routes.0.basicAuth: ${noLogin}`],
  ]);
  rejectsUnder("apps.linkerd", {
    [`routes.0.basicAuth: ${noLogin}`]: dashboard({}),
    [`namespace: ${noViz}`]: { "mesh.viz": false, ...dashboard({ basicAuth: { users: ["admin"] } }) },
  });

  accepts([
    dashboard({ basicAuth: { users: ["admin"] } }),
    dashboard({ forwardAuth: { app: "auth-service", path: "/check" } }),
    dashboard({ allowFrom: ["203.0.113.0/24"] }),
    dashboard({ redirect: { to: "example.com" } }),
    dashboard({}, { routes: [] }),
    dashboard({}, { namespace: "monitoring" }),
  ]);
});
