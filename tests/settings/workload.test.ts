import { rejects, rejectsUnder, accepts, type Changes } from "./configurations";

const image = "ghcr.io/org/app:v1.0.0";

/** Changes of the app `admin`, which has a route and no callers. */
const admin = (given: object): Changes =>
  Object.fromEntries(Object.entries(given).map(([path, value]) => [`apps.admin.${path}`, value]));

/** Of an app of its own. */
const other = (given: object): Changes => ({ "apps.other": { port: 3000, ...given } });

const existing =
  "cannot be combined with existing: true: this program creates neither its pods nor its Service";
const made =
  "requires existing: true, since a Service that this program creates has the app's name and labels, in the namespace of the apps";
const elsewhere =
  "cannot be combined with service.type ExternalName: it has no pods, it is a DNS name for a host elsewhere";
const external = { type: "ExternalName", externalName: "db.example.org" };

const ofPods: readonly [word: string, value: unknown][] = [
  ["image", image],
  ["replicas", 1],
  ["autoscaling", { max: 3 }],
  ["healthPath", "/health"],
  ["probes", { liveness: { tcp: true } }],
  ["drainSeconds", 5],
  ["resources", {}],
  ["resources", { cpu: "1" }],
  ["env", { A: "b" }],
  ["secrets", { A: { secret: "a", key: "b" } }],
  ["files", { "/etc/a": "b" }],
  ["pod", { nodeSelector: {} }],
  ["container", { args: [] }],
  ["canary", { image, weight: 1 }],
];

const workers = "requires port: without one the app only calls";

describe("apps with TLS", () => {
  const verified = { serverName: "admin.example.org", caSecret: "admin-ca" };
  const noProbe =
    "cannot be combined with tls, since the proxy of a meshed pod denies an HTTPS probe; want none, so that the probe only " +
    "opens the port, another port, an exec probe in container, or meshed: false";
  const tls = (given: object, more: object = {}): Changes => other({ image, tls: given, ...more });
  rejectsUnder("apps.other", [
    ...[
      {},
      { serverName: "a.example.org" },
      { caSecret: "a" },
      { caSecret: "a", insecureSkipVerify: true },
    ].map((given): [Changes, string] => [
      tls(given),
      `tls: got ${JSON.stringify(given)}, want serverName with caSecret or caConfigMap, or insecureSkipVerify: true alone`,
    ]),
    [tls({ insecureSkipVerify: false }), "tls.insecureSkipVerify: got false, want true"],
    [
      tls(verified, { protocol: "tcp" }),
      "tls: cannot be combined with protocol: tcp, which is forwarded as it is; want none, or protocol: http or grpc",
    ],
    [
      tls(verified, { canary: { image, weight: 5 } }),
      "canary: cannot be combined with tls, since the mesh sees no requests to split in it; want meshed: false, or none",
    ],
    [
      tls(verified, { traffic: { retry: {} } }),
      "traffic: cannot be combined with tls: the mesh sees no requests in it; want none of tls",
    ],
    [
      tls(verified, {
        ports: { console: { port: 9001, protocol: "http" } },
        routes: [{ host: "other.example.com", port: "console" }],
      }),
      "routes.0.port: got console, but tls is the TLS of port 3000; want none, or an app without tls",
    ],
    [tls(verified, { healthPath: "/up" }), `healthPath: ${noProbe}`],
    [tls(verified, { probes: { readiness: { path: "/up" } } }), `probes.readiness.path: ${noProbe}`],
    [
      tls(verified, { probes: { readiness: { path: "/up", port: "http" } } }),
      `probes.readiness.path: ${noProbe}`,
    ],
    [
      { ...other({ existing: true, tls: verified, routes: [{ host: "other.example.com" }] }) },
      "tls: cannot be combined with existing: true, since Traefik reads it from the Service, which is managed elsewhere; want none, or ingress.controller nginx or gateway",
    ],
    [{ "apps.other": { image, tls: verified } }, `tls: ${workers}`],
    [{ "apps.other": { port: 3000, service: external, tls: verified } }, `tls: ${elsewhere}`],
  ]);
  accepts([
    tls(verified, { routes: [{ host: "other.example.com" }], protocol: "grpc" }),
    tls(
      { insecureSkipVerify: true },
      { meshed: false, healthPath: "/up", probes: { startup: { path: "/" } } },
    ),
    tls(verified, { ports: { metrics: 9090 }, probes: { liveness: { path: "/up", port: "metrics" } } }),
    other({ existing: true, tls: verified }),
    {
      ...other({ existing: true, tls: verified, routes: [{ host: "other.example.com" }] }),
      "ingress.controller": "nginx",
    },
  ]);
});

