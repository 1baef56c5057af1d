import type { Route } from "../../components/ingress/route";
import { rejects, rejectsUnder, accepts, type Changes } from "./configurations";

const at = "apps.admin.routes.0";
const redirect = { to: "example.org" };
const headerName =
  "the name of a header, such as X-Frame-Options, that does not control the connection itself";

/** The app's host, redirected. */
const redirected = (to: string, more: object = {}, paths?: readonly object[]): Changes => ({
  [at]: { host: "admin.example.com", redirect: { to, ...more }, ...(paths && { paths }) },
});

describe("invalid routes", () => {
  rejectsUnder(at, [
    ...["a", ""].map((path) => `paths.0.path: got "${path}", want a path, such as /v1`),
    ...["example.com", "ftp://example.com", "https://example.com:"].map(
      (origin) =>
        `cors.origins.0: got "${origin}", want an origin with its scheme, such as https://example.com`,
    ),
    ...[
      "example",
      "https://",
      "ftp://example.org",
      "https://user@example.org",
      "https://example.org/#here",
      "https://[2001:db8::1]/",
    ].map((to): [Changes, string] => [
      redirected(to),
      `redirect.to: got "${to}", want a host, such as other.example.com, or a URL, such as https://example.com/new`,
    ]),
    ...["Host", "content-length", "Transfer-Encoding", "X Y", "-X", ""].map(
      (name) => `headers.request.remove.0: got "${name}", want ${headerName}`,
    ),
    `headers.response.set.Upgrade: is not a valid name, want ${headerName}`,
    ...["", " x", "x\ny", "ü"].map(
      (value) =>
        `headers.response.set.X-A: got ${JSON.stringify(value)}, want one line of printable ASCII, such as DENY`,
    ),
    `headers.response: got {"set":{"X-A":"x"},"remove":["x-a"]}, want each header once, either set or removed`,
    `headers: got {"response":{}}, want at least one header in request or response`,
    ...["0Mi", "10M", "10", "1.5Gi"].map(
      (size) => `maxBodySize: got ${JSON.stringify(size)}, want a size in Ki, Mi or Gi, such as 10Mi`,
    ),
    ...["v2", "", "/a$1", "/%20"].map((rewrite): [Changes, string] => [
      { [`${at}.paths`]: [{ path: "/api", rewrite }] },
      `paths.0.rewrite: got "${rewrite}", want a path of letters, digits and - . _ ~ only, such as /v1`,
    ]),
    `timeouts: got {}, want requestSeconds, connectSeconds or both`,
    ...[
      "203.0.113.7/24",
      "203.0.113.7",
      "2001:db8::1/32",
      "2001:db8::/129",
      "fe80::%eth0/64",
      "::ffff:1.2.3.4/95",
    ].map(
      (range) =>
        `allowFrom.0: got "${range}", want a range that begins with its first address, such as 203.0.113.0/24 or 2001:db8::/32`,
    ),
    `allowFrom: got [], want at least one`,
    `sticky.cookie: got "a b", want a name of letters, digits, dashes and underscores`,
  ]);
  rejectsUnder(
    at,
    (["methods", "headers", "exposeHeaders"] as const).map((key): [Changes, string] => [
      { [`${at}.cors`]: { origins: ["https://example.com"], credentials: true, [key]: ["*"] } },
      `cors: got {"origins":["https://example.com"],"credentials":true,"${key}":["*"]}, want each method and header by name: with credentials browsers do not take * for all`,
    ]),
  );
  rejectsUnder(at, {
    'paths.0.rewrite: got "/a/../b", want a path without . or .. as a part of it: the API server rejects them':
      {
        [`${at}.paths`]: [{ path: "/api", rewrite: "/a/../b" }],
      },
    'paths.0: got {"path":"/a%20b","rewrite":"/"}, want with rewrite only letters, digits and - . _ ~ between the slashes of path':
      { [`${at}.paths`]: [{ path: "/a%20b", rewrite: "/" }] },
    "paths.0.rewrite: cannot be combined with redirect, which answers every request": redirected(
      "example.org",
      {},
      [{ path: "/a", rewrite: "/b" }],
    ),
    'rateLimit.period: got "0s", want a Go duration longer than zero, such as 1m or 90s': {
      [`${at}.rateLimit`]: { requests: 1, period: "0s" },
    },
    "allowFrom: cannot be combined with loadBalancer.proxyProtocol: false, by which every client seems to be the load balancer":
      { [`${at}.allowFrom`]: ["203.0.113.0/24"], "loadBalancer.proxyProtocol": false },
  });
  accepts([
    { [`${at}.rateLimit`]: { requests: 1, period: "1ms" } },
    ...["/", "/a/", "/a.b/..c", "/.well-known/x", "/a%20b"].map((path) => ({ [`${at}.paths`]: [{ path }] })),
    ...["http://localhost:3000", "https://192.0.2.1", "https://EXAMPLE.com", "https://*.example.com"].map(
      (origin) => ({
        [`${at}.cors`]: { origins: [origin] },
      }),
    ),
    ...["example.org", "http://example.org", "https://example.org:8443/", "https://b\u00fccher.example"].map(
      (to) => redirected(to),
    ),
    redirected("https://example.org/new?a=b", { keepPath: false }),
    { [`${at}.headers`]: { request: { set: { "X-A": "a b" } }, response: { remove: ["Server"] } } },
    ...["1Ki", "10Mi", "100Mi"].map((size) => ({ [`${at}.maxBodySize`]: size })),
    { [`${at}.timeouts`]: { connectSeconds: 1 } },
    {
      [`${at}.paths`]: [
        { path: "/api", rewrite: "/" },
        { path: "/v1.0/", rewrite: "/v2/" },
      ],
    },
    {
      [`${at}.allowFrom`]: ["0.0.0.0/0", "::/0", "203.0.113.7/32", "2001:db8::1/128", "::ffff:1.2.3.4/126"],
    },
    { [`${at}.sticky`]: { cookie: "__Host-session" } },
    // The wildcard does not cover it, but its own certificate does.
    { [at]: { host: "a.admin.example.com", certificate: "own" }, "dns.proxied": false },
  ]);
});

