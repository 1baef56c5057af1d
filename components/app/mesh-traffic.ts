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

/** Requests that are treated apart from others. */
export interface TrafficRoute {
  readonly name: string;
  /** Absence means all. */
  readonly method?: string | undefined;
  readonly path: string;
  readonly pathType: "Prefix" | "Exact" | "RegularExpression";
  /** Absence means those of the app. */
  readonly timeouts?: Timeouts | undefined;
  /** Absence means that of the app; for a method that is not done twice, none. */
  readonly retry?: Retry | undefined;
}

/** How meshed callers treat an app. */
export interface Traffic {
  readonly timeouts?: Timeouts | undefined;
  readonly retry?: Retry | undefined;
  readonly circuitBreaking?: CircuitBreaker | undefined;
  readonly routes: readonly TrafficRoute[];
}

/** Linkerd's older way, beside which nothing of {@link Traffic} has effect. */
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

/** An app of the mesh, as far as its traffic there goes. */
export interface MeshApp {
  readonly name: string;
  readonly servicePort: number;
  readonly traffic?: Traffic | undefined;
  readonly serviceProfile?: Profile | undefined;
  /** The second version, and the percentage of requests that it answers. */
  readonly canary?: { readonly weight: number } | undefined;
}

/** An HTTPRoute of the app's Service. */
interface MeshRoute {
  /** A name in the state, unique in the stack: no host, and no other app, has a slash in it. */
  readonly key: string;
  readonly name: string;
  readonly annotations: Annotations;
  readonly spec: ServiceRouteSpec;
}

/** What shapes an app's traffic, as objects of the mesh. */
export interface MeshTraffic {
  /** What its Service says to the proxies of its callers. */
  readonly annotations: Annotations;
  /** None, or one for what no other takes, and then the others: a request that no route takes is answered by 404. */
  readonly routes: readonly MeshRoute[];
  readonly profile?: ServiceProfileSpec | undefined;
}

const usesHttpRoutes = ({ traffic, canary }: Pick<MeshApp, "canary" | "traffic">): boolean =>
  canary !== undefined || (traffic?.routes ?? []).length > 0;

/** Whether an app's traffic is shaped by HTTPRoutes in the mesh, and so needs the definitions of Gateway API. */
export const needsHttpRoutes = (
  app: Pick<MeshApp, "canary" | "traffic"> & { readonly meshed: boolean },
): boolean => app.meshed && usesHttpRoutes(app);

/**
 * How callers in the mesh treat an app: by annotations of its Service where all requests are treated alike, and else by
 * HTTPRoutes. Each of those says all that holds for its requests, since of what stands on the Service a route takes
 * over either the whole or nothing.
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

/** Whether a request that is sent a second time is one more: an order, not a look at it. */
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
 * Makes what shapes an app's traffic, beside what stands on its Service.
 *
 * @param opts With all that the routes lead to among `dependsOn`: to a Service that is not there, a share of the
 *   requests would be lost.
 */
export function createMeshTraffic(
  app: string,
  { routes: [rest, ...routes], profile }: Pick<MeshTraffic, "routes" | "profile">,
  namespace: pulumi.Input<string>,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const make = ({ key, name, annotations, spec }: MeshRoute, its: pulumi.CustomResourceOptions) => {
    const isSilent = Object.keys(annotations).length === 0;
    return serviceRoute(key, { name, namespace, ...(!isSilent && { annotations }) }, spec, its);
  };
  const taken = rest === undefined ? [] : [make(rest, opts)];
  // From the first of these on, what none of them takes would be answered by 404.
  const others = routes.map((route) => make(route, pulumi.mergeOptions(opts, { dependsOn: taken })));
  if (profile === undefined) return [...taken, ...others];
  const name = pulumi.interpolate`${app}.${namespace}.svc.cluster.local`;
  return [...taken, ...others, serviceProfile(app, { name, namespace }, profile, opts)];
}
