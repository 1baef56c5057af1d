import type { MiddlewareSpec } from "../../../custom-resources/traefik-resources";
import { parseBytes } from "../../units";
import {
  defaultBurst,
  redirectUrl,
  type HeaderChanges,
  type RateLimit,
  type Redirect,
  type ResolvedRoute,
} from "../../route";

/** What a Middleware is for: the end of its name. */
export type Role =
  | "allow-from"
  | "response-headers"
  | "rate-limit"
  | "redirect"
  | "cors"
  | "basic-auth"
  | "max-body"
  | "request-headers";

export interface RoleSpec {
  readonly role: Role;
  readonly spec: MiddlewareSpec;
}

/**
 * What Traefik does for a route, in the order in which a request meets it: strangers first; then what is said in every
 * answer, those of the rest among them; then the limit, so that guessing passwords is limited too; CORS before the
 * password, since a browser's preflight never carries one; and last what only the app is to see.
 *
 * @param authSecretName The Secret with the route's htpasswd lines, where it has basic auth.
 * @see https://doc.traefik.io/traefik/reference/routing-configuration/http/middlewares/overview/
 */
export function buildMiddlewares(route: ResolvedRoute, authSecretName: string): RoleSpec[] {
  const { allowFrom, headers, rateLimit, redirect, cors, basicAuth, maxBodySize, proxied } = route;
  const specs: readonly (readonly [Role, MiddlewareSpec | undefined])[] = [
    [
      "allow-from",
      allowFrom && { ipAllowList: { sourceRange: [...allowFrom], ...(proxied && clientIpStrategy) } },
    ],
    [
      "response-headers",
      headersMiddleware(headers?.response, (customResponseHeaders) => ({ customResponseHeaders })),
    ],
    ["rate-limit", rateLimit && { rateLimit: buildRateLimit(rateLimit, proxied) }],
    ["redirect", redirect && { redirectRegex: redirectRegex(redirect) }],
    [
      "cors",
      cors && {
        headers: {
          accessControlAllowOriginList: cors.origins,
          accessControlAllowMethods: cors.methods,
          accessControlAllowHeaders: cors.headers,
          accessControlMaxAge: cors.maxAgeSeconds,
          addVaryHeader: true,
        },
      },
    ],
    // The app behind has no use for the password, so it does not get it.
    ["basic-auth", basicAuth && { basicAuth: { secret: authSecretName, removeHeader: true } }],
    [
      "max-body",
      maxBodySize === undefined ? undefined : { buffering: { maxRequestBodyBytes: parseBytes(maxBodySize) } },
    ],
    [
      "request-headers",
      headersMiddleware(requestChanges(route), (customRequestHeaders) => ({ customRequestHeaders })),
    ],
  ];
  return specs.flatMap(([role, spec]) => (spec === undefined ? [] : [{ role, spec }]));
}

/** There the client is the last entry of X-Forwarded-For; elsewhere it is the peer of the connection. */
const clientIpStrategy = { ipStrategy: { depth: 1 } } as const;

const buildRateLimit = (
  { requests: average, period, burst = defaultBurst }: RateLimit,
  proxied: boolean,
) => ({
  average,
  period,
  burst,
  // One IPv6 client has a whole /64 to write from.
  sourceCriterion: { ipStrategy: { ...(proxied && clientIpStrategy.ipStrategy), ipv6Subnet: 64 } },
});

/**
 * What of a request's headers is changed before the app sees them. Where the edge is not in between, its word for who
 * asks is anybody's: the app does not get it, unless the route sets it itself.
 */
export function requestChanges({ headers, redirect, proxied }: ResolvedRoute): HeaderChanges {
  const { set, remove } = headers?.request ?? { set: {}, remove: [] };
  const isSaid = [...Object.keys(set), ...remove].some(
    (name) => name.toLowerCase() === connectingIpHeader.toLowerCase(),
  );
  return {
    set,
    remove: proxied || redirect !== undefined || isSaid ? remove : [...remove, connectingIpHeader],
  };
}

/** @see https://developers.cloudflare.com/fundamentals/reference/http-headers/#cf-connecting-ip */
const connectingIpHeader = "CF-Connecting-IP";

type Values = Readonly<Record<string, string>>;

/** Undefined where nothing changes. An empty value takes the header away. */
function headersMiddleware<Headers extends Extract<MiddlewareSpec, { readonly headers: unknown }>["headers"]>(
  changes: HeaderChanges | undefined,
  headers: (values: Values) => Headers,
): { readonly headers: Headers } | undefined {
  const { set = {}, remove = [] } = changes ?? {};
  const values = { ...set, ...Object.fromEntries(remove.map((name) => [name, ""])) };
  return Object.keys(values).length === 0 ? undefined : { headers: headers(values) };
}

/** The whole URL is matched, so that nothing of it is left over but what is taken along. */
function redirectRegex(redirect: Redirect) {
  const { origin, href } = redirectUrl(redirect);
  const permanent = redirect.status === 301 || redirect.status === 308;
  return redirect.keepPath
    ? { regex: "^https?://[^/]+/(.*)$", replacement: `${origin}/\${1}`, permanent }
    : // A dollar sign would stand for something matched.
      { regex: "^.*$", replacement: href.replaceAll("$", "$$$$"), permanent };
}
