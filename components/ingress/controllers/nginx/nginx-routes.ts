import type { BackendTls } from "../../../app/app-ports";
import { canaryBackend } from "../../canary";
import { parseDurationMs } from "../../units";
import {
  defaultBurst,
  redirectUrl,
  signInUrl,
  type ForwardAuth,
  type RateLimit,
  type Redirect,
  type ResolvedRoute,
  type Sticky,
} from "../../route";
import {
  basicAuthSecretNames,
  findBackendPort,
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
 * Renders routes as Ingress objects for ingress-nginx, with annotations for all features. The chart's values set what is
 * the same for every host: no limit of bodies, 429 beyond a rate, and connections to the Service's address instead of
 * its pods.
 *
 * Sticky sessions bypass the mesh's load balancing, as with Traefik: nginx connects to the pods themselves, so that the
 * mesh's settings of the Service do not apply.
 *
 * @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/
 */
export const renderForNginx = (app: RoutedApp): RouteManifests => ({
  routes: app.routes.map((route) => renderIngress(route, resourceNames(app.name, route.host), app)),
});

function renderIngress(route: ResolvedRoute, names: ResourceNames, app: RoutedApp): RouteManifest {
  const supportingResources = responseHeadersConfigMap(route, names);
  const split = canaryBackend(app, route);
  // The suffix distinguishes it from Traefik's Ingress, since both exist while one controller replaces the other.
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

/** The Ingress of the canary. nginx takes the host's other annotations from the first Ingress, except the session's. */
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
  app: RoutedApp,
): Annotations {
  const { allowFrom, rateLimit, redirect, cors, basicAuth, maxBodySize, timeouts, sticky } = route;
  const { host, forwardAuth, authUrl } = route;
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
      // ingress-nginx's default is true, Traefik's is false.
      "cors-allow-credentials": String(cors.credentials ?? false),
      ...(cors.exposeHeaders && { "cors-expose-headers": cors.exposeHeaders.join(",") }),
    }),
    ...(basicAuth && {
      "auth-type": "basic",
      "auth-secret": basicAuth.secret ?? basicAuthSecretNames(names).objectName,
      "auth-realm": "Authentication Required",
    }),
    ...(forwardAuth && authUrl !== undefined && forwardAuthAnnotations(forwardAuth, authUrl, host)),
    ...(maxBodySize !== undefined && { "proxy-body-size": maxBodySize.slice(0, -1).toLowerCase() }),
    ...(timeouts?.connectSeconds !== undefined && {
      "proxy-connect-timeout": String(timeouts.connectSeconds),
    }),
    ...(timeouts?.requestSeconds !== undefined && {
      "proxy-read-timeout": String(timeouts.requestSeconds),
      "proxy-send-timeout": String(timeouts.requestSeconds),
      // Otherwise it would retry the request and wait for the same time again.
      "proxy-next-upstream-timeout": String(timeouts.requestSeconds),
    }),
    ...(sticky && sessionAnnotations(sticky)),
    ...backendProtocol(app, route, namespace),
  };
}

function backendProtocol(app: RoutedApp, route: ResolvedRoute, namespace: string): Annotations {
  const { isHttp2 } = findBackendPort(app, route);
  if (app.tls)
    return { "backend-protocol": isHttp2 ? "GRPCS" : "HTTPS", ...verification(app.tls, namespace) };
  return isHttp2 ? { "backend-protocol": "GRPC" } : {};
}

/** Without these, nginx accepts any certificate. */
const verification = ({ caSecret, serverName }: BackendTls, namespace: string): Annotations =>
  caSecret === undefined || serverName === undefined
    ? {}
    : {
        "proxy-ssl-secret": `${namespace}/${caSecret}`,
        "proxy-ssl-verify": "on",
        "proxy-ssl-name": serverName,
        "proxy-ssl-server-name": "on",
        "proxy-ssl-protocols": "TLSv1.2 TLSv1.3",
      };

/** nginx sets each header of `auth-response-headers` in the request, and removes it if the response has none. */
const forwardAuthAnnotations = (
  { responseHeaders, signIn }: ForwardAuth,
  url: string,
  host: string,
): Annotations => ({
  "auth-url": url,
  ...(responseHeaders.length > 0 && { "auth-response-headers": responseHeaders.join(",") }),
  ...(signIn !== undefined && { "auth-signin": signInUrl(host, signIn) }),
});

const redirectAnnotations = (redirect: Redirect): Annotations => {
  const kind = redirect.status === 301 || redirect.status === 308 ? "permanent" : "temporal";
  return {
    [`${kind}-redirect`]: redirectUrl(redirect).href,
    [`${kind}-redirect-code`]: String(redirect.status),
  };
};

/** A rate limit in nginx's units: whole requests in a second or a minute. */
export interface NginxRate {
  readonly annotation: "limit-rps" | "limit-rpm";
  readonly limit: number;
}

/** The nginx limits that are equal to this rate, per second before per minute. Empty if there is none. */
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

/** The first nginx limit of which the burst is a multiple, since nginx counts bursts so; undefined if there is none. */
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
  if (rate === undefined)
    throw new Error("nginx does not support this rate limit, and validation must have rejected it");
  return { [rate.annotation]: String(rate.limit), "limit-burst-multiplier": String(rate.multiplier) };
}