describe("basicAuth", () => {
  rejectsUnder(at, [
    "basicAuth: got {}, want exactly one of users and secret",
    'basicAuth: got {"users":["ann"],"secret":"htpasswd"}, want exactly one of users and secret',
    [
      { [`${at}.basicAuth`]: { secret: "My_Secret" } },
      'basicAuth.secret: got "My_Secret", want lower-case letters, digits, dashes and dots: Kubernetes accepts no others',
    ],
  ]);
  accepts([{ [`${at}.basicAuth`]: { secret: "htpasswd" } }]);
});

describe("forwardAuth", () => {
  const responseHeaders = ["X-Auth-Request-User"];
  const auth = { app: "auth-service", path: "/oauth2/auth", responseHeaders };
  const forwardAuth = `${at}.forwardAuth`;
  const other = { host: "other.example.com" };
  const open =
    "forwardAuth.responseHeaders: are trusted by admin, which also gets them from visitors of other.example.com; want " +
    "forwardAuth with the same responseHeaders, or headers.request.remove with them there";
  const noSignIn = "want a path, such as /oauth2/start, or a URL, such as https://auth.example.com/start";
  rejectsUnder(at, [
    ...Object.entries({
      'path: got "oauth2", want a path, such as /v1': { path: "oauth2" },
      [`signIn: got "oauth2/start", ${noSignIn}`]: { signIn: "oauth2/start" },
      [`signIn: got "example.com", ${noSignIn}`]: { signIn: "example.com" },
      [`signIn: got "ftp://example.com/", ${noSignIn}`]: { signIn: "ftp://example.com/" },
      [`responseHeaders.0: got "Host", want ${headerName}`]: { responseHeaders: ["Host"] },
    }).map(([message, changed]): [Changes, string] => [
      { [forwardAuth]: { ...auth, ...changed } },
      `forwardAuth.${message}`,
    ]),
    [
      { [forwardAuth]: { ...auth, app: "nobody" } },
      "forwardAuth.app: got nobody, want the name of an app: api-gateway, web-frontend, admin, grafana, auth-service, user-service",
    ],
    [
      { [forwardAuth]: { ...auth, app: "worker" }, "apps.worker": { image: "worker:v1" } },
      "forwardAuth.app: got worker, which listens on no port; want an app with port",
    ],
    ...[
      { image: "auth:v1", port: 9000, protocol: "grpc" },
      { image: "auth:v1", port: 9443, tls: { insecureSkipVerify: true } },
      { port: 443, service: { type: "ExternalName", externalName: "auth.example.net" } },
    ].map((app): [Changes, string] => [
      { [forwardAuth]: { ...auth, app: "sso" }, "apps.sso": app },
      "forwardAuth.app: got sso, which is not asked by HTTP inside the cluster; want an app with pods and protocol: http, without tls",
    ]),
    [{ [forwardAuth]: auth, "apps.admin.routes.1": other }, open],
    [
      {
        [forwardAuth]: { ...auth, responseHeaders: ["X-Other", ...responseHeaders] },
        "apps.admin.routes.1": { ...other, forwardAuth: auth },
      },
      open,
    ],
  ]);
  accepts([
    { [forwardAuth]: auth },
    { [forwardAuth]: { ...auth, signIn: "https://auth.example.com/start?a=b" } },
    { [forwardAuth]: { app: "grafana", path: "/" } },
    // The proxy's own pages, on the host that it protects.
    {
      [forwardAuth]: { ...auth, signIn: "/oauth2/start" },
      "apps.auth-service.routes": [{ host: "admin.example.com", paths: [{ path: "/oauth2" }] }],
    },
    { [forwardAuth]: { ...auth, responseHeaders: [] }, "apps.admin.routes.1": other },
    { [forwardAuth]: auth, "apps.admin.routes.1": { ...other, redirect } },
    {
      [forwardAuth]: auth,
      "apps.admin.routes.1": { ...other, headers: { request: { remove: ["x-auth-request-user"] } } },
    },
  ]);
});