describe("apps without a port", () => {
  const worker = (changes: object): Changes => ({ "apps.worker": { image, ...changes } });
  rejectsUnder("apps.worker", {
    [`routes: ${workers}`]: worker({ routes: [{ host: "worker.example.com" }] }),
    [`ports: ${workers}`]: worker({ ports: { metrics: 9090 } }),
    [`healthPath: ${workers}`]: worker({ healthPath: "/" }),
    [`service: ${workers}`]: worker({ service: { type: "NodePort" } }),
    [`traffic: ${workers}`]: worker({ traffic: { retry: {} } }),
    "probes.liveness: requires port; want an exec probe in container, such as livenessProbe": worker({
      probes: { liveness: { periodSeconds: 5 } },
    }),
    "port: is missing, want the port of the host elsewhere": {
      "apps.worker": { service: { type: "ExternalName", externalName: "db.example.net" } },
    },
  });
  rejects({
    "apps.admin.calls.0: got worker, which listens on no port; want an app with port": {
      ...worker({}),
      "apps.admin.calls": ["worker"],
    },
  });
  accepts([
    worker({ calls: ["admin"], container: { livenessProbe: { exec: { command: ["true"] } } } }),
    { "apps.job": { existing: true, podLabels: { job: "x" }, calls: ["admin"] } },
  ]);
});

describe("fields of pods in Kubernetes' spelling", () => {
  rejectsUnder("apps.admin", {
    "pod.hostNetwork: is set by the program: the pod's own network is what policies and mesh work on": {
      "apps.admin.pod": { hostNetwork: true },
    },
    "pod.terminationGracePeriodSeconds: is set by the program: want drainSeconds": {
      "apps.admin.pod": { terminationGracePeriodSeconds: 60 },
    },
    "container.image: is set by the program: want image": { "apps.admin.container": { image } },
    "pod.volumes.0.hostPath: gives the pod a part of its node, want none of it, or protect: false": {
      "apps.admin.pod": { volumes: [{ name: "root", hostPath: { path: "/" } }] },
    },
    "container.securityContext.privileged: gives the pod a part of its node, want none of it, or protect: false":
      {
        "apps.admin.container": { securityContext: { privileged: true } },
      },
    "files.config.yaml: is not a valid name, want the absolute path of a file, such as /etc/app/config.yaml":
      {
        "apps.admin.files": { "config.yaml": "" },
      },
    "files./etc/../passwd: is not a valid name, want the absolute path of a file, such as /etc/app/config.yaml":
      {
        "apps.admin.files": { "/etc/../passwd": "" },
      },
    "files: got {}, want at least one file": { "apps.admin.files": {} },
    "probes.liveness: has off: true and other keys, want one of the two": {
      "apps.admin.probes": { liveness: { off: true, tcp: true } },
    },
  });
  accepts([
    { "apps.admin.pod": { volumes: [{ name: "root", hostPath: { path: "/" } }] }, protect: false },
    {
      "apps.admin.files": { "/etc/.app/a_b-c.yaml": "x" },
      "apps.admin.probes": { readiness: { off: true } },
    },
  ]);
});

