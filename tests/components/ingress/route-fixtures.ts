import type { ControllerName } from "../../../components/ingress/controllers";
import type { ResolvedRoute } from "../../../components/ingress/route";

/** A route with only a host. */
export const plain: ResolvedRoute = {
  host: "api.example.com",
  paths: [{ path: "/", pathType: "Prefix" }],
  proxied: true,
  dns: "pulumi",
};
export const context = { namespace: "production", originLock: {} };

/** A controller's objects for a route, as far as they differ from those of a plain route. */
export interface Rendered {
  /** The objects that it refers to, by kind and suffix of the name. */
  readonly parts?: Readonly<Record<string, unknown>>;
  /** The annotations of the Ingress without their prefix, or the filters and the backend of the HTTPRoute. */
  readonly rule?: Readonly<Record<string, unknown>>;
  /** The annotations of the Ingresses of single paths, by path, as `rule`. Default: none. */
  readonly pathIngresses?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** The filters of an HTTPRoute's further rules, by path. Default: none. */
  readonly rules?: Readonly<Record<string, unknown>>;
  /** The annotations of the app's Service, without their prefix. */
  readonly service?: Readonly<Record<string, string>>;
}

/** The errors of the features that a controller does not support, without the controllers that do. */
export type Unsupported = readonly string[];

export const isUnsupported = (result: Rendered | Unsupported): result is Unsupported => Array.isArray(result);

const noHeaders = { set: {}, remove: [] };
const service = { name: "api", port: 8080 };
const reference = (role: string) => `production-api-api-example-com-${role}@kubernetescrd`;
const extension = (role: string) => ({
  type: "ExtensionRef",
  extensionRef: { group: "traefik.io", kind: "Middleware", name: `api-api-example-com-${role}` },
});

/** An HTTPRoute with these filters. */
const filteredBy = (...filters: unknown[]): Rendered => ({ rule: { filters, backendRefs: [service] } });

/** The URL that a route with forwardAuth asks. */
const authUrl = "http://oauth2-proxy.production.svc.cluster.local:4180/oauth2/auth?allowed_groups=admins";

/** An HTTPRoute that redirects. */
const redirectedBy = (requestRedirect: object): Rendered => ({
  rule: { filters: [{ type: "RequestRedirect", requestRedirect }], backendRefs: undefined },
});

/** The spec of a Middleware that limits the rate of each client, an IPv6 client by its /64. */
const limited = (
  average: number,
  period: string,
  burst: number,
  client: { readonly depth?: number } = {},
) => ({
  rateLimit: { average, period, burst, sourceCriterion: { ipStrategy: { ...client, ipv6Subnet: 64 } } },
});

/** The spec of a Middleware with the headers of CORS. */
const cors = (origins: string[], methods: string[], names: string[], maxAge: number) => ({
  headers: {
    accessControlAllowOriginList: origins,
    accessControlAllowMethods: methods,
    accessControlAllowHeaders: names,
    accessControlMaxAge: maxAge,
    addVaryHeader: true,
  },
});

/** The spec of a Middleware that redirects every path to the same path of another host. */
const keepingPath = (to: string, permanent: boolean) => ({
  redirectRegex: { regex: "^https?://[^/]+/(.*)$", replacement: `${to}/\${1}`, permanent },
});

const keepPathUnsupported = [
  "redirect.keepPath: got true, but without snippets, which are disabled, ingress-nginx redirects every path to the " +
    "same URL; want keepPath: false",
];

interface TraefikResults {
  readonly traefik: Rendered;
  readonly gateway: Rendered;
}

/** A Middleware to which an Ingress refers by annotation, and an HTTPRoute by filter. */
const byMiddleware = (role: string, spec: unknown): TraefikResults => ({
  traefik: {
    parts: { [`Middleware ${role}`]: spec },
    rule: { "router.middlewares": reference(role) },
  },
  gateway: { parts: { [`Middleware ${role}`]: spec }, ...filteredBy(extension(role)) },
});

