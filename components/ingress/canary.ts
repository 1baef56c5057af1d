import type { ResolvedRoute, Route } from "./route";
import type { RoutedApp, WeightedBackend } from "./route-manifests";

/**
 * The backend to which the controller itself sends a part of a route's requests; undefined if it sends none. For a
 * meshed app the mesh splits the requests to the Service's address, and a second split would take a share of a share.
 * A sticky session bypasses the mesh's split.
 */
export const canaryBackend = (
  { canary, meshed = false }: RoutedApp,
  { redirect, sticky }: ResolvedRoute,
): WeightedBackend | undefined =>
  redirect === undefined && (!meshed || sticky !== undefined) ? canary : undefined;

/** The fields of an app that decide whether the mesh or the controller splits its requests. */
export interface CanaryApp {
  readonly canary?: unknown;
  readonly meshed: boolean;
  readonly routes: readonly Pick<Route, "redirect">[];
}
