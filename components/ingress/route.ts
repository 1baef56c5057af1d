/**
 * The route of one host to an app: the only input from which a controller's objects are built. A feature that the
 * controller does not support is a config error: see `unsupportedFeatures`.
 */
export interface Route {
  /** The host name, such as `api.example.com`, or a wildcard of one label, `*.example.com`. One route per host and app. */
  readonly host: string;
  /** The port of the app, by number or name. Default: its first port. */
  readonly port?: number | string | undefined;
  /** The paths that are routed to the app. Any other path of the host gets 404. */
  readonly paths: readonly RoutePath[];
  /** The rate limit of each client. Default: none; with `basicAuth` {@link passwordRateLimit}. */
  readonly rateLimit?: RateLimit | undefined;
  /** The other origins whose pages may read responses. Default: none. */
  readonly cors?: Cors | undefined;
  /** Password protection. Default: none. */
  readonly basicAuth?: BasicAuth | undefined;
  /** Authentication by another app. Default: none. */
  readonly forwardAuth?: ForwardAuth | undefined;
  /** The redirect of the host. Default: none, the app responds. */
  readonly redirect?: Redirect | undefined;
  /** Changes of request and response headers. Default: none. */
  readonly headers?: HeaderRules | undefined;
  /**
   * The maximum size of a request's body, such as `10Mi`; a larger one gets 413. Default: no limit here. With a limit,
   * Traefik buffers each request and each response completely before it forwards them, so that nothing streams on the host.
   */
  readonly maxBodySize?: string | undefined;
  /** Whether responses are compressed. Default: as the app sends them. */
  readonly compress?: true | undefined;
  /** The timeouts of requests to the app. Default: the controller's. */
  readonly timeouts?: Timeouts | undefined;
  /** The clients that are admitted, as IPv4 and IPv6 ranges; others get 403. Default: all. */
  readonly allowFrom?: readonly string[] | undefined;
  /** Sends the requests of one session to the same pod, as long as that exists. Default: any pod. */
  readonly sticky?: Sticky | undefined;
  /** The host's certificate: the wildcard, or one for this host alone. Default: `wildcard`. */
  readonly certificate?: "wildcard" | "own" | undefined;
}

/** A path of a host. */
export interface RoutePath {
  /** Absolute, such as `/v1`. */
  readonly path: string;
  /** `Prefix` matches by whole path elements: `/v1` takes `/v1/users`, not `/v10`. */
  readonly pathType: "Prefix" | "Exact";
  /** The path that the app gets in place of `path`, which for `Prefix` is the matched part. Default: unchanged. */
  readonly rewrite?: string | undefined;
}

/** A rate limit, which each pod of the controller counts for itself. Requests beyond it get 429. */
export interface RateLimit {
  /** The average number of requests of one client per `period`. */
  readonly requests: number;
  /** A Go duration, such as `1m`. */
  readonly period: string;
  /**
   * The number of simultaneous requests beyond the average. Default: 50; with nginx, which counts bursts in multiples of
   * its limit, the next multiple.
   */
  readonly burst?: number | undefined;
}

/** Cross-origin resource sharing. */
export interface Cors {
  /** Origins with scheme, such as `https://example.com`. A star is one label: `https://*.example.com`. */
  readonly origins: readonly string[];
  readonly methods: readonly string[];
  readonly headers: readonly string[];
  /** The time for which a browser may cache the response to a preflight request, in seconds. */
  readonly maxAgeSeconds: number;
  /** Whether requests may have cookies and passwords. Default: false. */
  readonly credentials?: boolean | undefined;
  /** The response headers that pages may read. Default: those that browsers always permit. */
  readonly exposeHeaders?: readonly string[] | undefined;
}

/** HTTP basic authentication, by generated passwords or an existing Secret. */
export interface BasicAuth {
  /** The users, each with a generated password. Empty with `secret`. */
  readonly users: readonly string[];
  /** The name of a Secret in the app's namespace whose only key, `auth`, has htpasswd lines. Default: one of `users`. */
  readonly secret?: string | undefined;
}

/**
 * Forward authentication: the controller asks another app, such as oauth2-proxy, about each request. A response of 2xx
 * admits it.
 */