describe("invalid kinds of apps", () => {
  rejectsUnder("apps.other", {
    "image: is missing, want an image with its tag or digest, such as ghcr.io/org/api:v1.0.0; or existing: true for an existing Service, or service.type: ExternalName for a host elsewhere":
      other({}),
    "image: got 3, want a string: quote it, since YAML reads unquoted digits as a number": other({
      image: 3,
    }),
    [`service: ${existing}`]: other({ existing: true, service: { type: "ClusterIP" } }),
    [`protocol: ${existing}`]: other({ existing: true, protocol: "http" }),
    [`calls: ${elsewhere}`]: other({ service: external, calls: ["admin"] }),
    [`routes: ${elsewhere}`]: other({ service: external, routes: [{ host: "db.example.com" }] }),
    [`namespace: ${made}`]: other({ service: external, namespace: "x" }),
    "podLabels: got {}, want at least one label": other({ existing: true, podLabels: {} }),
    "podLabels.a/b/c: is not a valid name, want a label key": other({
      existing: true,
      podLabels: { "a/b/c": "x" },
    }),
    'podLabels.app: got "x y", want a label value': other({ existing: true, podLabels: { app: "x y" } }),
    'namespace: got "Monitoring", want lower-case letters, digits and dashes, a letter first, 63 at most':
      other({ existing: true, namespace: "Monitoring" }),
    'serviceAccount: got "A", want lower-case letters, digits, dashes and dots: Kubernetes accepts no others':
      other({ existing: true, serviceAccount: "A" }),
  });
  rejects([
    ...ofPods.flatMap(([word, value]) => [
      [other({ existing: true, [word]: value }), `apps.other.${word}: ${existing}`] as const,
      [other({ service: external, [word]: value }), `apps.other.${word}: ${elsewhere}`] as const,
    ]),
  ]);
  rejects({
    [`apps.admin.namespace: ${made}`]: admin({ namespace: "monitoring" }),
    [`apps.admin.podLabels: ${made}`]: admin({ podLabels: { app: "x" } }),
    [`apps.admin.serviceAccount: ${made}`]: admin({ serviceAccount: "x" }),
    [`apps.admin.serviceName: ${made}`]: admin({ serviceName: "x" }),
  });
  accepts([
    other({ image }),
    other({ image, existing: false }),
    other({ existing: true }),
    other({ existing: true, namespace: "monitoring", serviceName: "web", podLabels: { "a.b/c": "" } }),
    other({ existing: true, env: {}, secrets: {}, probes: {} }),
    other({ existing: true, ports: { http: 3000 }, servicePort: 80 }),
    other({ existing: true, routes: [{ host: "other.example.com" }], calls: ["admin"] }),
    other({ service: external }),
    other({ service: external, protocol: "tcp" }),
    { ...other({ service: external }), "apps.admin.calls": ["other"] },
  ]);
});

describe("an existing app that selects the pods of another app", () => {
  const overAdmin = (given: object): Changes =>
    other({ existing: true, podLabels: { app: "admin" }, ...given });
  const whose = "its podLabels select the pods of admin";
  rejects({
    [`apps.other.meshed: got false, want true: ${whose}, whose meshed is true`]: overAdmin({ meshed: false }),
    [`apps.other.meshed: got true, want false: ${whose}, whose meshed is false`]: {
      ...overAdmin({}),
      "apps.admin.meshed": false,
    },
    [`apps.other.serviceAccount: got theirs, want none: ${whose}, which have the ServiceAccount admin`]:
      overAdmin({ serviceAccount: "theirs" }),
  });
  accepts([
    overAdmin({}),
    { ...overAdmin({ meshed: false }), "apps.admin.meshed": false },
    overAdmin({ namespace: "monitoring", meshed: false, serviceAccount: "theirs" }),
    overAdmin({ podLabels: { app: "another" }, meshed: false, serviceAccount: "theirs" }),
  ]);
});

describe("invalid replicas and autoscaling", () => {
  rejectsUnder("apps.admin.autoscaling", {
    ": cannot be combined with replicas, set exactly one of the two": admin({
      replicas: 2,
      autoscaling: { max: 3 },
    }),
    ": got min 4 and max 3, want min up to max": admin({ autoscaling: { min: 4, max: 3 } }),
    ": got min 2 and max 1, want min up to max": admin({ autoscaling: { max: 1 } }),
  });
  accepts([admin({ autoscaling: { max: 2 } }), admin({ autoscaling: { min: 3, max: 3 } })]);
});

const udpApp = { image: "ghcr.io/org/turn:v1.0.0", port: 3478, protocol: "udp" };

