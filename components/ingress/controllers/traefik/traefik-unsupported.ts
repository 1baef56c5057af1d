import { usedFeatures, type FeatureCheck, type RouteOwner } from "../../ingress-controller";
import { findTcpPort, type NamedPort } from "../../../app/app-ports";
import type { Route } from "../../route";

/** The features of a route that Traefik does not support in Ingress objects. */
export function traefikUnsupported(route: Route, app: RouteOwner = {}) {
  const { status = 301 } = route.redirect ?? {};
  const same = status === 308 ? 301 : 302;
  return usedFeatures([
    [
      status === 307 || status === 308,
      "redirect.status",
      `got ${status}, but Traefik answers a GET with ${same} and any other method with ${status}`,
      `${same}, which is the same there`,
    ],
    bufferingCheck(route, app),
    ...(route.redirect === undefined ? serviceChecks(route, app) : []),
  ]);
}

/** The check of a limit of the body, for which Traefik's Middleware buffers. */
export const bufferingCheck = ({ maxBodySize, port }: Route, app: RouteOwner): FeatureCheck => [
  maxBodySize !== undefined && findTcpPort(app, port)?.protocol === "grpc",
  "maxBodySize",
  "cannot be combined with protocol: grpc, since with a limit Traefik reads each request and each response whole before it " +
    "passes them on, so that no stream ever passes",
  "none",
];

/** The checks of features that Traefik reads from annotations of the app's Service, which all routes but redirects share. */
function serviceChecks(route: Route, app: RouteOwner): FeatureCheck[] {
  const { others = [], existing = false, canary } = app;
  const isHttp2 = (port: NamedPort | undefined) => port?.protocol === "grpc";
  const own = findTcpPort(app, route.port);
  const unlike = others.find(
    (each) => !each.redirect && isHttp2(findTcpPort(app, each.port)) !== isHttp2(own),
  );
  return [
    [
      isHttp2(own) && existing,
      "port",
      `got ${own?.number} with protocol grpc, but Traefik reads that from an annotation of the Service, which is managed elsewhere`,
      "a port with another protocol",
    ],
    [
      !existing && own !== undefined && unlike !== undefined,
      "port",
      `got ${own?.number}, but either this port or that of ${unlike?.host ?? ""} has protocol grpc, and Traefik reads that ` +
        "from the Service that both share",
      "grpc on the ports of all routes of the app or of none",
    ],
    ...(["sticky", "timeouts"] as const).flatMap((field): FeatureCheck[] => {
      const other = others.find(
        (each) => each.redirect === undefined && JSON.stringify(each[field]) !== JSON.stringify(route[field]),
      );
      const isSet = route[field] !== undefined;
      return [
        [
          isSet && existing,
          field,
          "cannot be combined with existing: true, since Traefik reads it from the Service, which is managed elsewhere",
          "none",
        ],
        [
          isSet && !existing && other !== undefined,
          field,
          `differs from that of ${other?.host ?? ""}, but Traefik reads it from the Service that both share`,
          "the same on every route of the app",
        ],
      ];
    }),
    [
      route.sticky !== undefined && canary !== undefined,
      "sticky",
      "cannot be combined with canary, since for a session Traefik connects to the pods of one Service and bypasses the " +
        "mesh, which splits the requests",
      "exactly one of them",
    ],
  ];
}
