import type { IngressController, UnsupportedReason } from "../ingress-controller";
import type { CanaryApp } from "../canary";
import type { RouteOwner, TlsApp } from "../ingress-controller";
import type { Route } from "../route";
import { gateway } from "./gateway/gateway-controller";
import { nginx } from "./nginx/nginx-controller";
import { traefik } from "./traefik/traefik-controller";

/** The ingress controllers, by the value of `ingress.controller`. */
export const controllers = { traefik, nginx, gateway } as const satisfies Record<string, IngressController>;

/** Traefik with Ingress objects, ingress-nginx, or Traefik with the HTTPRoutes of Gateway API. */
export type ControllerName = keyof typeof controllers;

export const controllerNames = Object.keys(controllers) as ControllerName[];

export const defaultController: ControllerName = "traefik";

/** The controller of this name. */
export const findController = (name: ControllerName): IngressController => controllers[name];

/** The installations of all controllers, each once. */
export const installations = [
  ...new Map(
    controllerNames.map(findController).map(({ installation }) => [installation.identity, installation]),
  ).values(),
];

const identities = installations.map(({ identity }) => identity);

/** The pods of all controllers, for network policies. */
export const ingressPods = identities.map(({ podSelector }) => podSelector);

/** The namespaces of all controllers. */
export const ingressNamespaces = ingressPods.map(({ namespace }) => namespace);

/** The ServiceAccounts of all controllers, which are the mesh identities of their pods. */
export const ingressServiceAccounts = identities.map(({ serviceAccountName, podSelector }) => ({
  namespace: podSelector.namespace,
  name: serviceAccountName,
}));

/** The IngressClasses of all controllers. */
export const ingressClassNames = identities.map(({ ingressClassName }) => ingressClassName);

/** The node ports that the settings cannot change, each with the name of its release. */
export const reservedNodePorts: ReadonlyMap<number, string> = new Map(
  installations.flatMap(({ nodePorts, identity: { name } }) =>
    Object.values(nodePorts.fixed ?? {}).map((port) => [port, name] as const),
  ),
);

/** The controllers that match, as text: `traefik or nginx`. */
export const listControllers = (supports: (controller: IngressController) => boolean): string =>
  controllerNames.filter((name) => supports(findController(name))).join(" or ");

/** The message about an unsupported feature: the reason and the remedies, including the controllers that support it. */
export function describeUnsupported(
  { problem, want }: UnsupportedReason,
  supports: (controller: IngressController) => boolean,
): string {
  const others = listControllers(supports);
  return `${problem}; want ${want}${others === "" ? "" : `, or ingress.controller ${others}`}`;
}

/** The features of a route that a controller does not support, each with a message. Empty if it supports all. */
export const unsupportedFeatures = (route: Route, controller: ControllerName, app: RouteOwner = {}) =>
  findController(controller)
    .routes.unsupported(route, app)
    .map(({ field, ...reason }) => ({
      field,
      problem: describeUnsupported(
        reason,
        ({ routes }) =>
          !routes.unsupported(route, app).some((other) => `${field}.`.startsWith(`${other.field}.`)),
      ),
    }));

/** The message about TLS that the controller does not support for an app with routes; undefined if it does. */
export function unsupportedTls(app: TlsApp, controller: ControllerName): string | undefined {
  const { tls, routes } = app;
  if (tls === undefined || routes.length === 0) return undefined;
  const check = ({ routes: { unsupportedTls: find } }: IngressController) => find?.({ ...app, tls });
  const reason = check(findController(controller));
  return reason && describeUnsupported(reason, (other) => check(other) === undefined);
}

/** The message about a canary that would get no requests; undefined if it gets some, or there is none. */
export function unsupportedCanary(
  { canary, meshed, routes }: CanaryApp,
  controller: ControllerName,
): string | undefined {
  if (canary === undefined || meshed) return undefined;
  if (routes.every(({ redirect }) => redirect !== undefined))
    return "cannot be set on an app without mesh and without route, since nothing could split its requests; want meshed: true, or none";
  const reason = findController(controller).routes.unsupportedCanary;
  return reason && describeUnsupported(reason, (other) => other.routes.unsupportedCanary === undefined);
}