describe("invalid ports", () => {
  const name = "want lower-case letters, digits and single dashes, at least one letter, 15 at most";
  rejectsUnder("apps.admin.ports", [
    ...["Metrics", "a--b", "-a", "90", "abcdefghijklmnop"].map(
      (bad) => [admin({ ports: { [bad]: 9090 } }), `${bad}: is not a valid name, ${name}`] as const,
    ),
    "metrics: got 0, want 1 to 65535",
    "metrics: got 8080, which is port already, want another",
  ]);
  rejectsUnder("apps.admin.ports", {
    "http: is the name of port 8080, by its protocol, want another": admin({ ports: { http: 9090 } }),
    "grpc: is the name of port 8080, by its protocol, want another": admin({
      protocol: "grpc",
      ports: { grpc: 9090 },
    }),
    "metrics: got 80, which the Service offers as servicePort already, want another": admin({
      servicePort: 80,
      ports: { metrics: 80 },
    }),
    "admin: got 9090, which is ports.metrics already, want another": admin({
      ports: { metrics: 9090, admin: 9090 },
    }),
    'ssh: got "sctp", want a port from 1 to 65535, or {port, protocol} with protocol http, grpc, tcp or udp':
      admin({
        ports: { ssh: "sctp" },
      }),
    "dns: got 53, which is ports.turn already, want another": admin({
      ports: { turn: { port: 53, protocol: "udp" }, dns: { port: 53, protocol: "udp" } },
    }),
  });
  accepts([
    admin({ ports: { metrics: 9090, "a-1": 9091, abcdefghijklmno: 65535 } }),
    admin({ protocol: "grpc", ports: { http: 9090 } }),
    // TCP and UDP have their own numbers.
    admin({ ports: { dns: { port: 8080, protocol: "udp" }, ssh: { port: 2222, protocol: "tcp" } } }),
  ]);
  rejects({
    "apps.turn.healthPath: cannot be combined with protocol: udp, which no probe speaks; want probes with the path and a TCP port":
      { "apps.turn": { ...udpApp, healthPath: "/health" } },
    "apps.turn.probes.liveness: requires port; want an exec probe in container, such as livenessProbe": {
      "apps.turn": { ...udpApp, probes: { liveness: {} } },
    },
    "apps.turn.probes.liveness.port: got udp, want a port that the app declares: 9090 (metrics)": {
      "apps.turn": { ...udpApp, ports: { metrics: 9090 }, probes: { liveness: { port: "udp" } } },
    },
    "apps.turn.service.type: got LoadBalancer with the UDP port 3478, but Hetzner's load balancers forward no UDP; want type: NodePort":
      {
        "apps.turn": {
          ...udpApp,
          service: { type: "LoadBalancer", loadBalancer: { name: "turn", location: "fsn1" } },
        },
      },
  });
  accepts([
    {
      "apps.turn": {
        ...udpApp,
        ports: { tcp: { port: 3478, protocol: "tcp" } },
        probes: { liveness: { port: "tcp" } },
        service: { type: "NodePort", nodePort: 30478 },
      },
    },
  ]);
});

