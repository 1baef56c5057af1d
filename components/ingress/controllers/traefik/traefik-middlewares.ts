import type { MiddlewareSpec } from "../../../custom-resources/traefik-resources";
import { parseBytes } from "../../units";
import {
  defaultBurst,
  redirectUrl,
  signInUrl,
  type Cors,
  type ForwardAuth,
  type HeaderChanges,
  type RateLimit,
  type Redirect,
  type ResolvedRoute,
  type RoutePath,
} from "../../route";

/** The purpose of a Middleware: the suffix of its name. */
export type Role =
  | "allow-from"
  | "response-headers"
  | "compress"
  | "rate-limit"
  | "redirect"
  | "cors"
  | "basic-auth"
  | "forward-auth"
  | "max-body"
  | "rewrite"
  | "request-headers";

/** A Middleware's purpose and spec. */
export interface RoleSpec {
  readonly role: Role;
  readonly spec: MiddlewareSpec;
}

/**
 * Builds the Middlewares of a route, in the order in which they handle a request: the allow-list first; then response
 * headers, so that they apply to the responses of the other Middlewares too; then the rate limit, so that it limits
 * password guesses too; CORS before authentication, since a browser's preflight request never carries a password or
 * cookie; and changes of the request last, or before forward authentication.
 *
 * @param authSecretName The Secret with the generated htpasswd lines, if the route has basic auth.
 * @see https://doc.traefik.io/traefik/reference/routing-configuration/http/middlewares/overview/
 */
export function buildMiddlewares(route: ResolvedRoute, authSecretName: string): RoleSpec[] {
  const { allowFrom, headers, rateLimit, redirect, cors, basicAuth, maxBodySize, compress, proxied } = route;
  const { forwardAuth, authUrl } = route;
  const requestHeaders = [
    "request-headers",
    headersMiddleware(requestChanges(route), (customRequestHeaders) => ({ customRequestHeaders })),
  ] as const;
  const specs: readonly (readonly [Role, MiddlewareSpec | undefined])[] = [
    [
      "allow-from",
      allowFrom && { ipAllowList: { sourceRange: [...allowFrom], ...(proxied && clientIpStrategy) } },
    ],
    [
      "response-headers",
      headersMiddleware(headers?.response, (customResponseHeaders) => ({ customResponseHeaders })),
    ],
    ["compress", compress && { compress: {} }],
    ["rate-limit", rateLimit && { rateLimit: buildRateLimit(rateLimit, proxied) }],
    ["redirect", redirect && { redirectRegex: redirectRegex(redirect) }],
    ["cors", cors && { headers: buildCors(cors) }],
    // The app does not need the password, so it does not get it.
    [
      "basic-auth",
      basicAuth && { basicAuth: { secret: basicAuth.secret ?? authSecretName, removeHeader: true } },
    ],
    // The authenticating app sees the request as the app would, and its headers replace any others.
    ...(forwardAuth ? [requestHeaders] : []),
    [
      "forward-auth",
      forwardAuth && authUrl !== undefined ? buildForwardAuth(forwardAuth, authUrl, route) : undefined,
    ],
    [
      "max-body",
      maxBodySize === undefined ? undefined : { buffering: { maxRequestBodyBytes: parseBytes(maxBodySize) } },
    ],
    ...(forwardAuth ? [] : [requestHeaders]),
  ];
  return specs.flatMap(([role, spec]) => (spec === undefined ? [] : [{ role, spec }]));
}

function buildCors({ origins, methods, headers, maxAgeSeconds, credentials, exposeHeaders }: Cors) {
  const withStar = origins.filter((origin) => origin.includes("*"));
  return {
    accessControlAllowOriginList: origins.filter((origin) => !origin.includes("*")),
    ...(withStar.length > 0 && { accessControlAllowOriginListRegex: withStar.map(toOriginRegex) }),
    accessControlAllowMethods: methods,
    accessControlAllowHeaders: headers,
    accessControlMaxAge: maxAgeSeconds,
    addVaryHeader: true,
    ...(credentials === true && { accessControlAllowCredentials: true }),
    ...(exposeHeaders && { accessControlExposeHeaders: exposeHeaders }),
  };
}

/** The regular expression of an origin with a star, as ingress-nginx builds it. */
const toOriginRegex = (origin: string): string =>
  `^${origin.toLowerCase().replaceAll(".", "\\.").replace("*", "[a-z0-9-]+")}$`;

/**
 * The source of the client's address on a proxied host: the last entry of X-Forwarded-For. On other hosts it is the peer of
 * the connection.
 */
