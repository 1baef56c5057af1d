import fc from "fast-check";

import type { ControllerName } from "../../components/ingress/controllers";

/** A host of an app, and the values that its route can have. */
export interface Host {
  readonly host: string;
  readonly dns: "pulumi" | "external-dns";
  /** What its certificate may be; no word means the wildcard. */
  readonly certificates: readonly ("own" | "wildcard" | undefined)[];
  /** The only path of the host that is left for the app. Absence means that they are all its own. */
  readonly path?: string;
}

/** What decides which words a route may have. */
export interface RouteGround {
  readonly controller: ControllerName;
  readonly proxyProtocol: boolean;
  readonly plan: string;
}

const plainPaths = ["/", "/v1", "/v1/users", "/health", "/a.b-c_d"];
const pathsOf: Readonly<Record<ControllerName, readonly string[]>> = {
  traefik: [...plainPaths, "/v1:batch", "/a%20b", "/\u00fcber"],
  nginx: plainPaths,
  gateway: [...plainPaths, "/v1:batch", "/a%20b"],
};

const paths = (controller: ControllerName) =>
  fc.uniqueArray(
    fc.record(
      {
        path: fc.constantFrom(...pathsOf[controller]),
        pathType: fc.constantFrom("Prefix", "Exact"),
      },
      { requiredKeys: ["path"] },
    ),
    { minLength: 1, maxLength: 4, selector: ({ path, pathType = "Prefix" }) => `${pathType} ${path}` },
  );

/** nginx counts whole requests in a second or a minute, and bursts in multiples of them. */
const rateLimits = (controller: ControllerName) =>
  fc
    .record({
      requests: fc.integer({ min: 1, max: 1000 }),
      period: fc.constantFrom("1s", "1m", ...(controller === "nginx" ? [] : ["90s", "1h", "250ms"])),
      burst: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
    })
    .map(({ burst, ...limit }) => ({
      ...limit,
      ...(burst !== undefined && { burst: burst * (controller === "nginx" ? limit.requests : 7) }),
    }));

const cors = (controller: ControllerName) =>
  fc.record(
    {
      origins: fc.constantFrom(["https://example.org"], ["http://localhost:3000", "https://b.example"]),
      methods: fc.constantFrom(["GET"], ...(controller === "nginx" ? [] : [[]])),
      headers: fc.constantFrom(["Accept"], ...(controller === "nginx" ? [] : [[]])),
      maxAgeSeconds: fc.constantFrom(0, 60),
    },
    { requiredKeys: ["origins"] },
  );

const set = fc.constantFrom({ "X-Frame-Options": "DENY" }, { "X-A": "b", "X-C": '"$d"' });
const changes = fc.record(
  { set, remove: fc.constantFrom(["Server"], ["X-Powered-By", "Via"]) },
  { requiredKeys: ["set"] },
);

/** nginx changes nothing that the app sees, and takes no header away. */
const headers = (controller: ControllerName) =>
  controller === "nginx"
    ? fc.record({ response: fc.record({ set }) })
    : fc.oneof(
        fc.record({ request: changes }),
        fc.record({ response: changes }),
        fc.record({ request: changes, response: changes }),
      );

/** Elsewhere, with the path or without: nginx leaves it behind, and the others do not have every status. */
function redirects(controller: ControllerName) {
  const kept = fc.record(
    {
      to: fc.constantFrom("other.example.net", "http://other.example.net:8080"),
      status: fc.constantFrom(301, 302, ...(controller === "gateway" ? [307, 308] : [])),
      keepPath: fc.constant(true),
    },
    { requiredKeys: ["to"] },
  );
  const left = fc.record(
    {
      to: fc.constantFrom("other.example.net", "https://other.example.net/new?a=b"),
      status: fc.constantFrom(301, 302, ...(controller === "nginx" ? [307, 308] : [])),
      keepPath: fc.constant(false),
    },
    { requiredKeys: ["to", "keepPath"] },
  );
  return controller === "nginx" ? left : fc.oneof(kept, left);
}

/** How an app is asked, on which its routes must agree with Traefik. */
const asking = fc.record(
  {
    timeouts: fc.constantFrom({ requestSeconds: 30 }, { connectSeconds: 5 }, { requestSeconds: 1 }),
    sticky: fc.constantFrom({ cookie: "session" }, { cookie: "s" }),
  },
  { requiredKeys: [] },
);

const answers = ({ controller, proxyProtocol, plan }: RouteGround) =>
  fc.record(
    {
      rateLimit: rateLimits(controller),
      cors: cors(controller),
      basicAuth: fc.record({ users: fc.subarray(["ann", "bob", "eve"], { minLength: 1 }) }),
      headers: headers(controller),
      // Cloudflare takes no more for a proxied host, unless more is agreed on.
      maxBodySize: fc.constantFrom("1Ki", "10Mi", plan === "enterprise" ? "2Gi" : "100Mi"),
      // Without PROXY protocol every client seems to be the load balancer.
      ...(proxyProtocol && {
        allowFrom: fc.constantFrom(["203.0.113.0/24"], ["203.0.113.0/24", "2001:db8::/32"]),
      }),
    },
    { requiredKeys: [] },
  );

/** One route for each of an app's hosts, with any words that the controller has. */
export const routes = (hosts: readonly Host[], ground: RouteGround) =>
  asking.chain((agreed) =>
    fc.tuple(
      ...hosts.map(({ host, dns, certificates, path }) => {
        const common = fc.record({
          host: fc.constant(host),
          dns: fc.constant(dns),
          paths: path === undefined ? paths(ground.controller) : fc.constant([{ path }]),
          certificate: fc.constantFrom(...certificates),
        });
        const asked = ground.controller === "traefik" ? fc.constant(agreed) : asking;
        return fc
          .oneof(
            { arbitrary: fc.tuple(common, answers(ground), asked), weight: 4 },
            { arbitrary: fc.tuple(common, fc.record({ redirect: redirects(ground.controller) })), weight: 1 },
          )
          .map((parts): Route => Object.assign({}, ...parts) as Route);
      }),
    ),
  );

/** What everybody reads of a route. */
export interface Route {
  readonly host: string;
  readonly dns: "pulumi" | "external-dns";
  readonly redirect?: object;
  readonly basicAuth?: object;
}
