import type { ControllerName } from "./controllers";
import type { ResolvedRoute, Route } from "./route";
import type { RoutedApp } from "./route-manifests";

/** A Service on the app's port, and how much of the requests it answers. */
export interface WeightedBackend {
  readonly serviceName: string;
  /** Percent, 0 to 100. */
  readonly weight: number;
}

/**
 * What of a route's requests the controller itself sends to the canary; undefined where it does not. Through the
 * Service's address the mesh splits, and a controller that split as well would send on a share of a share. A sticky
 * session goes past the mesh.
 */
export const canaryBackend = (
  { canary, meshed = false }: RoutedApp,
  { redirect, sticky }: ResolvedRoute,
): WeightedBackend | undefined =>
  redirect === undefined && (!meshed || sticky !== undefined) ? canary : undefined;

/** An app, as far as it goes who sends a part of its requests to its second version. */
export interface CanaryApp {
  readonly canary?: unknown;
  readonly meshed: boolean;
  readonly routes: readonly Pick<Route, "redirect">[];
}

/** Why nobody would send anything to an app's canary; undefined if somebody does, or there is none. */
export function unsupportedCanary(
  { canary, meshed, routes }: CanaryApp,
  controller: ControllerName,
): string | undefined {
  if (canary === undefined || meshed) return undefined;
  if (routes.every(({ redirect }) => redirect !== undefined))
    return "is given for an app that is not meshed and has no route, so that nobody splits what comes; want meshed: true, or none";
  if (controller !== "traefik") return undefined;
  return (
    "is given for an app that is not meshed, but by an Ingress Traefik does not split what comes, only the mesh does; " +
    "want meshed: true, or ingress.controller nginx or gateway"
  );
}
