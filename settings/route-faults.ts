import { redirectUrl } from "../components/ingress/controllers/traefik/traefik-middlewares";
import { unsupportedFeatures, type RouteOwner } from "../components/ingress/refusals";
import type { Readable } from "./cross-faults";
import type { Fault } from "./faults";
import { originLockOf } from "./origin-lock";
import type { AppConfig } from "./schema";
import { routedHosts } from "./zone-records";

type Route = AppConfig["routes"][number];

/** Faults of what routes say, and of what the ingress controller cannot do. */
export const routeFaults = (config: Readable): Fault[] => [
  ...Object.entries(config.apps).flatMap(([app, said]) =>
    said.routes.flatMap((route, index) =>
      [
        ...redirectFaults(route),
        ...addressFaults(route, config),
        ...controllerFaults(route, config, {
          ...said,
          others: said.routes.filter((_, at) => at !== index),
        }),
      ].map(({ path, problem }) => ({ path: `apps.${app}.routes.${index}.${path}`, problem })),
    ),
  ),
  ...lockFaults(config),
];

/** What has no meaning for a host that leads elsewhere. */
const answering = [
  "rateLimit",
  "cors",
  "basicAuth",
  "headers",
  "maxBodySize",
  "timeouts",
  "allowFrom",
  "sticky",
] as const satisfies readonly (keyof Route)[];

function redirectFaults(route: Route): Fault[] {
  const { host, paths, redirect } = route;
  if (redirect === undefined) return [];
  const faults: Fault[] = answering
    .filter((word) => route[word] !== undefined)
    .map((word) => ({
      path: word,
      problem: "is given with redirect, which answers every request by itself; want one or the other",
    }));
  const { to, keepPath } = redirect;
  const target = redirectUrl(redirect);
  if (keepPath && (target.pathname !== "/" || target.search !== ""))
    faults.push({
      path: "redirect.to",
      problem: `got ${to} with keepPath true, want keepPath: false, or no path in it`,
    });
  const leadsHere = keepPath || paths.some((each) => matches(each, target.pathname));
  if (target.protocol === "https:" && target.host === host && leadsHere)
    faults.push({
      path: "redirect.to",
      problem: `got ${to}, which is redirected itself; want another host`,
    });
  return faults;
}

/** Whether a path of a route takes a request for `path`. */
function matches({ path: its, pathType }: Route["paths"][number], path: string): boolean {
  if (pathType === "Exact") return path === its;
  const prefix = its.replace(/\/+$/, "");
  return path === prefix || path.startsWith(`${prefix}/`);
}

function addressFaults({ allowFrom }: Route, { loadBalancer }: Readable): Fault[] {
  if (allowFrom === undefined || loadBalancer?.proxyProtocol !== false) return [];
  const problem =
    "is given with loadBalancer.proxyProtocol false, by which every client seems to be the load balancer; " +
    "want proxyProtocol: true, or none";
  return [{ path: "allowFrom", problem }];
}

function controllerFaults(route: Route, { ingress }: Readable, owner: RouteOwner): Fault[] {
  if (ingress === undefined) return [];
  return unsupportedFeatures(route, ingress.controller, owner).map(({ field, problem }) => ({
    path: field,
    problem,
  }));
}

/** What the controller cannot do of the origin's lock. */
function lockFaults(config: Readable): Fault[] {
  const { ingress, loadBalancer, dns, ownsZone } = config;
  // Of what could not be read, nothing more is told.
  if (!Object.hasOwn(config, "originLock") || !ingress || !loadBalancer || !dns || ownsZone === undefined)
    return [];
  const lock = originLockOf(
    { ingress, loadBalancer, dns, ownsZone, originLock: config.originLock },
    routedHosts({ dns, apps: config.apps }),
  );
  const impossible = {
    clientCertificate: {
      is: ingress.controller === "gateway" && lock?.clientCertificate === true,
      problem:
        "is true, but Traefik asks for no client certificate on a Gateway; want clientCertificate: false, which leaves " +
        "the allow-list, or ingress.controller traefik or nginx",
    },
    allowList: {
      is: ingress.controller === "nginx" && lock?.allowList === true,
      problem:
        "is true, but nginx knows of a connection from the edge only the client behind it; want allowList: false with " +
        "the client certificate, or ingress.controller traefik or gateway",
    },
  };
  return Object.entries(impossible)
    .filter(([, { is }]) => is)
    .map(([word, { problem }]) => ({ path: `originLock.${word}`, problem }));
}
