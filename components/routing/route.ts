/** What an app says about one of its hosts. Any controller's objects are made from this and nothing else. */
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
}

export interface RoutePath {
  /** Absolute, such as `/v1`. */
  readonly path: string;
  /** `Prefix` matches by whole path elements: `/v1` takes `/v1/users`, not `/v10`. */
  readonly pathType: "Prefix" | "Exact";
}

export interface RateLimit {
  /** Requests of one client per `period`, on average. */
  readonly requests: number;
  /** A Go duration, such as `1m`. */
  readonly period: string;
  /** How many requests may come at once beyond the average. */
  readonly burst: number;
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

/** Who keeps a host's name in DNS: this program, or external-dns, which reads it off the Ingress. */
export type DnsOwner = "pulumi" | "external-dns";
