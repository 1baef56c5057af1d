import type {
  HttpRouteFilter,
  HttpRouteRule,
  HttpRouteSpec,
} from "../../../custom-resources/gateway-api-resources";
import { platformGateway } from "./platform-gateway";
import { canaryBackend } from "../../canary";
import { buildMiddlewares, requestChanges, type RoleSpec } from "../traefik/traefik-middlewares";
import {
  redirectUrl,
  type HeaderChanges,
  type Redirect,
  type ResolvedRoute,
  type RoutePath,
} from "../../route";
import { buildTransport, findScheme } from "../traefik/traefik-routes";
import { traefikObject } from "../traefik/traefik-objects";
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

const traefikGroup = "traefik.io";

/**
 * Renders routes as HTTPRoutes of the platform's Gateway. It uses the filters of Gateway API where one exists, and
 * Traefik's Middlewares otherwise. Timeouts, TLS and sticky sessions take a TraefikService between route and Service, since
 * Traefik ignores an HTTPRoute's own timeouts.
 *
 * Sticky sessions bypass the mesh's load balancing, as with Ingress objects: see `renderForTraefik`.
 *
 * @see https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/gateway-api/
 */
export const renderForGateway = (app: RoutedApp): RouteManifests => ({
  routes: app.routes.map((route) => renderHttpRoute(route, resourceNames(app.name, route.host), app)),
});

function renderHttpRoute(route: ResolvedRoute, names: ResourceNames, app: RoutedApp): RouteManifest {
  const steps = buildMiddlewares(route, basicAuthSecretNames(names).objectName).map((step) =>
    buildFilter(step, route, names),
  );
  const { parts, refs } = buildBackend(route, names, app);
  return {
    ...names,
    kind: "HTTPRoute",
    route,
    supportingResources: [...steps.flatMap(({ part }) => (part === undefined ? [] : [part])), ...parts],
    spec: (context) =>
      buildSpec(
        route,
        steps.map(({ filter }) => filter),
        refs,
        context,
      ),
  };
}

type BackendRef = NonNullable<HttpRouteRule["backendRefs"]>[number];

function buildSpec(
  route: ResolvedRoute,
  own: readonly HttpRouteFilter[],
  backendRefs: readonly BackendRef[],
  { originLock: { allowList } }: RenderContext,
): HttpRouteSpec {
  const filters = [...(allowList === undefined ? [] : [middlewareFilter(allowList)]), ...own];
  const toRule = (paths: readonly RoutePath[], all: readonly HttpRouteFilter[]): HttpRouteRule => ({
    matches: paths.map(({ path, pathType }) => ({
      path: { type: pathType === "Prefix" ? "PathPrefix" : "Exact", value: path },
    })),
    ...(all.length > 0 && { filters: all }),
    // A rule with a redirect filter must have no backends.
    ...(!own.some(({ type }) => type === "RequestRedirect") && { backendRefs }),
  });
  const rewrites = route.redirect === undefined ? route.paths.flatMap(rewriteFilter) : [];
  const others = route.paths.filter((path) => rewrites.every((each) => each.path !== path));
  const { name, namespace, sectionName } = platformGateway;
  return {
    parentRefs: [{ name, namespace, sectionName }],
    hostnames: [route.host],
    rules: [
      ...(others.length > 0 ? [toRule(others, filters)] : []),
      ...rewrites.map(({ path, filter }) => toRule([path], [...filters, filter])),
    ],
  };
}

/** A path with `rewrite`, and its filter. Its rule has no other match. */
function rewriteFilter(path: RoutePath): { readonly path: RoutePath; readonly filter: HttpRouteFilter }[] {
  const { rewrite, pathType } = path;
  if (rewrite === undefined) return [];
  const urlRewrite =
    pathType === "Exact"
      ? ({ path: { type: "ReplaceFullPath", replaceFullPath: rewrite } } as const)
      : ({ path: { type: "ReplacePrefixMatch", replacePrefixMatch: rewrite } } as const);
  return [{ path, filter: { type: "URLRewrite", urlRewrite } }];
}

