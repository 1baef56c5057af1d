import fc from "fast-check";

import type { ControllerName } from "../../components/ingress/controllers";

/** A host of an app, and the values that its route can have. */
export interface Host {
  readonly host: string;
  readonly dns: "pulumi" | "external-dns";
  /** The permitted values of `certificate`; undefined omits the key. */
  readonly certificates: readonly ("own" | "wildcard" | undefined)[];
  /** The only path of the app if it shares the host with another. Undefined: any. */
  readonly path?: string;
}

/** The settings on which the keys of a route depend. */
export interface RouteContext {
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

const pathTypes = fc.constantFrom("Prefix", "Exact");

/** Up to four paths, some of which are rewritten, unless the route redirects or the controller cannot. */
const paths = (controller: ControllerName, redirects: boolean) =>
  fc.uniqueArray(
    fc.oneof(
      fc.record(
        { path: fc.constantFrom(...pathsOf[controller]), pathType: pathTypes },
        { requiredKeys: ["path"] },
      ),
      ...(redirects || controller === "nginx"
        ? []
        : [
            fc.record({
              path: fc.constantFrom(...plainPaths),
              pathType: pathTypes,
              rewrite: fc.constantFrom("/", "/v2"),
            }),
          ]),
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
      origins: fc.constantFrom(
        ["https://example.org"],
        ["http://localhost:3000", "https://b.example"],
        ["https://*.example.org"],
      ),
      methods: fc.constantFrom(["GET"], ...(controller === "nginx" ? [] : [[]])),
      headers: fc.constantFrom(["Accept"], ...(controller === "nginx" ? [] : [[]])),
      maxAgeSeconds: fc.constantFrom(0, 60),
      credentials: fc.boolean(),
      exposeHeaders: fc.constant(["X-Total"]),
    },
    { requiredKeys: ["origins"] },
  );

const set = fc.constantFrom({ "X-Frame-Options": "DENY" }, { "X-A": "b", "X-C": '"$d"' });
const changes = fc.record(
  { set, remove: fc.constantFrom(["Server"], ["X-Powered-By", "Via"]) },
  { requiredKeys: ["set"] },
);

/** nginx neither changes request headers nor removes response headers. */
const headers = (controller: ControllerName) =>
  controller === "nginx"
    ? fc.record({ response: fc.record({ set }) })
    : fc.oneof(
        fc.record({ request: changes }),
        fc.record({ response: changes }),
        fc.record({ request: changes, response: changes }),
      );

/** Redirects with or without the path: nginx supports only those without, and the others not every status. */
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

/** Keys about connections to the app. With Traefik, all routes of an app must have the same. */
const connections = fc.record(
  {
    timeouts: fc.constantFrom({ requestSeconds: 30 }, { connectSeconds: 5 }, { requestSeconds: 1 }),
    sticky: fc.constantFrom({ cookie: "session" }, { cookie: "s" }),
  },
  { requiredKeys: [] },
);

const features = ({ controller, proxyProtocol, plan }: RouteContext) =>
  fc.record(
    {
      rateLimit: rateLimits(controller),
      cors: cors(controller),
      basicAuth: fc.oneof(
        fc.record({ users: fc.subarray(["ann", "bob", "eve"], { minLength: 1 }) }),
        fc.constant({ secret: "htpasswd" }),
      ),
      headers: headers(controller),
      ...(controller !== "nginx" && { compress: fc.constant(true) }),
      // Cloudflare accepts no larger body for a proxied host, except on the Enterprise plan.
      maxBodySize: fc.constantFrom("1Ki", "10Mi", plan === "enterprise" ? "2Gi" : "100Mi"),
      // Without PROXY protocol every client seems to be the load balancer.
      ...(proxyProtocol && {
        allowFrom: fc.constantFrom(["203.0.113.0/24"], ["203.0.113.0/24", "2001:db8::/32"]),
      }),
    },
    { requiredKeys: [] },
  );

/** One route for each of an app's hosts, with any keys that the controller supports. */
export const routes = (hosts: readonly Host[], context: RouteContext) =>
  connections.chain((agreed) =>
    fc.tuple(
      ...hosts.map(({ host, dns, certificates, path }) => {
        const common = (redirects: boolean) =>
          fc.record({
            host: fc.constant(host),
            dns: fc.constant(dns),
            paths: path === undefined ? paths(context.controller, redirects) : fc.constant([{ path }]),
            certificate: fc.constantFrom(...certificates),
          });
        const ownConnections = context.controller === "traefik" ? fc.constant(agreed) : connections;
        return fc
          .oneof(
            { arbitrary: fc.tuple(common(false), features(context), ownConnections), weight: 4 },
            {
              arbitrary: fc.tuple(common(true), fc.record({ redirect: redirects(context.controller) })),
              weight: 1,
            },
          )
          .map((parts): Route => Object.assign({}, ...parts) as Route);
      }),
    ),
  );

/** A route of a config, as far as other settings depend on it. */
export interface Route {
  readonly host: string;
  readonly dns: "pulumi" | "external-dns";
  readonly redirect?: object;
  readonly basicAuth?: object;
}
