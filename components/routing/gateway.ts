import type { HttpRouteFilter, HttpRouteRule, HttpRouteSpec } from "../custom-resources/gateway";
import { platformGateway } from "../ingress/platform-gateway";
import { middlewaresOf, targetOf, type RoleSpec } from "./middlewares";
import type { HeaderChanges, PlacedRoute, Redirect } from "./route";
import { timeoutsPart } from "./traefik";
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
} from "./translation";

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
  const { parts, ref } = backendOf(route, names, app);
  return {
    ...names,
    kind: "HTTPRoute",
    route,
    parts: [...steps.flatMap(({ part }) => (part === undefined ? [] : [part])), ...parts],
    spec: (around) =>
      specOf(
        route,
        steps.map(({ filter }) => filter),
        ref,
        around,
      ),
  };
}

type BackendRef = NonNullable<HttpRouteRule["backendRefs"]>[number];

function specOf(
  route: PlacedRoute,
  own: readonly HttpRouteFilter[],
  ref: BackendRef,
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
        ...(!own.some(({ type }) => type === "RequestRedirect") && { backendRefs: [ref] }),
      },
    ],
  };
}

/** A filter of Gateway API where there is one that does the same, and one that names a Middleware elsewhere. */
function stepOf(
  { role, spec }: RoleSpec,
  { headers, redirect }: PlacedRoute,
  names: Named,
): { readonly filter: HttpRouteFilter; readonly part?: Part } {
  if (role === "request-headers" && headers)
    return {
      filter: { type: "RequestHeaderModifier", requestHeaderModifier: modifierOf(headers.request) },
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
  { timeouts, sticky, redirect }: PlacedRoute,
  names: Named,
  { name, servicePort: port }: RoutedApp,
): { readonly parts: readonly Part[]; readonly ref: BackendRef } {
  if (redirect !== undefined || (timeouts === undefined && sticky === undefined))
    return { parts: [], ref: { name, port } };
  const transport = timeouts && timeoutsPart(names, timeouts);
  const backend = withRole(names, "backend");
  const cookie = sticky && { name: sticky.cookie, secure: true, httpOnly: true, sameSite: "lax" as const };
  const target = {
    name,
    port,
    ...(cookie && { nativeLB: false, sticky: { cookie } }),
    ...(transport && { serversTransport: transport.name }),
  };
  return {
    parts: [
      ...(transport ? [transport] : []),
      { ...backend, kind: "TraefikService", spec: { weighted: { services: [target] } } },
    ],
    ref: { group: traefikGroup, kind: "TraefikService", name: backend.name },
  };
}
