import type { BackendTls } from "../../../app/app-ports";
import { createHash } from "node:crypto";

import { buildMiddlewares, rewriteMiddleware } from "./traefik-middlewares";
import { traefikObject } from "./traefik-objects";
import { traefikReference } from "./traefik-tls";
import { isWildcard, type ResolvedRoute, type RoutePath, type Sticky, type Timeouts } from "../../route";
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
} from "../../route-manifests";

const router = "traefik.ingress.kubernetes.io/router";
const service = "traefik.ingress.kubernetes.io/service";

/**
 * Renders routes as Ingress objects for Traefik, each with Middlewares. Traefik reads timeouts, TLS and sticky sessions from
 * annotations of the Service, which all routes of an app share.
 *
 * Sticky sessions bypass the mesh's load balancing: a Service has only one address, so Traefik must connect to the pods
 * themselves. These connections still have mTLS, but the mesh no longer chooses a pod for each request, and its settings
 * of the Service, such as retries and timeouts, do not apply to requests from Traefik.
 *
 * @see https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/ingress/
 */
export function renderForTraefik(routedApp: RoutedApp): RouteManifests {
  const { name, routes, tls } = routedApp;
  const app = { pulumiName: name, objectName: name };
  // Validation has checked that they are the same on all routes.
  const served = routes.find(({ redirect }) => redirect === undefined);
  const { timeouts, sticky } = served ?? {};
  const route = served ?? routes[0];
  const transport = buildTransport(app, { timeouts, tls: route && tls });
  const scheme = route && findScheme(routedApp, route);
  return {
    ...((sticky ?? transport ?? scheme) && {
      service: {
        supportingResources: transport ? [transport] : [],
        annotations: (namespace) => ({
          ...(scheme && { [`${service}.serversscheme`]: scheme }),
          ...(sticky && stickyAnnotations(sticky)),
          ...(transport && {
            [`${service}.serverstransport`]: traefikReference(namespace, transport.objectName),
          }),
        }),
      },
    }),
    routes: routes.map((route) => renderIngress(route, resourceNames(name, route.host))),
  };
}

function renderIngress(route: ResolvedRoute, names: ResourceNames): RouteManifest {
  const shared = buildMiddlewares(route, basicAuthSecretNames(names).objectName).map(({ role, spec }) =>
    traefikObject("Middleware", withSuffix(names, role), spec),
  );
  // The annotations of an Ingress are for all of its paths.
  const single = route.paths.flatMap((path) => {
    const spec = rewriteMiddleware(path, route);
    if (spec === undefined && !isWildcard(route)) return [];
    const its = pathNames(names, path);
    const parts = spec ? [traefikObject("Middleware", withSuffix(its, "rewrite"), spec)] : [];
    return [{ ...its, path, parts, priority: isWildcard(route) ? wildcardPriority(path) : {} }];
  });
  return {
    ...names,
    kind: "Ingress",
    route,
    supportingResources: [...shared, ...single.flatMap(({ parts }) => parts)],
    annotations: (context) => routerAnnotations(shared, context),
    pathIngresses: single.map(({ parts, priority, ...each }) => ({
      ...each,
      annotations: (context) => ({ ...routerAnnotations([...shared, ...parts], context), ...priority }),
    })),
  };
}

/**
 * The priority of a path of a wildcard host: below that of every host in full, for which Traefik takes the length of the
 * rule, and by the path's length among themselves. Without it a wildcard with a longer path would take a host's requests.
 */
const wildcardPriority = ({ path, pathType }: RoutePath) => ({
  [`${router}.priority`]: String(2 * path.length + (pathType === "Exact" ? 1 : 0) - 2 * maxPathLength),
});

/** Longer than any path of the settings. */
const maxPathLength = 2000;

/** The names of the objects of one path. They do not depend on the other paths. */
const pathNames = (names: ResourceNames, { path, pathType }: RoutePath): ResourceNames =>
  withSuffix(names, createHash("sha256").update(`${pathType} ${path}`).digest("hex").slice(0, 8));

/** The annotations of a router: the origin lock, unless that is the default TLS options', and the route's own Middlewares. */
function routerAnnotations(parts: readonly SupportingResource[], { namespace, originLock }: RenderContext) {
  const { allowList, openHost } = originLock;
  const own = parts.map(({ objectName }) => traefikReference(namespace, objectName));
  const middlewares = [...(allowList === undefined ? [] : [allowList]), ...own];
  return {
    [`${router}.entrypoints`]: "websecure",
    ...(middlewares.length > 0 && { [`${router}.middlewares`]: middlewares.join(",") }),
    ...openHost,
  };
}

const stickyAnnotations = ({ cookie }: Sticky) => ({
  [`${service}.nativelb`]: "false",
  [`${service}.sticky.cookie.name`]: cookie,
  [`${service}.sticky.cookie.secure`]: "true",
  [`${service}.sticky.cookie.httponly`]: "true",
  [`${service}.sticky.cookie.samesite`]: "lax",
});

/** The scheme of requests to the app; undefined for HTTP/1. */
export function findScheme(app: RoutedApp, route: ResolvedRoute): "h2c" | "https" | undefined {
  if (app.tls) return "https";
  return findBackendPort(app, route).isHttp2 ? "h2c" : undefined;
}

/** The ServersTransport with Traefik's timeouts of requests to the app, and its TLS. Undefined without either. */
export function buildTransport(
  names: ResourceNames,
  { timeouts, tls }: { readonly timeouts: Timeouts | undefined; readonly tls: BackendTls | undefined },
): SupportingResource | undefined {
  if (timeouts === undefined && tls === undefined) return undefined;
  return traefikObject("ServersTransport", withSuffix(names, tls ? "transport" : "timeouts"), {
    ...(timeouts && { forwardingTimeouts: toForwardingTimeouts(timeouts) }),
    ...(tls && toVerification(tls)),
  });
}

const toForwardingTimeouts = ({ requestSeconds, connectSeconds }: Timeouts) => ({
  ...(connectSeconds !== undefined && { dialTimeout: `${connectSeconds}s` }),
  ...(requestSeconds !== undefined && { responseHeaderTimeout: `${requestSeconds}s` }),
});

const toVerification = ({ serverName, caSecret, caConfigMap, insecureSkipVerify }: BackendTls) =>
  insecureSkipVerify
    ? { insecureSkipVerify }
    : {
        ...(serverName !== undefined && { serverName }),
        rootCAs: [
          ...(caSecret === undefined ? [] : [{ secret: caSecret }]),
          ...(caConfigMap === undefined ? [] : [{ configMap: caConfigMap }]),
        ],
      };