const stripConnectingIp = {
  "Middleware request-headers": {
    headers: { customRequestHeaders: { "CF-Connecting-IP": "", "x-forwarded-for": "" } },
  },
};
const stripConnectingIpFilter = {
  type: "RequestHeaderModifier",
  requestHeaderModifier: { set: [], remove: ["CF-Connecting-IP", "x-forwarded-for"] },
};

/** As {@link byMiddleware}, for a host that is not proxied: there CF-Connecting-IP and X-Forwarded-For are removed as well. */
const forUnproxied = (role: string, spec: unknown): TraefikResults => ({
  traefik: {
    parts: { [`Middleware ${role}`]: spec, ...stripConnectingIp },
    rule: { "router.middlewares": `${reference(role)},${reference("request-headers")}` },
  },
  gateway: {
    parts: { [`Middleware ${role}`]: spec },
    ...filteredBy(extension(role), stripConnectingIpFilter),
  },
});

const toBackend = [{ group: "traefik.io", kind: "TraefikService", name: "api-api-example-com-backend" }];
const backend = (only: object) => ({ weighted: { services: [only] } });

/** A ServersTransport to which a Service refers by annotation, and an HTTPRoute by its TraefikService. */
const byTransport = (forwardingTimeouts: object): TraefikResults => ({
  traefik: {
    parts: { "ServersTransport timeouts": { forwardingTimeouts } },
    service: { "service.serverstransport": "production-api-timeouts@kubernetescrd" },
  },
  gateway: {
    parts: {
      "ServersTransport timeouts": { forwardingTimeouts },
      "TraefikService backend": backend({ ...service, serversTransport: "api-api-example-com-timeouts" }),
    },
    rule: { backendRefs: toBackend },
  },
});

const cookie = { name: "session", secure: true, httpOnly: true, sameSite: "lax" };

/**
 * A feature, the fields of a route with it, and the result of each controller. A controller without result does
 * not support one of the fields at all.
 */
export interface Row extends Partial<Record<ControllerName, Rendered | Unsupported>> {
  readonly feature: string;
  readonly route: Partial<ResolvedRoute>;
}

