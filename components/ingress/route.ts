/**
 * What an app says about one of its hosts. Any controller's objects are made from this and nothing else; what a
 * controller cannot do is refused by name: see `refusals`.
 */
export interface Route {
  /** The host name, such as `api.example.com`. One route per host and app. */
  readonly host: string;
  /** The paths that lead to the app. Any other path of the host is answered 404. */
  readonly paths: readonly RoutePath[];
  /** How much one client may ask. Absence means no limit. */
  readonly rateLimit?: RateLimit | undefined;
  /** Which other origins' pages may read the answers. Absence means none. */
  readonly cors?: Cors | undefined;
  /** Who must give a password. Absence means nobody. */
  readonly basicAuth?: BasicAuth | undefined;
  /** Where else the host is. Absence means that the app answers. */
  readonly redirect?: Redirect | undefined;
  /** What is changed in the heads of requests and answers. Absence means nothing. */
  readonly headers?: HeaderRules | undefined;
  /**
   * The largest body of a request, such as `10Mi`; a larger one is answered 413. Absence means no limit here. Traefik
   * then reads each request and each answer whole before it passes them on, so that nothing streams on such a host.
   */
  readonly maxBodySize?: string | undefined;
  /** How long the controller waits for the app. Absence means as long as the controller does by itself. */
  readonly timeouts?: Timeouts | undefined;
  /** The clients that are let in, as IPv4 and IPv6 ranges; others are answered 403. Absence means all. */
  readonly allowFrom?: readonly string[] | undefined;
  /** Sends the requests of one session to the same pod, as long as it lives. Absence means any pod. */
  readonly sticky?: Sticky | undefined;
  /** Whether the host has a certificate of its own. Absence means the wildcard. */
  readonly certificate?: "wildcard" | "own" | undefined;
}

export interface RoutePath {
  /** Absolute, such as `/v1`. */
  readonly path: string;
  /** `Prefix` matches by whole path elements: `/v1` takes `/v1/users`, not `/v10`. */
  readonly pathType: "Prefix" | "Exact";
}

/** Counted by each of the controller's copies for itself; beyond it the answer is 429. */
export interface RateLimit {
  /** Requests of one client per `period`, on average. */
  readonly requests: number;
  /** A Go duration, such as `1m`. */
  readonly period: string;
  /**
   * How many requests may come at once beyond the average. Absence means 50, and for nginx, which counts bursts in
   * multiples of its limit, the next of those.
   */
  readonly burst?: number | undefined;
}

export interface Cors {
  /** Origins with scheme, such as `https://example.com`. */
  readonly origins: readonly string[];
  readonly methods: readonly string[];
  readonly headers: readonly string[];
  /** Seconds a browser may remember the answer to a preflight. */
  readonly maxAgeSeconds: number;
}

export interface BasicAuth {
  /** The users, each with a generated password. */
  readonly users: readonly string[];
}

export interface Redirect {
  /** A host, reached by HTTPS, such as `other.example.com`, or a URL. A URL with a path is where every path leads. */
  readonly to: string;
  /**
   * 301 and 308 are remembered for good, 302 and 307 are not. With 307 and 308 the browser keeps the request's method.
   * Traefik does that by itself, but for `gateway`: to 301 and 302 it answers methods other than GET with 308 and 307.
   */
  readonly status: 301 | 302 | 307 | 308;
  /** Whether the request's path and query come behind `to`. */
  readonly keepPath: boolean;
}

export interface HeaderRules {
  /** Changed before the app sees them. */
  readonly request: HeaderChanges;
  /** Changed in whatever is answered, by the app or by the controller. */
  readonly response: HeaderChanges;
}

export interface HeaderChanges {
  /** Values by name, in place of what was there. */
  readonly set: Readonly<Record<string, string>>;
  /** Names of what is taken away. */
  readonly remove: readonly string[];
}

export interface Timeouts {
  /**
   * Until the app begins to answer, once the request is with it, in seconds. nginx counts this between any two reads from
   * the app and any two writes to it, so that it also ends a quiet stream or WebSocket.
   */
  readonly requestSeconds?: number | undefined;
  /** Until the connection stands. In the mesh that is the one to the controller's own proxy, which is there at once. */
  readonly connectSeconds?: number | undefined;
}

export interface Sticky {
  /** The name of the cookie by which a session is known: sent over TLS only, and hidden from scripts. */
  readonly cookie: string;
}

/** Who keeps a host's name in DNS: this program, or external-dns, which reads it off the Ingress or HTTPRoute. */
export type DnsOwner = "pulumi" | "external-dns";

/** A route with what the rest of the settings say about its host. */
export interface ResolvedRoute extends Route {
  /** Whether the host is proxied by Cloudflare. */
  readonly proxied: boolean;
  readonly dns: DnsOwner;
}

/** The default burst of a rate limit. */
export const defaultBurst = 50;

/** The URL of a redirect. A bare host is redirected to by HTTPS. */
export const redirectUrl = ({ to }: Pick<Redirect, "to">): URL =>
  new URL(to.includes("://") ? to : `https://${to}`);

/** The names of the headers that routes set in responses, each once, in alphabetical order. */
export const responseHeaderNames = (routes: readonly Pick<Route, "headers">[]): string[] =>
  [...new Set(routes.flatMap(({ headers }) => Object.keys(headers?.response.set ?? {})))].sort();
