import { z } from "zod";

import { redirectUrl, type Route } from "../../components/ingress/route";
import { parseDurationMs } from "../../components/ingress/units";
import {
  hostName,
  hostOrWildcard,
  hostSpelling,
  integer,
  label,
  pattern,
  reasoned,
  type Reasons,
} from "../formats/names";
import { range } from "../formats/ip-ranges";
import { declaredPort, objectName } from "./workload";

/** A Go duration greater than zero. */
export const period = pattern(/^(\d+(ms|s|m|h))+$/, "a Go duration, such as 1m or 90s", [
  [/\dd/, "hours, such as 24h: a Go duration has no days"],
]).refine((text) => !(parseDurationMs(text) <= 0), {
  error: "a Go duration longer than zero, such as 1m or 90s",
});

/** Why the API server rejects a path. */
export const pathReasons: Reasons = [
  [/%2f/i, "a path without an encoded slash (%2F): the API server rejects it"],
  [/\/\//, "a path without //: the API server rejects it"],
  [/\/\.\.?(\/|$)/, "a path without . or .. as a part of it: the API server rejects them"],
  [/\s/, "a path without spaces: in a URL a space is %20"],
];

/** Neither `//` nor `.` nor `..` as a part of it, nor an encoded slash: the API server rejects those. */
const path = pattern(/^(?!.*(\/\/|\/\.\.?(\/|$)|%2f))\/\S{0,1023}$/i, "a path, such as /v1", pathReasons);

/** A path that a regular expression and a URL spell alike. */
const plainPath = /^(?=\/)(?!.*\/\.\.?(\/|$))(\/[-A-Za-z0-9._~]+)*\/?$/;

const origin = pattern(
  /^https?:\/\/(\*\.[a-z0-9-]+\.)?([a-z0-9-]+\.)*[a-z0-9-]+(:\d{1,5})?$/i,
  "an origin with its scheme, such as https://example.com",
  [
    [/\*/, "a star only as the whole first label before two others, such as https://*.example.com"],
    [/,/, "each origin as a separate list item"],
    [/^https?:\/\/[^/]+\//i, "the origin without a path or trailing slash: browsers send neither"],
  ],
);

/** Headers that control the connection (hop-by-hop headers, Host, Content-Length), which a route cannot change. */
const headerName = pattern(
  /^(?!(connection|content-length|host|keep-alive|te|trailer|transfer-encoding|upgrade)$)[a-z0-9](-?[a-z0-9])*$/i,
  "the name of a header, such as X-Frame-Options, that does not control the connection itself",
);

const corsHeader = pattern(/^([a-z0-9](-?[a-z0-9])*|\*)$/i, "the name of a header, such as X-Total-Count");

const headerValue = pattern(/^[!-~]([ -~]{0,4094}[!-~])?$/, "one line of printable ASCII, such as DENY");

const headerChanges = z
  .strictObject({
    /** Headers to set, replacing existing ones. */
    set: z.record(headerName, headerValue).default({}),
    /** Headers to remove. */
    remove: z.array(headerName).default([]),
  })
  .refine(
    ({ set, remove }) => {
      const names = [...Object.keys(set), ...remove].map((name) => name.toLowerCase());
      return new Set(names).size === names.length;
    },
    { error: "each header once, either set or removed" },
  )
  .refine(({ set, remove }) => Object.keys(set).length <= 16 && remove.length <= 16, {
    error: "at most 16 headers set and 16 removed",
  })
  .prefault({});

function isTarget(to: string): boolean {
  if (!to.includes("://")) return hostName.safeParse(to).success;
  if (!URL.canParse(to)) return false;
  const { protocol, hostname, username, password, hash } = redirectUrl({ to });
  const isWeb = protocol === "https:" || protocol === "http:";
  return isWeb && /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(hostname) && username + password + hash === "";
}

/** One host of an app: components/ingress/route.ts defines each key. */
export const route = z.strictObject({
  /**
   * The host: `dns.domain`, or one label before it. A star in its place is every such name without a route of its own:
   * `*.example.com`.
   */
  host: hostOrWildcard,
  /** The creator of the host's records: this program, or external-dns inside the cluster. */
  dns: z.enum(["pulumi", "external-dns"]).default("pulumi"),
  /** The port of the app to which requests go, by number or name: `port` or one of `ports`. Default: `port`. */
  port: declaredPort.optional(),
  /** The paths of the host that this app serves. */
  paths: z
    .array(
      z
        .strictObject({
          /** An absolute path. */
          path,
          /** `Prefix` matches whole path elements: `/v1` matches `/v1/users`, not `/v10`. */
          pathType: z.enum(["Prefix", "Exact"]).default("Prefix"),
          /**
           * The path that the app gets in place of `path`: with `path: /api` and `rewrite: /`, it gets `/users` for
           * `/api/users`. Default: the request's path, unchanged. Not supported by ingress-nginx.
           */
          rewrite: pattern(
            plainPath,
            "a path of letters, digits and - . _ ~ only, such as /v1",
            pathReasons,
          ).optional(),
        })
        .refine((each) => each.rewrite === undefined || plainPath.test(each.path), {
          error: "with rewrite only letters, digits and - . _ ~ between the slashes of path",
        }),
    )
    .min(1)
    .max(64, { error: "at most 64 paths" })
    .default([{ path: "/", pathType: "Prefix" }]),
  /** The rate limit of one client, counted by each pod of the controller. Beyond it the response is 429. */
  rateLimit: z
    .strictObject({
      /** Requests per `period`, on average. */
      requests: z.int().min(1),
      /** The period. */
      period,
      /**
       * Requests beyond the average that may come at once. Default: 50; ingress-nginx rounds up to a multiple of its
       * limit.
       */
      burst: z.int().min(1).optional(),
    })
    .optional(),
  /** CORS: other origins whose pages may call the app. */
  cors: z
    .strictObject({
      /** The permitted origins. A star is one label: `https://*.example.com` permits `https://a.example.com`. */
      origins: z.array(origin).min(1),
      /** The permitted methods. */
      methods: z.array(z.string()).default(["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]),
      /** The permitted request headers. */
      headers: z.array(z.string()).default(["Authorization", "Content-Type"]),
      /** Seconds for which a browser may cache the response to a preflight. */
      maxAgeSeconds: z.int().min(0).default(600),
      /** Whether pages may send cookies and passwords, and read the responses. Default: false. */
      credentials: z.boolean().optional(),
      /** The response headers that pages may read, besides those that browsers always permit. Default: none. */
      exposeHeaders: z.array(corsHeader).min(1).optional(),
    })
    .refine(
      ({ credentials, methods, headers, exposeHeaders = [] }) =>
        credentials !== true || ![methods, headers, exposeHeaders].flat().includes("*"),
      { error: "each method and header by name: with credentials browsers do not take * for all" },
    )
    .optional(),
  /** HTTP basic authentication, by generated passwords or those of an existing Secret. */
  basicAuth: z
    .strictObject({
      /** The users, each with a generated password, in the output `passwords`. */
      users: z.array(label).default([]),
      /**
       * Instead of `users`: an existing Secret in the app's namespace with htpasswd lines at its only key, `auth`, such as
       * one of ingress-nginx.
       */
      secret: objectName("a Secret in the app's namespace").optional(),
    })
    .refine(({ users, secret }) => (secret === undefined) !== (users.length === 0), {
      error: "exactly one of users and secret",
    })
    .optional(),
  /** Forward authentication: the ingress controller asks another app about each request, such as oauth2-proxy. */
  forwardAuth: z
    .strictObject({
      /** The app that is asked. It may be an existing one. */
      app: z.string(),
      /** The path of the question, such as `/oauth2/auth`. A response of 2xx admits the request. */
      path,
      /**
       * The headers of the response that the app gets, such as `X-Auth-Request-User`. A client's own headers with these
       * names are removed.
       */
      responseHeaders: z.array(headerName).max(32).default([]),
      /**
       * Where a client is redirected after a response of 401: a URL, or a path of the same host, such as `/oauth2/start`.
       * ingress-nginx appends the requested URL as parameter `rd`. Default: the client gets the response itself;
       * ingress-nginx passes on only 401 and 403.
       */
      signIn: z
        .string()
        .refine((to) => path.safeParse(to).success || (to.includes("://") && isTarget(to)), {
          error: "a path, such as /oauth2/start, or a URL, such as https://auth.example.com/start",
        })
        .optional(),
    })
    .optional(),
  /** Redirects every request of the host. */
  redirect: z
    .strictObject({
      /** A host, reached by HTTPS, or a URL. */
      to: z
        .string()
        .refine(
          isTarget,
          reasoned("a host, such as other.example.com, or a URL, such as https://example.com/new", [
            [/\*/, "one full host name: a redirect cannot lead to a wildcard"],
            ...hostSpelling,
          ]),
        ),
      /** 301 and 308 are permanent. With 307 and 308 the browser keeps the method. */
      status: z.literal([301, 302, 307, 308]).default(301),
      /** Whether path and query of the request are appended to `to`. */
      keepPath: z.boolean().default(true),
    })
    .optional(),
  /** Changes of headers. */
  headers: z
    .strictObject({
      /** Changes of request headers. Not supported by ingress-nginx. */
      request: headerChanges,
      /** Changes of response headers, of the app's and the controller's own responses. */
      response: headerChanges,
    })
    .refine(
      ({ request, response }) =>
        [request, response].some(({ set, remove }) => Object.keys(set).length + remove.length > 0),
      { error: "at least one header in request or response" },
    )
    .optional(),
  /**
   * The maximum size of a request body; larger ones get 413. Default: no limit by the controller. With a limit, Traefik reads
   * each request and each response completely before it passes them on: uploads, downloads and server-sent events do not
   * stream on that host, and `protocol: grpc` is refused.
   */
  maxBodySize: pattern(/^[1-9]\d{0,5}(Ki|Mi|Gi)$/, "a size in Ki, Mi or Gi, such as 10Mi").optional(),
  /**
   * Compresses responses, for clients that accept it. Default: the app's responses as they are; Cloudflare compresses those
   * of proxied hosts anyway. Not supported by ingress-nginx.
   */
  compress: z.literal(true).optional(),
  /** Timeouts between the controller and the app. Default: the controller's own. */
  timeouts: z
    .strictObject({
      /**
       * Seconds until the app begins to respond. ingress-nginx also applies it between two reads or writes, so it
       * ends a quiet stream or WebSocket.
       */
      requestSeconds: integer(1, 3600).optional(),
      /** Seconds until the connection to the app is established. */
      connectSeconds: integer(1, 75).optional(),
    })
    .refine((given) => Object.keys(given).length > 0, { error: "requestSeconds, connectSeconds or both" })
    .optional(),
  /** Permitted client ranges; others get 403. Default: all. */
  allowFrom: z.array(range).min(1).optional(),
  /**
   * Sticky sessions: the requests of one client go to the same pod. Such a host is not load-balanced by the
   * mesh.
   */
  sticky: z
    .strictObject({
      /** The name of the cookie: sent over TLS only, and hidden from scripts. */
      cookie: pattern(/^[A-Za-z0-9_-]{1,64}$/, "a name of letters, digits, dashes and underscores"),
    })
    .optional(),
  /** The host's certificate: the wildcard, or one of its own. Default: `wildcard`. */
  certificate: z.enum(["wildcard", "own"]).optional(),
}) satisfies z.ZodType<Route>;
