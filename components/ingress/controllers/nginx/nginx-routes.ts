import { canaryBackend } from "../../canary";
import { parseDurationMs } from "../../units";
import {
  defaultBurst,
  redirectUrl,
  type RateLimit,
  type Redirect,
  type ResolvedRoute,
  type Sticky,
} from "../../route";
import {
  basicAuthSecretNames,
  resourceNames,
  withSuffix,
  type ResourceNames,
  type SupportingResource,
  type RoutedApp,
  type RouteManifest,
  type RenderContext,
  type RouteManifests,
  type WeightedBackend,
} from "../../route-manifests";

type Annotations = Readonly<Record<string, string>>;

/**
 * Routes as Ingress objects for ingress-nginx, which is told everything by annotations. What it does for every host
 * unless one says otherwise, it is told once, in its own values: no limit of bodies, 429 beyond a rate, and the Service's
 * address in place of its pods'.
 *
 * A sticky session costs what it costs with Traefik: nginx dials the pods themselves, past what the mesh knows of the
 * Service.
 *
 * @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/
 */
export const renderForNginx = (app: RoutedApp): RouteManifests => ({
  routes: app.routes.map((route) => renderIngress(route, resourceNames(app.name, route.host), app)),
});

function renderIngress(route: ResolvedRoute, names: ResourceNames, app: RoutedApp): RouteManifest {
  const supportingResources = responseHeadersConfigMap(route, names);
  const split = canaryBackend(app, route);
  // Of the same kind as Traefik's, beside which it stands while one takes over from the other.
  const its = withSuffix(names, "nginx");
  return {
    ...its,
    kind: "Ingress",
    route,
    supportingResources,
    annotations: (context) => prefixed(annotationsFor(route, names, supportingResources, context, app)),
    ...(split && { canary: { ...withSuffix(its, "canary"), ...canaryIngress(route, split) } }),
  };
}

const prefixed = (annotations: Annotations): Annotations =>
  Object.fromEntries(
    Object.entries(annotations).map(([key, value]) => [`nginx.ingress.kubernetes.io/${key}`, value]),
  );

/** All else is said of the host by the Ingress that it stands beside; of a session it must know the same. */
const canaryIngress = ({ sticky }: ResolvedRoute, { serviceName, weight }: WeightedBackend) => ({
  serviceName,
  annotations: prefixed({
    canary: "true",
    "canary-weight": String(weight),
    ...(sticky && sessionAnnotations(sticky)),
  }),
});

const sessionAnnotations = ({ cookie }: Sticky): Annotations => ({
  affinity: "cookie",
  "affinity-mode": "persistent",
  "session-cookie-name": cookie,
  "session-cookie-secure": "true",
  "session-cookie-samesite": "Lax",
  "service-upstream": "false",
});

function responseHeadersConfigMap({ headers }: ResolvedRoute, names: ResourceNames): SupportingResource[] {
  const data = headers?.response.set ?? {};
  if (Object.keys(data).length === 0) return [];
  return [{ ...withSuffix(names, "response-headers"), kind: "ConfigMap", data }];
}

function annotationsFor(
  route: ResolvedRoute,
  names: ResourceNames,
  [headers]: readonly SupportingResource[],
  { namespace, originLock: { clientCertificate } }: RenderContext,
  { protocol }: RoutedApp,
): Annotations {
  const { allowFrom, rateLimit, redirect, cors, basicAuth, maxBodySize, timeouts, sticky } = route;
  return {
    ...(clientCertificate !== undefined && {
      "auth-tls-secret": clientCertificate,
      "auth-tls-verify-client": "on",
    }),
    ...(allowFrom && { "whitelist-source-range": allowFrom.join(",") }),
    ...(headers && { "custom-headers": `${namespace}/${headers.objectName}` }),
    ...(rateLimit && rateLimitAnnotations(rateLimit)),
    ...(redirect && redirectAnnotations(redirect)),
    ...(cors && {
      "enable-cors": "true",
      "cors-allow-origin": cors.origins.join(","),
      "cors-allow-methods": cors.methods.join(","),
      "cors-allow-headers": cors.headers.join(","),
      "cors-max-age": String(cors.maxAgeSeconds),
      // It is on by itself, and Traefik's is not.
      "cors-allow-credentials": "false",
    }),
    ...(basicAuth && {
      "auth-type": "basic",
      "auth-secret": basicAuthSecretNames(names).objectName,
      "auth-realm": "Authentication Required",
    }),
    ...(maxBodySize !== undefined && { "proxy-body-size": maxBodySize.slice(0, -1).toLowerCase() }),
    ...(timeouts?.connectSeconds !== undefined && {
      "proxy-connect-timeout": String(timeouts.connectSeconds),
    }),
    ...(timeouts?.requestSeconds !== undefined && {
      "proxy-read-timeout": String(timeouts.requestSeconds),
      "proxy-send-timeout": String(timeouts.requestSeconds),
      // Otherwise it would ask the app again, and wait as long again.
      "proxy-next-upstream-timeout": String(timeouts.requestSeconds),
    }),
    ...(sticky && sessionAnnotations(sticky)),
    ...(protocol === "grpc" && { "backend-protocol": "GRPC" }),
  };
}

const redirectAnnotations = (redirect: Redirect): Annotations => {
  const kind = redirect.status === 301 || redirect.status === 308 ? "permanent" : "temporal";
  return {
    [`${kind}-redirect`]: redirectUrl(redirect).href,
    [`${kind}-redirect-code`]: String(redirect.status),
  };
};

/** A limit as nginx counts: whole requests in a second or a minute. */
export interface NginxRate {
  readonly annotation: "limit-rps" | "limit-rpm";
  readonly limit: number;
}

/** The ways in which nginx can count this rate, the finest first; none if it cannot. */
export function nginxRates({ requests, period }: RateLimit): NginxRate[] {
  const perMillisecond = requests / parseDurationMs(period);
  const rates: NginxRate[] = [
    { annotation: "limit-rps", limit: perMillisecond * 1000 },
    { annotation: "limit-rpm", limit: perMillisecond * 60_000 },
  ];
  return rates
    .map(({ annotation, limit }) => ({ annotation, limit: Number(limit.toFixed(6)) }))
    .filter(({ limit }) => Number.isInteger(limit) && limit > 0);
}

/** Of several ways the first in which nginx can count the burst as well, which it does in multiples of the limit. */
export function nginxRate(rateLimit: RateLimit): (NginxRate & { readonly multiplier: number }) | undefined {
  const { burst } = rateLimit;
  return nginxRates(rateLimit)
    .map((rate) => ({
      ...rate,
      multiplier: burst === undefined ? Math.ceil(defaultBurst / rate.limit) : burst / rate.limit,
    }))
    .find(({ multiplier }) => Number.isInteger(multiplier));
}

function rateLimitAnnotations(rateLimit: RateLimit): Annotations {
  const rate = nginxRate(rateLimit);
  if (rate === undefined) throw new Error("nginx cannot count this: the route had to be refused before");
  return { [rate.annotation]: String(rate.limit), "limit-burst-multiplier": String(rate.multiplier) };
}