/** The filter for a Middleware: the equivalent of Gateway API if there is one, or else a reference to the Middleware. */
function buildFilter(
  { role, spec }: RoleSpec,
  route: ResolvedRoute,
  names: ResourceNames,
): { readonly filter: HttpRouteFilter; readonly part?: SupportingResource } {
  const { headers, redirect } = route;
  if (role === "request-headers")
    return {
      filter: {
        type: "RequestHeaderModifier",
        requestHeaderModifier: toHeaderModifier(requestChanges(route)),
      },
    };
  if (role === "response-headers" && headers)
    return {
      filter: { type: "ResponseHeaderModifier", responseHeaderModifier: toHeaderModifier(headers.response) },
    };
  // Without keepPath the filter would still append the query.
  if (role === "redirect" && redirect?.keepPath === true)
    return { filter: { type: "RequestRedirect", requestRedirect: toRequestRedirect(redirect) } };
  const part = traefikObject("Middleware", withSuffix(names, role), spec);
  return { filter: middlewareFilter(part.objectName), part };
}

const middlewareFilter = (name: string): HttpRouteFilter => ({
  type: "ExtensionRef",
  extensionRef: { group: traefikGroup, kind: "Middleware", name },
});

const toHeaderModifier = ({ set, remove }: HeaderChanges) => ({
  set: Object.entries(set).map(([name, value]) => ({ name, value })),
  remove,
});

function toRequestRedirect(redirect: Redirect) {
  const { protocol, hostname, port } = redirectUrl(redirect);
  return {
    scheme: protocol === "http:" ? "http" : "https",
    hostname,
    ...(port !== "" && { port: Number(port) }),
    statusCode: redirect.status,
  } as const;
}

/** The app's Service or, for timeouts, TLS and sticky sessions, a TraefikService in front of it. */
function buildBackend(
  route: ResolvedRoute,
  names: ResourceNames,
  app: RoutedApp,
): { readonly parts: readonly SupportingResource[]; readonly refs: readonly BackendRef[] } {
  const { timeouts, sticky, redirect } = route;
  const services = weightedBackends(app, route);
  const { tls } = app;
  if (redirect !== undefined || (timeouts ?? sticky ?? tls) === undefined)
    return { parts: [], refs: services };
  const transport = buildTransport(names, { timeouts, tls });
  const scheme = findScheme(app, route);
  const backend = withSuffix(names, "backend");
  const known = {
    ...(scheme && { scheme }),
    ...(sticky && { nativeLB: false, sticky: stickyCookie(sticky.cookie) }),
    ...(transport && { serversTransport: transport.objectName }),
  };
  const weighted = {
    services: services.map((service) => ({ ...service, ...known })),
    // A session sticks to a version and to a pod of it, which takes two cookies.
    ...(sticky && services.length > 1 && { sticky: stickyCookie(`${sticky.cookie}-version`) }),
  };
  return {
    parts: [...(transport ? [transport] : []), traefikObject("TraefikService", backend, { weighted })],
    refs: [{ group: traefikGroup, kind: "TraefikService", name: backend.objectName }],
  };
}

/** The backends: the app's Service or, with a canary, both Services with their weights. */
function weightedBackends(app: RoutedApp, route: ResolvedRoute) {
  const { name, serviceName = name } = app;
  const { port } = findBackendPort(app, route);
  const split = canaryBackend(app, route);
  if (split === undefined) return [{ name: serviceName, port }];
  return [
    { name: serviceName, port, weight: 100 - split.weight },
    { name: split.serviceName, port, weight: split.weight },
  ];
}

const stickyCookie = (name: string) => ({
  cookie: { name, secure: true, httpOnly: true, sameSite: "lax" as const },
});
