import { z } from "zod";

import { redirectUrl, type Route } from "../../components/ingress/route";
import { parseDurationMs } from "../../components/ingress/units";
import {
  hostName,
  hostNamed,
  hostSpelling,
  integer,
  label,
  pattern,
  reasoned,
  type Reasons,
} from "../formats/names";
import { range } from "../formats/ip-ranges";

/** A Go duration of more than nothing. */
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

const origin = pattern(
  /^https?:\/\/([a-z0-9-]+\.)*[a-z0-9-]+(:\d{1,5})?$/i,
  "an origin with its scheme, such as https://example.com",
  [
    [/\*/, "each origin in full, such as https://example.com: wildcards are not supported"],
    [/,/, "each origin as a separate list item"],
    [/^https?:\/\/[^/]+\//i, "the origin without a path or trailing slash: browsers send neither"],
  ],
);

/** Those that say how the connection itself goes on are not for a route to change. */
const headerName = pattern(
  /^(?!(connection|content-length|host|keep-alive|te|trailer|transfer-encoding|upgrade)$)[a-z0-9](-?[a-z0-9])*$/i,
  "the name of a header, such as X-Frame-Options, that does not control the connection itself",
);

const headerValue = pattern(/^[!-~]([ -~]{0,4094}[!-~])?$/, "one line of printable ASCII, such as DENY");

const headerChanges = z
  .strictObject({
    set: z.record(headerName, headerValue).default({}),
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

/** One host of an app: components/routing/route.ts says what each word means. */
export const route = z.strictObject({
  host: hostNamed(
    "each host in full: a route's DNS record and rules are for one host, so wildcards are not supported",
  ),
  /** Who makes the host's record: this program, or external-dns inside the cluster. */
  dns: z.enum(["pulumi", "external-dns"]).default("pulumi"),
  paths: z
    .array(z.strictObject({ path, pathType: z.enum(["Prefix", "Exact"]).default("Prefix") }))
    .min(1)
    .max(64, { error: "at most 64 paths" })
    .default([{ path: "/", pathType: "Prefix" }]),
  rateLimit: z
    .strictObject({ requests: z.int().min(1), period, burst: z.int().min(1).optional() })
    .optional(),
  cors: z
    .strictObject({
      origins: z.array(origin).min(1),
      methods: z.array(z.string()).default(["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]),
      headers: z.array(z.string()).default(["Authorization", "Content-Type"]),
      maxAgeSeconds: z.int().min(0).default(600),
    })
    .optional(),
  basicAuth: z.strictObject({ users: z.array(label).min(1) }).optional(),
  redirect: z
    .strictObject({
      to: z
        .string()
        .refine(
          isTarget,
          reasoned("a host, such as other.example.com, or a URL, such as https://example.com/new", [
            [/\*/, "one full host name: a redirect cannot lead to a wildcard"],
            ...hostSpelling,
          ]),
        ),
      status: z.literal([301, 302, 307, 308]).default(301),
      keepPath: z.boolean().default(true),
    })
    .optional(),
  headers: z
    .strictObject({ request: headerChanges, response: headerChanges })
    .refine(
      ({ request, response }) =>
        [request, response].some(({ set, remove }) => Object.keys(set).length + remove.length > 0),
      { error: "at least one header in request or response" },
    )
    .optional(),
  maxBodySize: pattern(/^[1-9]\d{0,5}(Ki|Mi|Gi)$/, "a size in Ki, Mi or Gi, such as 10Mi").optional(),
  timeouts: z
    .strictObject({
      requestSeconds: integer(1, 3600).optional(),
      connectSeconds: integer(1, 75).optional(),
    })
    .refine((given) => Object.keys(given).length > 0, { error: "requestSeconds, connectSeconds or both" })
    .optional(),
  allowFrom: z.array(range).min(1).optional(),
  sticky: z
    .strictObject({
      cookie: pattern(/^[A-Za-z0-9_-]{1,64}$/, "a name of letters, digits, dashes and underscores"),
    })
    .optional(),
  certificate: z.enum(["wildcard", "own"]).optional(),
}) satisfies z.ZodType<Route>;