describe("a limit of the body of gRPC", () => {
  const limited = { host: "admin.example.com", maxBodySize: "10Mi" };
  const main = (controller: string) => ({
    "ingress.controller": controller,
    "apps.admin.protocol": "grpc",
    "apps.admin.routes": [limited],
  });
  const further = (controller: string, port: string) => ({
    "ingress.controller": controller,
    "apps.admin.ports": { rpc: { port: 50051, protocol: "grpc" } },
    "apps.admin.routes": [{ ...limited, port }],
  });
  const message =
    "apps.admin.routes.0.maxBodySize: cannot be combined with protocol: grpc, since with a limit Traefik reads each request and " +
    "each response whole before it passes them on, so that no stream ever passes; want none, or ingress.controller nginx";
  rejects(
    ["traefik", "gateway"].flatMap((controller) => [
      [main(controller), message] as const,
      [further(controller, "rpc"), message] as const,
    ]),
  );
  accepts([
    main("nginx"),
    ...["traefik", "gateway"].map((controller) => further(controller, "http")),
    { ...main("traefik"), "apps.admin.routes": [{ host: "admin.example.com" }] },
  ]);
});

describe("the port of a route", () => {
  const led = (port: unknown, more: object = {}) => ({
    "apps.admin.ports": { console: 9001, rpc: { port: 50051, protocol: "grpc" } },
    "apps.admin.protocol": "tcp",
    "apps.admin.routes": [{ host: "admin.example.com", port }],
    ...more,
  });
  const want = "want a port that the app declares for HTTP: 9001 (console), 50051 (rpc)";
  rejectsUnder(at, {
    [`port: is missing with protocol: tcp, since the ingress speaks HTTP; ${want}`]: led(undefined),
    [`port: got tcp, ${want}`]: led("tcp"),
    [`port: got 8080, ${want}`]: led(8080),
    [`port: got 9002, ${want}`]: led(9002),
    "port: got true, want the number or the name of a port": led(true),
  });
  accepts([led("console"), led(9001), led("rpc"), led(50051)]);
  const mixed = {
    "apps.admin.protocol": undefined,
    "apps.admin.routes": [{ host: "admin.example.com" }, { host: "rpc.example.com", port: "rpc" }],
  };
  const grpc = (got: number, other: string) =>
    `port: got ${got}, but either this port or that of ${other} has protocol grpc, and Traefik reads that from the Service ` +
    "that both share; want grpc on the ports of all routes of the app or of none, or ingress.controller nginx or gateway";
  // Traefik reads the scheme from the Service.
  rejects([
    [
      led(undefined, mixed),
      `${at}.${grpc(8080, "rpc.example.com")}`,
      `apps.admin.routes.1.${grpc(50051, "admin.example.com")}`,
    ],
  ]);
  accepts(
    [
      { "ingress.controller": "nginx", "originLock.allowList": false },
      { "ingress.controller": "gateway", "originLock.clientCertificate": false },
    ].map((controller) => led(undefined, { ...mixed, ...controller })),
  );
});

