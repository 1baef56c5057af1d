import { isDeepStrictEqual } from "node:util";

import { matchesHost, redirectUrl } from "../../components/ingress/route";
import { unsupportedFeatures } from "../../components/ingress/controllers";
import { route as routeSchema } from "../apps/routes";
import { errorIf, type ConfigError } from "../config-error";
import { routeRule, type Facts, type Rule } from "../rule";
import type { AppRoute } from "../zone";

type Route = AppRoute["route"];

/** Rules about routes, and about what the ingress controller does not support of them. */
export const routeRules: readonly Rule[] = [
  routeRule([], (route, { routes }) =>
    findRedirectErrors(
      route,
      routes.map((each) => each.route.host),
    ),
  ),
  routeRule(["loadBalancer"], ({ allowFrom }, { loadBalancer }) =>
    errorIf(
      !(allowFrom === undefined || loadBalancer.proxyProtocol),
      "allowFrom",
      "cannot be combined with loadBalancer.proxyProtocol: false, by which every client seems to be the load balancer",
    ),
  ),
  routeRule(["ingress"], ({ timeouts }, { ingress: { maxRequestSeconds: most } }) => {
    const seconds = timeouts?.requestSeconds ?? 0;
    if (seconds <= most) return [];
    const message =
      `got ${seconds}, but no request may last longer than ingress.maxRequestSeconds, which is ${most}; ` +
      `want ${most} or less, or ingress.maxRequestSeconds: ${seconds}`;
    return [{ path: "timeouts.requestSeconds", message }];
  }),
  routeRule(["apps", "appNames"], findForwardAuthErrors),
  routeRule(["ingress", "apps"], (route, { ingress, apps, routes }, { app, path }) => {
    const others = routes.filter((each) => each.app === app && each.path !== path);
    const owner = { ...apps[app], others: others.map((each) => each.route) };
    return unsupportedFeatures(route, ingress.controller, owner).map(({ field, problem }) => ({
      path: field,
      message: problem,
    }));
  }),
];

/** Whether a setting of a route has an effect if the route redirects. Names every setting, so that none is forgotten. */
const appliesToRedirects: Readonly<Record<keyof Route, boolean>> = {
  host: true,
  dns: true,
  paths: true,
  redirect: true,
  certificate: true,
  port: false,
  rateLimit: false,
  cors: false,
  basicAuth: false,
  forwardAuth: false,
  headers: false,
  maxBodySize: false,
  compress: false,
  timeouts: false,
  allowFrom: false,
  sticky: false,
};

/** The app that is asked must answer HTTP, and no other way to the app may lead round it with forged headers. */
function findForwardAuthErrors(
  { forwardAuth }: Route,
  { apps, appNames, routes }: Pick<Facts, "apps" | "appNames" | "routes">,
  { app, path }: AppRoute,
): ConfigError[] {
  if (forwardAuth === undefined) return [];
  const { app: name, responseHeaders } = forwardAuth;
  const at = "forwardAuth.app";
  if (!appNames.includes(name))
    return [{ path: at, message: `got ${name}, want the name of an app: ${appNames.join(", ")}` }];
  const { port, protocol = "http", service, tls } = apps[name] ?? { port: 0 };
  const open = routes.filter(
    (each) =>
      each.app === app &&
      each.path !== path &&
      each.route.redirect === undefined &&
      responseHeaders.some((header) => !isReplaced(each.route, header)),
  );
  return [
    ...errorIf(port === undefined, at, `got ${name}, which listens on no port; want an app with port`),
    ...errorIf(
      service?.type === "ExternalName" || protocol !== "http" || tls !== undefined,
      at,
      `got ${name}, which is not asked by HTTP inside the cluster; want an app with pods and protocol: http, without tls`,
    ),
    ...errorIf(
      open.length > 0,
      "forwardAuth.responseHeaders",
      `are trusted by ${app}, which also gets them from visitors of ${open.map(({ route }) => route.host).join(", ")}; want ` +
        "forwardAuth with the same responseHeaders, or headers.request.remove with them there",
    ),
  ];
}

/** Whether a route passes on no header of this name that a visitor sends. */
function isReplaced({ forwardAuth, headers }: Route, header: string): boolean {
  const { set = {}, remove = [] } = headers?.request ?? {};
  const replaced = [...(forwardAuth?.responseHeaders ?? []), ...Object.keys(set), ...remove];
  return replaced.some((each) => each.toLowerCase() === header.toLowerCase());
}

/** Whether a value is what the schema gives for an omitted key. */
const isDefault = (key: keyof Route, value: unknown): boolean =>
  isDeepStrictEqual(value, routeSchema.shape[key].safeParse(undefined).data);

function findRedirectErrors(route: Route, hosts: readonly string[]): ConfigError[] {
  const { host, paths, redirect } = route;
  if (redirect === undefined) return [];
  const errors: ConfigError[] = (Object.keys(appliesToRedirects) as (keyof Route)[])
    .filter((key) => !appliesToRedirects[key] && !isDefault(key, route[key]))
    .map((path) => ({
      path,
      message: "cannot be combined with redirect, which answers every request",
    }));
  for (const [index, { rewrite }] of paths.entries())
    if (rewrite !== undefined)
      errors.push({
        path: `paths.${index}.rewrite`,
        message: "cannot be combined with redirect, which answers every request",
      });
  const { to, keepPath } = redirect;
  const target = redirectUrl(redirect);
  if (keepPath && (target.pathname !== "/" || target.search !== ""))
    errors.push({
      path: "redirect.to",
      message: `got ${to} with keepPath: true, want keepPath: false, or no path in it`,
    });
  const isRouted = keepPath || paths.some((each) => matches(each, target.pathname));
  // A wildcard is not for a host with a route of its own.
  const isSame = target.host === host || (matchesHost(host, target.host) && !hosts.includes(target.host));
  if (target.protocol === "https:" && isSame && isRouted)
    errors.push({
      path: "redirect.to",
      message: `got ${to}, which is redirected itself; want another host`,
    });
  return errors;
}

/** Whether a path of a route matches the path of a request. */
function matches({ path: own, pathType }: Route["paths"][number], path: string): boolean {
  if (pathType === "Exact") return path === own;
  const prefix = own.replace(/\/+$/, "");
  return path === prefix || path.startsWith(`${prefix}/`);
}
