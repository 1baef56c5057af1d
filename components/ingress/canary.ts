import type { ResolvedRoute, Route } from "./route";
import type { RoutedApp, WeightedBackend } from "./route-manifests";

/**
 * The backend to which the controller itself sends a part of a route's requests; undefined where it does not. For a
 * meshed app the mesh splits the requests to the Service's address, and a second split would take a share of a share.
 * A sticky session bypasses the mesh's split.
 */
export const canaryBackend = (
  { canary, meshed = false }: RoutedApp,
  { redirect, sticky }: ResolvedRoute,
): WeightedBackend | undefined =>
  redirect === undefined && (!meshed || sticky !== undefined) ? canary : undefined;

/** The parts of an app that decide what splits its requests. */
export interface CanaryApp {
  readonly canary?: unknown;
  readonly meshed: boolean;
  readonly routes: readonly Pick<Route, "redirect">[];
}
