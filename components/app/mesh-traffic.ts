import * as pulumi from "@pulumi/pulumi";

import { canaryName } from "../network-policy/call-graph";
import { serviceRoute, type ServiceRouteSpec } from "../custom-resources/gateway-api-resources";
import { serviceProfile, type ServiceProfileSpec } from "../custom-resources/linkerd-resources";
import {
  buildCircuitBreakerAnnotations,
  buildRetryAnnotations,
  buildTimeoutAnnotations,
  type Annotations,
  type CircuitBreaker,
  type Retry,
  type Timeouts,
} from "./traffic-annotations";

/** Requests with settings of their own. */
export interface TrafficRoute {
  readonly name: string;
  /** Default: all methods. */
  readonly method?: string | undefined;
  readonly path: string;
  readonly pathType: "Prefix" | "Exact" | "RegularExpression";
  /** Default: the app's timeouts. */
  readonly timeouts?: Timeouts | undefined;
  /** Default: the app's retry policy; none for POST and PATCH. */
  readonly retry?: Retry | undefined;
}

/** How meshed callers treat an app. */
export interface Traffic {
  readonly timeouts?: Timeouts | undefined;
  readonly retry?: Retry | undefined;
  readonly circuitBreaking?: CircuitBreaker | undefined;
  readonly routes: readonly TrafficRoute[];
}

/** ServiceProfile settings (legacy). Linkerd ignores {@link Traffic} on a Service that has a ServiceProfile. */
export interface Profile {
  readonly routes: readonly {
    readonly name: string;
    readonly method?: string | undefined;
    readonly pathRegex: string;
    readonly timeout?: string | undefined;
    readonly isRetryable: boolean;
  }[];
  readonly retryBudget?: ServiceProfileSpec["retryBudget"] | undefined;
}

/** The parts of a meshed app that determine how callers treat it. */
export interface MeshApp {
  readonly name: string;
  readonly servicePort: number;
  readonly traffic?: Traffic | undefined;
  readonly serviceProfile?: Profile | undefined;
  /** The canary and its percentage of requests. */
  readonly canary?: { readonly weight: number } | undefined;
}

/** An HTTPRoute attached to the app's Service. */
interface MeshRoute {
  /** The logical name, unique in the stack: no host and no app has a slash in its name. */
  readonly key: string;
  readonly name: string;
  readonly annotations: Annotations;
  readonly spec: ServiceRouteSpec;
}

/** The Linkerd configuration of an app's traffic. */
export interface MeshTraffic {
  /** The Service's annotations, which callers' proxies read. */
  readonly annotations: Annotations;
  /** None; or first a catch-all, since requests that match no route get 404, then the others. */
  readonly routes: readonly MeshRoute[];
  readonly profile?: ServiceProfileSpec | undefined;
}

const usesHttpRoutes = ({ traffic, canary }: Pick<MeshApp, "canary" | "traffic">): boolean =>
  canary !== undefined || (traffic?.routes ?? []).length > 0;

/** Whether an app needs HTTPRoutes in the mesh, and so the CRDs of Gateway API. */
export const needsHttpRoutes = (
  app: Pick<MeshApp, "canary" | "traffic"> & { readonly meshed: boolean },
): boolean => app.meshed && usesHttpRoutes(app);

/**
 * Builds the Linkerd configuration of an app's traffic: annotations of its Service if all requests are treated alike,
 * otherwise HTTPRoutes. Each HTTPRoute repeats the app's defaults, since annotations of a route replace those of the
 * Service instead of adding to them.
 *
 * @see https://linkerd.io/2/reference/retries/
 * @see https://linkerd.io/2/reference/timeouts/
 * @see https://linkerd.io/2/reference/circuit-breaking/
 */
export function buildMeshTraffic(app: MeshApp): MeshTraffic {
  const { timeouts, retry, circuitBreaking, routes }: Traffic = app.traffic ?? { routes: [] };
  const profile = app.serviceProfile && buildServiceProfileSpec(app.serviceProfile);
  const serviceAnnotations = buildCircuitBreakerAnnotations(circuitBreaking);
  const defaultAnnotations = { ...buildTimeoutAnnotations(timeouts), ...buildRetryAnnotations(retry) };
  if (!usesHttpRoutes(app))
    return { annotations: { ...defaultAnnotations, ...serviceAnnotations }, routes: [], profile };
  return {
    annotations: serviceAnnotations,
    routes: [
      {
        ...buildRouteNames(app),
        annotations: defaultAnnotations,
        spec: buildRouteSpec(app, { path: "/", pathType: "Prefix" }),
      },
      ...routes.map((route) => ({
        ...buildRouteNames(app, route.name),
        annotations: {
          ...buildTimeoutAnnotations(route.timeouts ?? timeouts),
          ...buildRetryAnnotations(route.retry ?? (isNonIdempotent(route.method) ? undefined : retry)),
        },
        spec: buildRouteSpec(app, route),
      })),
    ],
    profile,
  };
}

const buildRouteNames = ({ name: app }: MeshApp, route?: string) => {
  const parts = [app, "mesh", ...(route === undefined ? [] : [route])];
  return { key: parts.join("/"), name: parts.join(".") };
};

/** Whether the method is non-idempotent, so that a retry could repeat the side effect. */
const isNonIdempotent = (method: string | undefined): boolean => method === "POST" || method === "PATCH";

function buildRouteSpec(
  { name, servicePort: port, canary }: MeshApp,
  { method, path, pathType }: Pick<TrafficRoute, "method" | "path" | "pathType">,
): ServiceRouteSpec {
  const type = pathType === "Prefix" ? "PathPrefix" : pathType;
  const backendRefs =
    canary === undefined
      ? [{ name, port }]
      : [
          { name, port, weight: 100 - canary.weight },
          { name: canaryName(name), port, weight: canary.weight },
        ];
  return {
    parentRefs: [{ group: "core", kind: "Service", name, port }],
    rules: [{ matches: [{ path: { type, value: path }, ...(method && { method }) }], backendRefs }],
  };
}

const buildServiceProfileSpec = ({ routes, retryBudget }: Profile): ServiceProfileSpec => ({
  routes: routes.map(({ name, method, pathRegex, timeout, isRetryable }) => ({
    name,
    condition: { ...(method && { method }), pathRegex },
    ...(timeout !== undefined && { timeout }),
    ...(isRetryable && { isRetryable }),
  })),
  ...(retryBudget && { retryBudget }),
});

/**
 * Creates an app's HTTPRoutes and ServiceProfile.
 *
 * @param opts With the backends of the routes among `dependsOn`: requests to a missing Service would fail.
 */
export function createMeshTraffic(
  app: string,
  { routes: [catchAll, ...routes], profile }: Pick<MeshTraffic, "routes" | "profile">,
  namespace: pulumi.Input<string>,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const create = ({ key, name, annotations, spec }: MeshRoute, routeOpts: pulumi.CustomResourceOptions) => {
    const hasAnnotations = Object.keys(annotations).length > 0;
    return serviceRoute(key, { name, namespace, ...(hasAnnotations && { annotations }) }, spec, routeOpts);
  };
  const first = catchAll === undefined ? [] : [create(catchAll, opts)];
  // After the catch-all: as soon as one of these exists, requests that match no route get 404.
  const others = routes.map((route) => create(route, pulumi.mergeOptions(opts, { dependsOn: first })));
  if (profile === undefined) return [...first, ...others];
  const name = pulumi.interpolate`${app}.${namespace}.svc.cluster.local`;
  return [...first, ...others, serviceProfile(app, { name, namespace }, profile, opts)];
}