describe("a wildcard host", () => {
  const routed = (...routes: object[]) => ({ "apps.admin.routes": routes });
  rejectsUnder("apps.admin.routes.0", {
    "host: got *.apps.example.com, want at most one name before example.com, or certificate: own: the wildcard is for *.example.com":
      { ...routed({ host: "*.apps.example.com" }), "dns.proxied": false },
    "dns: got external-dns for a wildcard, whose owner it records at a name with a star inside, such as a-*.apps; want pulumi":
      {
        ...routed({ host: "*.example.com", dns: "external-dns" }),
        externalDns: { domains: ["example.com"] },
        externalDnsToken: "e".repeat(40),
      },
    "host: got a.example.com beside a wildcard of the same length, by which Traefik orders hosts; want a first label of two characters or more":
      routed({ host: "a.example.com" }, { host: "*.example.com" }),
    "redirect.to: got new.example.com, which is redirected itself; want another host": routed({
      host: "*.example.com",
      redirect: { to: "new.example.com" },
    }),
  });
  rejectsUnder("apps.admin.routes.1", {
    "host: got wildcard.example.com, whose objects would have the same names as those of *.example.com of admin; want another host or app name":
      routed({ host: "*.example.com" }, { host: "wildcard.example.com" }),
  });
  accepts([
    routed({ host: "*.example.com" }, { host: "new.example.com" }),
    routed({ host: "*.example.com", redirect: { to: "new.example.com" } }, { host: "new.example.com" }),
    { ...routed({ host: "*.apps.example.com", certificate: "own" }), "dns.proxied": false },
    {
      ...routed({ host: "*.apps.example.com", certificate: "own" }),
      "dns.proxied": true,
      "dns.edgeCertificates": ["*.apps"],
    },
  ]);
});