const clientIpStrategy = { ipStrategy: { depth: 1 } } as const;

const buildRateLimit = (
  { requests: average, period, burst = defaultBurst }: RateLimit,
  proxied: boolean,
) => ({
  average,
  period,
  burst,
  // An IPv6 client usually owns a whole /64.
  sourceCriterion: { ipStrategy: { ...(proxied && clientIpStrategy.ipStrategy), ipv6Subnet: 64 } },
});

/**
 * With `trustForwardHeader: false` Traefik writes every X-Forwarded header of the question itself.
 *
 * @see https://doc.traefik.io/traefik/reference/routing-configuration/http/middlewares/forwardauth/
 */
const buildForwardAuth = (
  { responseHeaders, signIn }: ForwardAuth,
  address: string,
  { host }: Pick<ResolvedRoute, "host">,
) => ({
  forwardAuth: {
    address,
    trustForwardHeader: false,
    authResponseHeaders: responseHeaders,
    maxResponseBodySize: 1_048_576,
    ...(signIn !== undefined && { authSigninURL: signInUrl(host, signIn) }),
  },
});

/**
 * The changes of a request's headers. On a host that is not proxied, any client can send CF-Connecting-IP, and anybody who
 * sends requests from Cloudflare's addresses, such as a Worker, X-Forwarded-For. They are removed there, unless the route
 * changes them itself; Traefik then adds X-Forwarded-For with the peer's address.
 */
export function requestChanges({ headers, redirect, proxied }: ResolvedRoute): HeaderChanges {
  const { set, remove } = headers?.request ?? { set: {}, remove: [] };
  if (proxied || redirect !== undefined) return { set, remove };
  const changed = new Set([...Object.keys(set), ...remove].map((name) => name.toLowerCase()));
  return { set, remove: [...remove, ...edgeHeaders.filter((name) => !changed.has(name.toLowerCase()))] };
}

/**
 * The headers in which the edge passes the client's address. Spelt X-Forwarded-For, a Middleware would also keep Traefik
 * from adding that header itself.
 *
 * @see https://developers.cloudflare.com/fundamentals/reference/http-headers/
 * @see https://github.com/traefik/traefik/blob/v3.7.13/pkg/middlewares/headers/header.go modifyCustomRequestHeaders
 */
const edgeHeaders = ["CF-Connecting-IP", "x-forwarded-for"] as const;

/** The Middleware of a path with `rewrite`; undefined without. A redirected request reaches no app. */
export function rewriteMiddleware(
  { path, pathType, rewrite }: RoutePath,
  { redirect }: ResolvedRoute,
): MiddlewareSpec | undefined {
  if (rewrite === undefined || redirect !== undefined) return undefined;
  const quoted = path.replaceAll(".", "\\.");
  if (pathType === "Exact") return { replacePathRegex: { regex: `^${quoted}$`, replacement: rewrite } };
  // As in Gateway API, a trailing slash of either path changes nothing, and the app gets a path that begins with a slash.
  const [from, to] = [quoted, rewrite].map((each) => each.replace(/\/$/, ""));
  return {
    replacePathRegex:
      to === ""
        ? { regex: `^${from}(?:/(.*))?$`, replacement: "/${1}" }
        : { regex: `^${from}(/.*)?$`, replacement: `${to}\${1}` },
  };
}

type Values = Readonly<Record<string, string>>;

/** The Middleware for header changes; undefined if there are none. An empty value removes the header. */
function headersMiddleware<Headers extends Extract<MiddlewareSpec, { readonly headers: unknown }>["headers"]>(
  changes: HeaderChanges | undefined,
  headers: (values: Values) => Headers,
): { readonly headers: Headers } | undefined {
  const { set = {}, remove = [] } = changes ?? {};
  const values = { ...set, ...Object.fromEntries(remove.map((name) => [name, ""])) };
  return Object.keys(values).length === 0 ? undefined : { headers: headers(values) };
}

/** The spec of a redirect. The regular expression matches the whole URL, since Traefik keeps any part outside the match. */
function redirectRegex(redirect: Redirect) {
  const { origin, href } = redirectUrl(redirect);
  const permanent = redirect.status === 301 || redirect.status === 308;
  return redirect.keepPath
    ? { regex: "^https?://[^/]+/(.*)$", replacement: `${origin}/\${1}`, permanent }
    : // A single dollar sign would refer to a group.
      { regex: "^.*$", replacement: href.replaceAll("$", "$$$$"), permanent };
}