export interface ForwardAuth {
  /** The name of the app that is asked. */
  readonly app: string;
  /** The path and query of the question, such as `/oauth2/auth`. */
  readonly path: string;
  /** The headers of the response that the app gets. The client's own headers with these names are removed. */
  readonly responseHeaders: readonly string[];
  /**
   * The URL, or path of the same host, to which a client is redirected after a response of 401. Default: the client gets
   * that response.
   */
  readonly signIn?: string | undefined;
}

/** An HTTP redirect. */
export interface Redirect {
  /** A host, for HTTPS, such as `other.example.com`, or a URL. A URL with a path is the target of every path. */
  readonly to: string;
  /**
   * The status code. Browsers cache 301 and 308 permanently, 302 and 307 not. With 307 and 308 they keep the request's
   * method. With Ingress objects Traefik does that for 301 and 302 too: methods other than GET get 308 and 307.
   */
  readonly status: 301 | 302 | 307 | 308;
  /** Whether the request's path and query are appended to `to`. */
  readonly keepPath: boolean;
}

/** The header changes of a route. */
export interface HeaderRules {
  /** Changes of requests, before the app gets them. */
  readonly request: HeaderChanges;
  /** Changes of all responses, the app's and the controller's own. */
  readonly response: HeaderChanges;
}

/** The headers to set and to remove. */
export interface HeaderChanges {
  /** Values by header name. They replace existing ones. */
  readonly set: Readonly<Record<string, string>>;
  /** The names of the headers to remove. */
  readonly remove: readonly string[];
}

/** The timeouts of requests to the app. */
export interface Timeouts {
  /**
   * The time from the end of the request to the start of the response, in seconds. nginx measures it between any two
   * reads from the app and any two writes to it, so that it also closes an idle stream or WebSocket.
   */
  readonly requestSeconds?: number | undefined;
  /**
   * The time to connect, in seconds. In the mesh the connection is the one to the proxy in the controller's own pod, which
   * is immediate.
   */
  readonly connectSeconds?: number | undefined;
}

/** Sticky sessions. */
export interface Sticky {
  /** The name of the cookie that identifies a session: `Secure` and `HttpOnly`. */
  readonly cookie: string;
}

/** The owner of a host's DNS records: this program, or external-dns, which reads them from the Ingress or HTTPRoute. */
export type DnsOwner = "pulumi" | "external-dns";

/** A route, with the properties of its host from other sections of the settings. */
export interface ResolvedRoute extends Route {
  /** Whether the host is proxied by Cloudflare. */
  readonly proxied: boolean;
  readonly dns: DnsOwner;
  /** The URL inside the cluster that `forwardAuth` asks. Undefined without it. */
  readonly authUrl?: string | undefined;
}

/** Whether a route's host is one for any first label. */
export const isWildcard = ({ host }: Pick<Route, "host">): boolean => host.startsWith("*.");

/** Whether a route's host, which may be a wildcard, is for a host in full. */
export const matchesHost = (routed: string, host: string): boolean =>
  routed === host || routed === host.replace(/^[^.]+/, "*");

/** The default burst of a rate limit. */
export const defaultBurst = 50;

/**
 * The default rate limit of a route with basic auth, where every request costs a bcrypt comparison of about 50 ms of CPU,
 * whoever sends it. It lets a browser load a page of about a hundred files.
 */
export const passwordRateLimit: RateLimit = { requests: 300, period: "1m", burst: 90 };

/** The URL of a redirect. The scheme of a bare host is HTTPS. */
export const redirectUrl = ({ to }: Pick<Redirect, "to">): URL =>
  new URL(to.includes("://") ? to : `https://${to}`);

/** The URL of a sign-in page. A path is one of the route's own host. */
export const signInUrl = (host: string, signIn: string): string =>
  signIn.startsWith("/") ? `https://${host}${signIn}` : signIn;

/** The names of the headers that routes set in responses, each once, in alphabetical order. */
export const responseHeaderNames = (routes: readonly Pick<Route, "headers">[]): string[] =>
  [...new Set(routes.flatMap(({ headers }) => Object.keys(headers?.response.set ?? {})))].sort();