describe("a redirect", () => {
  /** Every field without effect on a redirect. */
  const fields = {
    rateLimit: { requests: 1, period: "1s" },
    cors: { origins: ["https://example.com"] },
    basicAuth: { users: ["ann"] },
    forwardAuth: { app: "auth-service", path: "/check" },
    headers: { response: { set: { "X-A": "x" } } },
    maxBodySize: "1Mi",
    compress: true,
    timeouts: { connectSeconds: 1 },
    allowFrom: ["203.0.113.0/24"],
    sticky: { cookie: "session" },
    port: 3000,
  } satisfies Record<Exclude<keyof Route, "host" | "paths" | "redirect" | "certificate">, unknown>;
  const circular = (to: string) => `redirect.to: got ${to}, which is redirected itself; want another host`;
  rejectsUnder(at, [
    ...Object.entries(fields).map(([field, value]): [Changes, string] => [
      { [at]: { host: "admin.example.com", redirect, [field]: value } },
      `${field}: cannot be combined with redirect, which answers every request`,
    ]),
  ]);
  rejectsUnder(at, {
    "redirect.to: got https://example.org/new with keepPath: true, want keepPath: false, or no path in it":
      redirected("https://example.org/new"),
    [circular("admin.example.com")]: redirected("admin.example.com"),
    [circular("https://admin.example.com")]: redirected("https://admin.example.com"),
    [circular("https://admin.example.com/old/new")]: redirected(
      "https://admin.example.com/old/new",
      { keepPath: false },
      [{ path: "/old/" }],
    ),
  });
  accepts([
    redirected("https://admin.example.com:8443"),
    redirected("https://admin.example.com/older/than", { keepPath: false }, [
      { path: "/old" },
      { path: "/older", pathType: "Exact" },
    ]),
    { [at]: { host: "admin.example.com", redirect, certificate: "own", dns: "pulumi" } },
  ]);
});

describe("a route that the controller does not support", () => {
  const unlocked = { "originLock.clientCertificate": false };
  const rateLimit = { requests: 100, period: "1m", burst: 50 };
  rejects({
    [`${at}.rateLimit.burst: got 50, but ingress-nginx counts a burst in multiples of the limit, here 100; want 100, or ingress.controller traefik or gateway`]:
      { "ingress.controller": "nginx", [`${at}.rateLimit`]: rateLimit },
    [`${at}.certificate: got own, but the Gateway serves the wildcard certificate for every host; want wildcard, or ingress.controller traefik or nginx`]:
      { "ingress.controller": "gateway", ...unlocked, [`${at}.certificate`]: "own" },
    "apps.web-frontend.routes.0.sticky: differs from that of www.example.com, but Traefik reads it from the Service that both share; want the same on every route of the app, or ingress.controller nginx or gateway":
      { "apps.web-frontend.routes.0.sticky": { cookie: "session" } },
  });
  accepts([
    { [`${at}.rateLimit`]: rateLimit },
    { "ingress.controller": "gateway", ...unlocked, [`${at}.rateLimit`]: rateLimit },
    { "ingress.controller": "nginx", [`${at}.certificate`]: "own" },
    { "ingress.controller": "nginx", "apps.web-frontend.routes.0.sticky": { cookie: "session" } },
  ]);
});

describe("an origin lock that the controller does not support", () => {
  const asked =
    "originLock.clientCertificate: is true, but with ingress.controller gateway it is required of every host, and " +
    "api.example.com is not proxied; want all hosts proxied, or clientCertificate: false, which leaves the allow-list, or " +
    "another controller";
  const listed =
    "originLock.allowList: is true, but ingress-nginx sees only the client's address of a connection from " +
    "Cloudflare; want allowList: false with the client certificate, or ingress.controller traefik or gateway";
  rejects([
    [
      {
        "ingress.controller": "gateway",
        "dns.records.3": { type: "A", name: "api", proxied: false },
      },
      asked,
    ],
    // It would be open without a word: nothing of what Traefik did is left.
    [{ "ingress.controller": "nginx", "originLock.clientCertificate": false }, listed],
  ]);
  rejects({
    [listed]: { "ingress.controller": "nginx", "originLock.allowList": true },
  });
  accepts([
    { "ingress.controller": "nginx" },
    { "ingress.controller": "nginx", "originLock.clientCertificate": false, "originLock.allowList": false },
    { "ingress.controller": "gateway" },
    {
      "ingress.controller": "gateway",
      "originLock.clientCertificate": false,
      "dns.records.3": { type: "A", name: "api", proxied: false },
    },
    { "ingress.controller": "gateway", "dns.proxied": false },
  ]);
});
