import type {
  HttpRouteFilter,
  HttpRouteRule,
  HttpRouteSpec,
} from "../../../custom-resources/gateway-api-resources";
import { platformGateway } from "./platform-gateway";
import { splitOf } from "../../canary";
import { middlewaresOf, requestChanges, targetOf, type RoleSpec } from "../traefik/traefik-middlewares";
import type { HeaderChanges, PlacedRoute, Redirect } from "../../route";
import { timeoutsPart } from "../traefik/traefik-routes";
import {
  authSecretOf,
  namesOf,
  withRole,
  type Named,
  type Part,
  type RoutedApp,
  type Rule,
  type Surroundings,
  type Translation,
} from "../../translation";

const traefikGroup = "traefik.io";

/**
 * Routes as HTTPRoutes of the platform's Gateway. What Gateway API has a filter for is said by that; the rest by
 * Traefik's Middlewares, and by a TraefikService between route and Service for timeouts and sticky sessions, since of an
 * HTTPRoute's own timeouts Traefik takes no notice.
 *
 * A sticky session costs what it costs with an Ingress: see `traefikTranslation`.
 *
 * @see https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/gateway-api/
 */
export const gatewayTranslation = (app: RoutedApp): Translation => ({
  rules: app.routes.map((route) => ruleOf(route, namesOf(app.name, route.host), app)),
});

function ruleOf(route: PlacedRoute, names: Named, app: RoutedApp): Rule {
  const steps = middlewaresOf(route, authSecretOf(names).name).map((step) => stepOf(step, route, names));
  const { parts, refs } = backendOf(route, names, app);
  return {
    ...names,
    kind: "HTTPRoute",
    route,
    parts: [...steps.flatMap(({ part }) => (part === undefined ? [] : [part])), ...parts],
    spec: (around) =>
      specOf(
        route,
        steps.map(({ filter }) => filter),
        refs,
        around,
      ),
  };
}

type BackendRef = NonNullable<HttpRouteRule["backendRefs"]>[number];

function specOf(
  route: PlacedRoute,
  own: readonly HttpRouteFilter[],
  backendRefs: readonly BackendRef[],
  { edgeOnly: { allowList } }: Surroundings,
): HttpRouteSpec {
  const filters = [...(allowList === undefined ? [] : [middlewareFilter(allowList)]), ...own];
  const { name, namespace, sectionName } = platformGateway;
  return {
    parentRefs: [{ name, namespace, sectionName }],
    hostnames: [route.host],
    rules: [
      {
        matches: route.paths.map(({ path, pathType }) => ({
          path: { type: pathType === "Prefix" ? "PathPrefix" : "Exact", value: path },
        })),
        ...(filters.length > 0 && { filters }),
        // A rule that redirects by itself may lead nowhere else.
        ...(!own.some(({ type }) => type === "RequestRedirect") && { backendRefs }),
      },
    ],
  };
}

/** A filter of Gateway API where there is one that does the same, and one that names a Middleware elsewhere. */
function stepOf(
  { role, spec }: RoleSpec,
  route: PlacedRoute,
  names: Named,
): { readonly filter: HttpRouteFilter; readonly part?: Part } {
  const { headers, redirect } = route;
  if (role === "request-headers")
    return {
      filter: { type: "RequestHeaderModifier", requestHeaderModifier: modifierOf(requestChanges(route)) },
    };
  if (role === "response-headers" && headers)
    return {
      filter: { type: "ResponseHeaderModifier", responseHeaderModifier: modifierOf(headers.response) },
    };
  // The filter would take the query along even where the path is left behind.
  if (role === "redirect" && redirect?.keepPath === true)
    return { filter: { type: "RequestRedirect", requestRedirect: redirectOf(redirect) } };
  const part: Part = { ...withRole(names, role), kind: "Middleware", spec };
  return { filter: middlewareFilter(part.name), part };
}

const middlewareFilter = (name: string): HttpRouteFilter => ({
  type: "ExtensionRef",
  extensionRef: { group: traefikGroup, kind: "Middleware", name },
});

const modifierOf = ({ set, remove }: HeaderChanges) => ({
  set: Object.entries(set).map(([name, value]) => ({ name, value })),
  remove,
});

function redirectOf(redirect: Redirect) {
  const { protocol, hostname, port } = targetOf(redirect);
  return {
    scheme: protocol === "http:" ? "http" : "https",
    hostname,
    ...(port !== "" && { port: Number(port) }),
    statusCode: redirect.status,
  } as const;
}

/** The app's Service, or where Traefik must know more about the way there, a TraefikService that knows. */
function backendOf(
  route: PlacedRoute,
  names: Named,
  app: RoutedApp,
): { readonly parts: readonly Part[]; readonly refs: readonly BackendRef[] } {
  const { timeouts, sticky, redirect } = route;
  const services = sharesOf(app, route);
  if (redirect !== undefined || (timeouts === undefined && sticky === undefined))
    return { parts: [], refs: services };
  const transport = timeouts && timeoutsPart(names, timeouts);
  const backend = withRole(names, "backend");
  const known = {
    ...(app.protocol === "grpc" && { scheme: "h2c" as const }),
    ...(sticky && { nativeLB: false, sticky: stickyTo(sticky.cookie) }),
    ...(transport && { serversTransport: transport.name }),
  };
  const weighted = {
    services: services.map((service) => ({ ...service, ...known })),
    // A session stays with its version before it can stay with a pod of it; that takes a cookie for each.
    ...(sticky && services.length > 1 && { sticky: stickyTo(`${sticky.cookie}-version`) }),
  };
  return {
    parts: [...(transport ? [transport] : []), { ...backend, kind: "TraefikService", spec: { weighted } }],
    refs: [{ group: traefikGroup, kind: "TraefikService", name: backend.name }],
  };
}

/** The Services that answer, with their weights where there are two. */
function sharesOf(app: RoutedApp, route: PlacedRoute) {
  const { name, serviceName = name, servicePort: port } = app;
  const split = splitOf(app, route);
  if (split === undefined) return [{ name: serviceName, port }];
  return [
    { name: serviceName, port, weight: 100 - split.weight },
    { name: split.serviceName, port, weight: split.weight },
  ];
}

const stickyTo = (name: string) => ({
  cookie: { name, secure: true, httpOnly: true, sameSite: "lax" as const },
});
