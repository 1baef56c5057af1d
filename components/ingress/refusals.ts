import type { ControllerName } from "./controllers";
import { parseDurationMs } from "./duration";
import { redirectUrl } from "./controllers/traefik/traefik-middlewares";
import { nginxRate, nginxRates } from "./controllers/nginx/nginx-routes";
import type { RateLimit, Route } from "./route";

/** What a controller cannot do for a route. */
export interface UnsupportedFeature {
  /** The word, by its path in the route: `rateLimit.burst`. */
  readonly field: string;
  /** What was given, why it cannot be, and what to do. */
  readonly problem: string;
}

type Says = readonly [word: string, isRefused: boolean, problem: string];

/** What of a route's app decides what a controller can do for it. */
export interface RouteOwner {
  /** The other routes of the app, with which some controllers make it share. */
  readonly others?: readonly Shared[] | undefined;
  /** Whether its Service is another's, on which nothing can be said. Default false. */
  readonly existing?: boolean | undefined;
  /** What answers a part of the requests. Absence means that there is one version. */
  readonly canary?: unknown;
}

/** What this controller cannot do for a route, all of it by name; empty if it can do everything. */
export function unsupportedFeatures(
  route: Route,
  controller: ControllerName,
  owner: RouteOwner = {},
): UnsupportedFeature[] {
  const says = {
    traefik: () => [...traefikSays(route), ...onServiceOfTraefik(route, owner)],
    nginx: () => nginxSays(route),
    gateway: () => gatewaySays(route),
  };
  return says[controller]().flatMap(([field, isRefused, problem]) => (isRefused ? [{ field, problem }] : []));
}

/** Ends every sentence: the word that gives the route to another controller. */
const or = (...controllers: ControllerName[]): string => `or ingress.controller ${controllers.join(" or ")}`;

function traefikSays({ redirect }: Route): Says[] {
  const { status = 301 } = redirect ?? {};
  const same = status === 308 ? 301 : 302;
  return [
    [
      "redirect.status",
      status === 307 || status === 308,
      `got ${status}, but Traefik answers a GET with ${same} and any other method with ${status}; ` +
        `want ${same}, which is the same there, ${or("nginx", "gateway")}`,
    ],
  ];
}

type Shared = Pick<Route, "host" | "redirect" | "sticky" | "timeouts">;

/** Traefik reads these off the Service, and an app has but one. What redirects does not lead there. */
function onServiceOfTraefik(route: Route, { others = [], existing, canary }: RouteOwner): Says[] {
  if (route.redirect !== undefined) return [];
  const words = (["sticky", "timeouts"] as const).flatMap((word): Says[] => {
    const other = others.find(
      (each) => each.redirect === undefined && JSON.stringify(each[word]) !== JSON.stringify(route[word]),
    );
    const isSaid = route[word] !== undefined;
    return [
      [
        word,
        isSaid && existing === true,
        "is given with existing: true, but Traefik reads it off the Service, and that is another's to change; " +
          `want none, ${or("nginx", "gateway")}`,
      ],
      [
        word,
        isSaid && existing !== true && other !== undefined,
        `differs from that of ${other?.host ?? ""}, but Traefik reads it off the Service that both lead to; ` +
          `want the same on every route of the app, ${or("nginx", "gateway")}`,
      ],
    ];
  });
  const split: Says = [
    "sticky",
    route.sticky !== undefined && canary !== undefined,
    "is given with canary, but for a session Traefik dials the pods of one Service, past the mesh that splits; " +
      `want one of the two, ${or("nginx", "gateway")}`,
  ];
  return [...words, split];
}