export const rows: readonly Row[] = [
  {
    feature: "only a host and its paths",
    route: {},
    traefik: {},
    nginx: {},
    gateway: { rule: { backendRefs: [service] } },
  },
  {
    feature: "rateLimit of a proxied host",
    route: { rateLimit: { requests: 100, period: "1m", burst: 100 } },
    ...byMiddleware("rate-limit", limited(100, "1m", 100, { depth: 1 })),
    nginx: { rule: { "limit-rpm": "100", "limit-burst-multiplier": "1" } },
  },
  {
    feature: "proxied: false",
    route: { proxied: false },
    traefik: {
      parts: stripConnectingIp,
      rule: { "router.middlewares": reference("request-headers") },
    },
    gateway: filteredBy(stripConnectingIpFilter),
    nginx: {},
  },
  {
    feature: "rateLimit.burst that nginx does not support",
    route: { rateLimit: { requests: 100, period: "1m", burst: 50 } },
    ...byMiddleware("rate-limit", limited(100, "1m", 50, { depth: 1 })),
    nginx: [
      "rateLimit.burst: got 50, but ingress-nginx counts a burst in multiples of the limit, here 100; " +
        "want 100",
    ],
  },
  {
    feature: "rateLimit.period that nginx does not support",
    route: { proxied: false, rateLimit: { requests: 7, period: "2m" } },
    ...forUnproxied("rate-limit", limited(7, "2m", 50)),
    nginx: [
      "rateLimit: got 7 in 2m, but ingress-nginx counts whole requests in a second or a minute; want " +
        "for example 4 in 1m",
    ],
  },
  {
    feature: "cors",
    route: {
      cors: {
        origins: ["https://example.com", "https://example.org"],
        methods: ["GET", "POST"],
        headers: ["Authorization"],
        maxAgeSeconds: 600,
      },
    },
    ...byMiddleware(
      "cors",
      cors(["https://example.com", "https://example.org"], ["GET", "POST"], ["Authorization"], 600),
    ),
    nginx: {
      rule: {
        "enable-cors": "true",
        "cors-allow-origin": "https://example.com,https://example.org",
        "cors-allow-methods": "GET,POST",
        "cors-allow-headers": "Authorization",
        "cors-max-age": "600",
        "cors-allow-credentials": "false",
      },
    },
  },
  {
    feature: "cors with credentials, exposed headers and a star",
    route: {
      cors: {
        origins: ["https://example.org", "https://*.example.com:8443"],
        methods: ["GET"],
        headers: ["Accept"],
        maxAgeSeconds: 60,
        credentials: true,
        exposeHeaders: ["X-Total", "X-Page"],
      },
    },
    ...byMiddleware("cors", {
      headers: {
        ...cors(["https://example.org"], ["GET"], ["Accept"], 60).headers,
        accessControlAllowOriginListRegex: ["^https://[a-z0-9-]+\\.example\\.com:8443$"],
        accessControlAllowCredentials: true,
        accessControlExposeHeaders: ["X-Total", "X-Page"],
      },
    }),
    nginx: {
      rule: {
        "enable-cors": "true",
        "cors-allow-origin": "https://example.org,https://*.example.com:8443",
        "cors-allow-methods": "GET",
        "cors-allow-headers": "Accept",
        "cors-max-age": "60",
        "cors-allow-credentials": "true",
        "cors-expose-headers": "X-Total,X-Page",
      },
    },
  },
  {
    feature: "cors without methods and headers",
    route: { cors: { origins: ["https://example.com"], methods: [], headers: [], maxAgeSeconds: 0 } },
    ...byMiddleware("cors", cors(["https://example.com"], [], [], 0)),
    nginx: [
      "cors.methods: got none, but ingress-nginx then allows its default list; want at least one",
      "cors.headers: got none, but ingress-nginx then allows its default list; want at least one",
    ],
  },
  {
    feature: "basicAuth",
    route: { basicAuth: { users: ["ann"] } },
    // The same Secret for all three.
    ...byMiddleware("basic-auth", {
      basicAuth: { secret: "api-api-example-com-basic-auth", removeHeader: true },
    }),
    nginx: {
      rule: {
        "auth-type": "basic",
        "auth-secret": "api-api-example-com-basic-auth",
        "auth-realm": "Authentication Required",
      },
    },
  },
  {
    feature: "basicAuth.secret",
    route: { basicAuth: { users: [], secret: "htpasswd" } },
    ...byMiddleware("basic-auth", { basicAuth: { secret: "htpasswd", removeHeader: true } }),
    nginx: {
      rule: {
        "auth-type": "basic",
        "auth-secret": "htpasswd",
        "auth-realm": "Authentication Required",
      },
    },
  },
  {
    feature: "forwardAuth",
    route: {
      forwardAuth: {
        app: "oauth2-proxy",
        path: "/oauth2/auth?allowed_groups=admins",
        responseHeaders: ["X-Auth-Request-User", "X-Auth-Request-Email"],
        signIn: "/oauth2/start",
      },
      authUrl,
    },
    ...byMiddleware("forward-auth", {
      forwardAuth: {
        address: authUrl,
        trustForwardHeader: false,
        authResponseHeaders: ["X-Auth-Request-User", "X-Auth-Request-Email"],
        maxResponseBodySize: 1_048_576,
        authSigninURL: "https://api.example.com/oauth2/start",
      },
    }),
    nginx: {
      rule: {
        "auth-url": authUrl,
        "auth-response-headers": "X-Auth-Request-User,X-Auth-Request-Email",
        "auth-signin": "https://api.example.com/oauth2/start",
      },
    },
  },
  {
    feature: "forwardAuth with characters that nginx does not accept",
    route: {
      forwardAuth: {
        app: "authentik",
        path: "/a%20b",
        responseHeaders: [],
        signIn: "https://auth.example.com/$x",
      },
      authUrl: "http://authentik.production.svc.cluster.local:9000/a%20b",
    },
    ...byMiddleware("forward-auth", {
      forwardAuth: {
        address: "http://authentik.production.svc.cluster.local:9000/a%20b",
        trustForwardHeader: false,
        authResponseHeaders: [],
        maxResponseBodySize: 1_048_576,
        authSigninURL: "https://auth.example.com/$x",
      },
    }),
    nginx: [
      "forwardAuth.path: got /a%20b, but ingress-nginx accepts only letters, digits and - . _ ~ / : , ? & = in it; want another",
      "forwardAuth.signIn: got https://auth.example.com/$x, but ingress-nginx accepts only letters, digits and - . _ ~ / : , ? & = in it; want another",
    ],
  },
  {
    feature: "redirect with keepPath",
    route: { redirect: { to: "www.example.com", status: 301, keepPath: true } },
    traefik: byMiddleware("redirect", keepingPath("https://www.example.com", true)).traefik,
    nginx: keepPathUnsupported,
    gateway: redirectedBy({ scheme: "https", hostname: "www.example.com", statusCode: 301 }),
  },
  {
    feature: "redirect to a port",
    route: { redirect: { to: "http://www.example.com:8080", status: 302, keepPath: true } },
    traefik: byMiddleware("redirect", keepingPath("http://www.example.com:8080", false)).traefik,
    nginx: keepPathUnsupported,
    gateway: redirectedBy({ scheme: "http", hostname: "www.example.com", port: 8080, statusCode: 302 }),
  },
  {
    feature: "redirect to one URL, of an unproxied host",
    route: {
      proxied: false,
      redirect: { to: "https://example.com/new?from=api", status: 302, keepPath: false },
    },
    ...byMiddleware("redirect", {
      redirectRegex: { regex: "^.*$", replacement: "https://example.com/new?from=api", permanent: false },
    }),
    nginx: {
      rule: {
        "temporal-redirect": "https://example.com/new?from=api",
        "temporal-redirect-code": "302",
      },
    },
  },
  {
    feature: "redirect to a URL with a dollar sign",
    route: { redirect: { to: "https://example.com/$1", status: 301, keepPath: false } },
    ...byMiddleware("redirect", {
      redirectRegex: { regex: "^.*$", replacement: "https://example.com/$$1", permanent: true },
    }),
    nginx: [
      "redirect.to: got https://example.com/$1, but ingress-nginx accepts only letters, digits and - . " +
        "_ ~ / : ? & = in it; want another",
    ],
  },
  {
    feature: "redirect.status 308",
    route: { redirect: { to: "www.example.com", status: 308, keepPath: false } },
    traefik: [
      "redirect.status: got 308, but Traefik answers a GET with 301 and any other method with 308; want " +
        "301, which is the same there",
    ],
    nginx: {
      rule: { "permanent-redirect": "https://www.example.com/", "permanent-redirect-code": "308" },
    },
    gateway: [
      "redirect.status: got 308 with keepPath: false, which Traefik does only with 301 or 302; want one " +
        "of those",
    ],
  },
  {
    feature: "redirect.status 307 with keepPath",
    route: { redirect: { to: "www.example.com", status: 307, keepPath: true } },
    traefik: [
      "redirect.status: got 307, but Traefik answers a GET with 302 and any other method with 307; want " +
        "302, which is the same there",
    ],
    nginx: keepPathUnsupported,
    gateway: redirectedBy({ scheme: "https", hostname: "www.example.com", statusCode: 307 }),
  },
  {
    feature: "headers.request",
    route: { headers: { request: { set: { "X-Team": "api" }, remove: ["X-Debug"] }, response: noHeaders } },
    traefik: byMiddleware("request-headers", {
      headers: { customRequestHeaders: { "X-Team": "api", "X-Debug": "" } },
    }).traefik,
    nginx: [
      "headers.request: is not supported: ingress-nginx changes request headers only by snippets, which " +
        "are disabled, since with them anybody who may write an Ingress could write nginx's " +
        "configuration; want none",
    ],
    gateway: filteredBy({
      type: "RequestHeaderModifier",
      requestHeaderModifier: { set: [{ name: "X-Team", value: "api" }], remove: ["X-Debug"] },
    }),
  },
  {
    feature: "headers.response.set",
    route: { headers: { request: noHeaders, response: { set: { "X-Frame-Options": "DENY" }, remove: [] } } },
    traefik: byMiddleware("response-headers", {
      headers: { customResponseHeaders: { "X-Frame-Options": "DENY" } },
    }).traefik,
    nginx: {
      parts: { "ConfigMap response-headers": { "X-Frame-Options": "DENY" } },
      rule: { "custom-headers": "production/api-api-example-com-response-headers" },
    },
    gateway: filteredBy({
      type: "ResponseHeaderModifier",
      responseHeaderModifier: { set: [{ name: "X-Frame-Options", value: "DENY" }], remove: [] },
    }),
  },
  {
    feature: "headers.response.remove",
    route: { headers: { request: noHeaders, response: { set: {}, remove: ["Server", "X-Powered-By"] } } },
    traefik: byMiddleware("response-headers", {
      headers: { customResponseHeaders: { Server: "", "X-Powered-By": "" } },
    }).traefik,
    nginx: [
      "headers.response.remove: got Server, X-Powered-By, but ingress-nginx removes headers only by " +
        "snippets, which are disabled; want none",
    ],
    gateway: filteredBy({
      type: "ResponseHeaderModifier",
      responseHeaderModifier: { set: [], remove: ["Server", "X-Powered-By"] },
    }),
  },
  {
    feature: "maxBodySize",
    route: { maxBodySize: "10Mi" },
    ...byMiddleware("max-body", { buffering: { maxRequestBodyBytes: 10_485_760 } }),
    nginx: { rule: { "proxy-body-size": "10m" } },
  },
  {
    feature: "compress",
    route: { compress: true },
    ...byMiddleware("compress", { compress: {} }),
    nginx: [
      "compress: is not supported: ingress-nginx compresses the responses of every host or of none; want none",
    ],
  },
  {
    feature: "timeouts",
    route: { timeouts: { requestSeconds: 30, connectSeconds: 5 } },
    ...byTransport({ dialTimeout: "5s", responseHeaderTimeout: "30s" }),
    nginx: {
      rule: {
        "proxy-connect-timeout": "5",
        "proxy-read-timeout": "30",
        "proxy-send-timeout": "30",
        "proxy-next-upstream-timeout": "30",
      },
    },
  },
  {
    feature: "timeouts.connectSeconds alone",
    route: { timeouts: { connectSeconds: 5 } },
    ...byTransport({ dialTimeout: "5s" }),
    nginx: { rule: { "proxy-connect-timeout": "5" } },
  },
  {
    feature: "allowFrom of a proxied host",
    route: { allowFrom: ["203.0.113.0/24", "2001:db8::/32"] },
    ...byMiddleware("allow-from", {
      ipAllowList: { sourceRange: ["203.0.113.0/24", "2001:db8::/32"], ipStrategy: { depth: 1 } },
    }),
    nginx: { rule: { "whitelist-source-range": "203.0.113.0/24,2001:db8::/32" } },
  },
  {
    feature: "allowFrom of an unproxied host",
    route: { proxied: false, allowFrom: ["203.0.113.0/24"] },
    ...forUnproxied("allow-from", { ipAllowList: { sourceRange: ["203.0.113.0/24"] } }),
    nginx: { rule: { "whitelist-source-range": "203.0.113.0/24" } },
  },
  {
    feature: "sticky",
    route: { sticky: { cookie: "session" } },
    traefik: {
      service: {
        "service.nativelb": "false",
        "service.sticky.cookie.name": "session",
        "service.sticky.cookie.secure": "true",
        "service.sticky.cookie.httponly": "true",
        "service.sticky.cookie.samesite": "lax",
      },
    },
    nginx: {
      rule: {
        affinity: "cookie",
        "affinity-mode": "persistent",
        "session-cookie-name": "session",
        "session-cookie-secure": "true",
        "session-cookie-samesite": "Lax",
        "service-upstream": "false",
      },
    },
    gateway: {
      parts: {
        "TraefikService backend": backend({ ...service, nativeLB: false, sticky: { cookie } }),
      },
      rule: { backendRefs: toBackend },
    },
  },
  {
    feature: "certificate: own, a Certificate of the app's to whose Secret the Ingress refers",
    route: { certificate: "own" },
    traefik: {},
    nginx: {},
    gateway: [
      "certificate: got own, but the Gateway serves the wildcard certificate for every host; want wildcard",
    ],
  },
  {
    feature: "paths with rewrite",
    route: {
      paths: [
        { path: "/", pathType: "Prefix" },
        { path: "/api", pathType: "Prefix", rewrite: "/" },
        { path: "/v1.0/", pathType: "Prefix", rewrite: "/v2/" },
        { path: "/login", pathType: "Exact", rewrite: "/session" },
      ],
    },
    traefik: {
      parts: {
        "Middleware 02fb94bb-rewrite": {
          replacePathRegex: { regex: "^/api(?:/(.*))?$", replacement: "/${1}" },
        },
        "Middleware a564ae9b-rewrite": {
          replacePathRegex: { regex: "^/v1\\.0(/.*)?$", replacement: "/v2${1}" },
        },
        "Middleware 553a94e0-rewrite": {
          replacePathRegex: { regex: "^/login$", replacement: "/session" },
        },
      },
      pathIngresses: {
        "/api": { "router.middlewares": reference("02fb94bb-rewrite") },
        "/v1.0/": { "router.middlewares": reference("a564ae9b-rewrite") },
        "/login": { "router.middlewares": reference("553a94e0-rewrite") },
      },
    },
    nginx: [
      ["/", 1],
      ["/v2/", 2],
      ["/session", 3],
    ].map(
      ([rewrite, index]) =>
        `paths.${index}.rewrite: got ${rewrite}, but with its rewrite-target ingress-nginx takes every path of the host, ` +
        "those of other apps too, as a regular expression without end and case, so that /v1 would match /v10; want none",
    ),
    gateway: {
      rule: { backendRefs: [service] },
      rules: {
        "/api": [
          {
            type: "URLRewrite",
            urlRewrite: { path: { type: "ReplacePrefixMatch", replacePrefixMatch: "/" } },
          },
        ],
        "/v1.0/": [
          {
            type: "URLRewrite",
            urlRewrite: { path: { type: "ReplacePrefixMatch", replacePrefixMatch: "/v2/" } },
          },
        ],
        "/login": [
          {
            type: "URLRewrite",
            urlRewrite: { path: { type: "ReplaceFullPath", replaceFullPath: "/session" } },
          },
        ],
      },
    },
  },
  {
    feature: "a wildcard host",
    route: {
      host: "*.example.com",
      paths: [
        { path: "/", pathType: "Prefix" },
        { path: "/v1", pathType: "Exact" },
      ],
    },
    traefik: {
      pathIngresses: { "/": { "router.priority": "-3998" }, "/v1": { "router.priority": "-3993" } },
    },
    nginx: {},
    gateway: [
      "paths.1.path: got /v1 of a wildcard host, but of HTTPRoutes Traefik prefers a longer path to a host in full; want the prefix /",
    ],
  },
  {
    feature: "a path with a colon",
    route: { paths: [{ path: "/v1:batch", pathType: "Exact" }] },
    traefik: {},
    nginx: [
      "paths.0.path: got /v1:batch, but ingress-nginx accepts only letters, digits and / . _ - in a " +
        "path; want another",
    ],
    gateway: { rule: { backendRefs: [service] } },
  },
  {
    feature: "a path with non-ASCII letters",
    route: { paths: [{ path: "/über", pathType: "Prefix" }] },
    traefik: {},
    nginx: [
      "paths.0.path: got /über, but ingress-nginx accepts only letters, digits and / . _ - in a path; " +
        "want another",
    ],
    gateway: [
      "paths.0.path: got /über, but an HTTPRoute accepts only the characters of a path in RFC 3986; " +
        "want another",
    ],
  },
];