describe("the Kubernetes API as callee and as caller", () => {
  const rules = [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get"] }];
  const theirs = { existing: true, podLabels: { "cnpg.io/cluster": "main" }, port: 5432 };
  const ports = { hook: 9443, rpc: { port: 50051, protocol: "grpc" } };
  const wantPort =
    "want a port that the app declares with protocol tcp, or in ports without one: the API server calls webhooks by TLS";
  rejects({
    "apps.db.kubernetesApi.rules: cannot be combined with existing: true: another program gives its ServiceAccount permissions; want kubernetesApi: {}":
      { "apps.db": { ...theirs, kubernetesApi: { rules } } },
    "apps.admin.kubernetesApi.rules.0.verbs: is missing, want a list": admin({
      kubernetesApi: { rules: [{ apiGroups: [""], resources: ["configmaps"] }] },
    }),
    [`apps.admin.webhooks.0: got http, ${wantPort}`]: admin({ ports, webhooks: ["http"] }),
    [`apps.admin.webhooks.0: got 50051, ${wantPort}`]: admin({ ports, webhooks: [50051] }),
    [`apps.admin.webhooks.0: got 9444, ${wantPort}`]: admin({ ports, webhooks: [9444] }),
  });
  accepts([
    admin({ ports, webhooks: ["hook"], kubernetesApi: { rules } }),
    { "apps.db": { ...theirs, kubernetesApi: {}, webhooks: [5432], calls: ["db"] } },
  ]);
});

describe("invalid probes", () => {
  rejectsUnder("apps.admin.probes", [
    "readiness.port: got 9091, want a port that the app declares: 8080 (http)",
    "readiness.port: got true, want the number or the name of a port",
    'readiness.path: got "up", want a path, such as /health',
  ]);
  rejectsUnder("apps.admin.probes", {
    "liveness.port: got health, want a port that the app declares: 8080 (http), 9090 (metrics)": admin({
      ports: { metrics: 9090 },
      probes: { liveness: { port: "health" } },
    }),
    // The port of the Service is not the container's.
    "startup.port: got 80, want a port that the app declares: 8080 (http)": admin({
      servicePort: 80,
      probes: { startup: { port: 80 } },
    }),
    "liveness: got both path /up and tcp, set exactly one of the two": admin({
      probes: { liveness: { path: "/up", tcp: true } },
    }),
  });
  accepts([
    ...[8080, "http", 9090, "metrics"].map((port) =>
      admin({ ports: { metrics: 9090 }, probes: { readiness: { port, successThreshold: 1 } } }),
    ),
    admin({ probes: { startup: { tcp: true } } }),
  ]);
});

describe("invalid environment variables", () => {
  const token = { secret: "api", key: "token" };
  rejectsUnder("apps.admin.secrets.TOKEN", [': got "x", want keys and values']);
  rejectsUnder("apps.admin.secrets.TOKEN", {
    ": is set in env as well, set it in exactly one of the two": admin({
      env: { TOKEN: "x" },
      secrets: { TOKEN: token },
    }),
    'secret: got "my secret", want the name of a Secret in the app\'s namespace': admin({
      secrets: { TOKEN: { ...token, secret: "my secret" } },
    }),
    'key: got "a b", want a key of the Secret': admin({ secrets: { TOKEN: { ...token, key: "a b" } } }),
  });
  rejects({
    "apps.admin.secrets.A-B: is not a valid name, want the name of an environment variable": admin({
      secrets: { "A-B": token },
    }),
  });
  accepts([admin({ env: { A: "x" }, secrets: { TOKEN: token, _b: { secret: "a.b", key: ".x_Y-1" } } })]);
});

describe("invalid canaries", () => {
  const canary = { image, weight: 10 };
  const unmeshed =
    "cannot be set on an app without mesh, since Traefik does not split the requests of an Ingress; only the mesh does; " +
    "want meshed: true, or ingress.controller nginx or gateway";
  const long = "a".repeat(57);
  rejectsUnder("apps.admin.canary", {
    'image: got "x", want an image with its tag or digest, such as ghcr.io/org/api:v1.0.0': admin({
      canary: { ...canary, image: "x" },
    }),
    ": its name is admin-canary, and so is another app's; want another name for that one": {
      ...admin({ canary }),
      "apps.admin-canary": { image, port: 80 },
    },
    [`: ${unmeshed}`]: admin({ canary, meshed: false }),
  });
  rejects({
    [`apps.${long}.canary: its name is ${long}-canary, too long for a Service; want an app name of at most 56 characters`]:
      { [`apps.${long}`]: { image, port: 80, canary } },
    "apps.other.canary: cannot be set on an app without mesh and without route, since nothing could split its requests; want meshed: true, or none":
      other({ image, canary, meshed: false }),
    "apps.other.canary: cannot be combined with protocol: tcp, which has no requests to split": other({
      image,
      canary,
      protocol: "tcp",
    }),
    "apps.other.canary: cannot be combined with service.type Headless, whose callers select a pod themselves; want type: ClusterIP":
      other({ image, canary, service: { type: "Headless" } }),
    "apps.admin.routes.0.sticky: cannot be combined with canary, since for a session Traefik connects to the pods of one Service and bypasses the mesh, which splits the requests; want exactly one of them, or ingress.controller nginx or gateway":
      admin({ canary, "routes.0.sticky": { cookie: "session" } }),
  });
  const withNginx = { "ingress.controller": "nginx" };
  accepts([
    ...[0, 100].map((weight) => admin({ canary: { image, weight, replicas: 0 } })),
    { [`apps.${long.slice(1)}`]: { image, port: 80, canary } },
    { ...admin({ canary, meshed: false }), ...withNginx, "apps.api-gateway.routes.0.rateLimit": undefined },
    // Without a canary there is nothing to clash with.
    { "apps.admin-canary": { image, port: 80 } },
    other({ image, canary, protocol: "grpc" }),
  ]);
});

describe("errors beside an invalid app", () => {
  rejects([
    [
      { ...admin({ probes: { liveness: { port: 1 } } }), "apps.grafana.port": 0 },
      "apps.grafana.port: got 0, want 1 to 65535",
      "apps.admin.probes.liveness.port: got 1, want a port that the app declares: 8080 (http)",
    ],
  ]);
  rejects({
    "apps.grafana.port: got 0, want 1 to 65535": { "apps.grafana.port": 0, "apps.grafana.image": undefined },
    'ingress.controller: got "haproxy", want traefik, nginx or gateway': {
      ...admin({ canary: { image, weight: 1 }, meshed: false }),
      "ingress.controller": "haproxy",
    },
  });
});
