import { usedFeatures, type FeatureCheck, type RouteOwner } from "../../ingress-controller";
import { isWildcard, type Route } from "../../route";
import { bufferingCheck } from "../traefik/traefik-unsupported";

/** The rules of an HTTPRoute, but for the one of the paths without `rewrite`. */
const maxRewrites = 15;

/** The features of a route that Traefik does not support in HTTPRoutes. */
export function gatewayUnsupported(route: Route, app: RouteOwner = {}) {
  const { paths, redirect, certificate } = route;
  const { status = 301, keepPath = true } = redirect ?? {};
  const rewrites = paths.filter(({ rewrite }) => rewrite !== undefined).length;
  return usedFeatures([
    bufferingCheck(route, app),
    [
      rewrites > maxRewrites,
      "paths",
      `got ${rewrites} with rewrite, each a rule of its own, of which an HTTPRoute has at most 16`,
      `at most ${maxRewrites}`,
    ],
    ...paths.map(({ path }, index): FeatureCheck => [
      !/^([-A-Za-z0-9/._~!$&'()*+,;=:@]|%[0-9a-fA-F]{2})*$/.test(path),
      `paths.${index}.path`,
      `got ${path}, but an HTTPRoute accepts only the characters of a path in RFC 3986`,
      "another",
    ]),
    ...paths.map(({ path, pathType }, index): FeatureCheck => [
      isWildcard(route) && (path !== "/" || pathType === "Exact"),
      `paths.${index}.path`,
      `got ${path} of a wildcard host, but of HTTPRoutes Traefik prefers a longer path to a host in full`,
      "the prefix /",
    ]),
    [
      !keepPath && (status === 307 || status === 308),
      "redirect.status",
      `got ${status} with keepPath: false, which Traefik does only with 301 or 302`,
      "one of those",
    ],
    [
      certificate === "own",
      "certificate",
      "got own, but the Gateway serves the wildcard certificate for every host",
      "wildcard",
    ],
  ]);
}