function nginxSays({ paths, rateLimit, cors, headers, redirect }: Route): Says[] {
  const request = headers?.request ?? { set: {}, remove: [] };
  const { href = "" } = redirect ? redirectUrl(redirect) : {};
  return [
    ...paths.map(({ path }, index): Says => [
      `paths.${index}.path`,
      !/^[A-Za-z0-9/._-]*$/.test(path),
      `got ${path}, but nginx takes only letters, digits and / . _ - in a path; want another, ${or("traefik", "gateway")}`,
    ]),
    ...(rateLimit ? nginxRateSays(rateLimit) : []),
    ...(["methods", "headers"] as const).map((word): Says => [
      `cors.${word}`,
      cors?.[word].length === 0,
      `got none, but nginx then allows a list of its own; want at least one, ${or("traefik", "gateway")}`,
    ]),
    [
      "headers.request",
      Object.keys(request.set).length + request.remove.length > 0,
      "is given, but nginx changes what the app sees by snippets alone, and those are off, since with them whoever may " +
        `write an Ingress may write nginx's own configuration; want none, ${or("traefik", "gateway")}`,
    ],
    [
      "headers.response.remove",
      (headers?.response.remove.length ?? 0) > 0,
      `got ${headers?.response.remove.join(", ") ?? ""}, but nginx takes no header away without snippets, which are off; ` +
        `want none, ${or("traefik", "gateway")}`,
    ],
    [
      "redirect.keepPath",
      redirect?.keepPath === true,
      "got true, but nginx sends every path to the same URL without snippets, which are off; want keepPath: false, " +
        or("traefik", "gateway"),
    ],
    [
      "redirect.to",
      !/^[-._~A-Za-z0-9/:?&=]*$/.test(href),
      `got ${redirect?.to ?? ""}, but nginx takes only letters, digits and - . _ ~ / : ? & = in it; want another, ` +
        or("traefik", "gateway"),
    ],
  ];
}

function nginxRateSays(rateLimit: RateLimit): Says[] {
  const { requests, period, burst = 0 } = rateLimit;
  const limits = nginxRates(rateLimit).map(({ limit }) => limit);
  const multiples = [...new Set(limits.flatMap((limit) => around(burst, limit)))].sort((a, b) => a - b);
  return [
    [
      "rateLimit",
      limits.length === 0,
      `got ${requests} in ${period}, but nginx counts whole requests in a second or a minute; ` +
        `want such as ${nearest(rateLimit)} in 1m, ${or("traefik", "gateway")}`,
    ],
    [
      "rateLimit.burst",
      limits.length > 0 && nginxRate(rateLimit) === undefined,
      `got ${burst}, but nginx counts a burst in multiples of the limit, here ${limits.join(" or ")}; ` +
        `want ${multiples.join(" or ")}, ${or("traefik", "gateway")}`,
    ],
  ];
}

/** The multiples of a limit next to a burst, from one up. */
const around = (burst: number, limit: number): number[] =>
  [Math.floor(burst / limit), Math.ceil(burst / limit)]
    .filter((times) => times > 0)
    .map((times) => times * limit);

const nearest = (rateLimit: RateLimit): number =>
  Math.max(1, Math.round((rateLimit.requests * 60_000) / parseDurationMs(rateLimit.period)));

function gatewaySays({ paths, redirect, certificate }: Route): Says[] {
  const { status = 301, keepPath = true } = redirect ?? {};
  return [
    ...paths.map(({ path }, index): Says => [
      `paths.${index}.path`,
      !/^([-A-Za-z0-9/._~!$&'()*+,;=:@]|%[0-9a-fA-F]{2})*$/.test(path),
      `got ${path}, but an HTTPRoute takes only what RFC 3986 does in a path; want another, ${or("traefik")}`,
    ]),
    [
      "redirect.status",
      !keepPath && (status === 307 || status === 308),
      `got ${status} with keepPath: false, which Traefik does only with 301 or 302; want one of those, ${or("nginx")}`,
    ],
    [
      "certificate",
      certificate === "own",
      "got own, but the Gateway shows the wildcard certificate for every host; want wildcard, " +
        or("traefik", "nginx"),
    ],
  ];
}
