import { listPorts } from "../../components/app/app-ports";
import { parseDurationMs } from "../../components/ingress/units";
import { proxyPorts } from "../../components/linkerd/ports";
import { errorIf, prefixPaths, type ConfigError } from "../config-error";
import { findRepeated } from "../repeated";
import { appRule, type NamedApp, type Rule } from "../rule";

/** Rules about the traffic of one app in the mesh. */
export const trafficRules: readonly Rule[] = [
  appRule([], findProxyPortErrors),
  appRule([], requireMeshTraffic),
  appRule([], findProfileConflicts),
  appRule([], ({ traffic }) => prefixPaths("traffic", findTimeoutErrors(traffic))),
  appRule([], findRepeatedRoutes),
];

function findProxyPortErrors({ meshed, service, port, ports }: NamedApp): ConfigError[] {
  if (!meshed || service?.type === "ExternalName") return [];
  return [
    ...(port === undefined ? [] : [["port", port] as const]),
    ...listPorts({ ports }).map(({ name, number }) => [`ports.${name}`, number] as const),
  ]
    .filter(([, each]) => Object.values<number>(proxyPorts).includes(each))
    .map(([path, each]) => ({
      path,
      message: `got ${each}, which is a port of Linkerd's proxy in the same pod; want another, or meshed: false`,
    }));
}

/** `traffic` and `serviceProfile` configure the proxies of the callers, which treat only HTTP to meshed Services. */
function requireMeshTraffic({
  existing,
  service,
  meshed,
  protocol,
  tls,
  traffic,
  serviceProfile,
}: NamedApp): ConfigError[] {
  const reasons = [
    existing && "existing: true: another program's Service has its own configuration",
    service?.type === "ExternalName" && "service.type ExternalName: a host elsewhere is not in the mesh",
    service?.type === "Headless" &&
      "service.type Headless: Linkerd does not know its pods as a Service's; want type: ClusterIP",
    !meshed && "meshed: false",
    (protocol === "tcp" || protocol === "udp") &&
      `protocol: ${protocol}: the mesh sees no requests in it; want protocol: http or grpc`,
    tls !== undefined && "tls: the mesh sees no requests in it; want none of tls",
  ];
  const reason = reasons.find((each) => each !== false);
  if (reason === undefined) return [];
  return Object.entries({ traffic, serviceProfile })
    .filter(([, value]) => value !== undefined)
    .map(([path]) => ({ path, message: `cannot be combined with ${reason}` }));
}

/** Linkerd ignores everything else on a Service that has a ServiceProfile. */
function findProfileConflicts({ traffic, canary, serviceProfile }: NamedApp): ConfigError[] {
  if (serviceProfile === undefined) return [];
  const path = "serviceProfile";
  return [
    ...errorIf(traffic !== undefined, path, "cannot be combined with traffic, which Linkerd then ignores"),
    ...errorIf(
      canary !== undefined,
      path,
      "cannot be combined with canary, which Linkerd then ignores; want traffic instead",
    ),
  ];
}

type Traffic = NamedApp["traffic"];
type Retry = NonNullable<Traffic>["retry"];
type Timeouts = NonNullable<Traffic>["timeouts"];

/** Timeouts that contradict each other. */
function findTimeoutErrors(traffic: Traffic): ConfigError[] {
  if (traffic === undefined) return [];
  const { timeouts, retry, circuitBreaking, routes } = traffic;
  return [
    ...(circuitBreaking ? findPenaltyErrors(circuitBreaking) : []),
    ...findRetryErrors("retry", retry, timeouts),
    ...routes.flatMap((route, index) =>
      findRetryErrors(`routes.${index}.retry`, route.retry, route.timeouts ?? timeouts),
    ),
  ];
}

/** The defaults are Linkerd's. */
function findPenaltyErrors({
  minPenalty = "1s",
  maxPenalty = "1m",
}: NonNullable<NonNullable<Traffic>["circuitBreaking"]>): ConfigError[] {
  if (parseDurationMs(minPenalty) <= parseDurationMs(maxPenalty)) return [];
  const message = `got minPenalty ${minPenalty} and maxPenalty ${maxPenalty}, want minPenalty up to maxPenalty`;
  return [{ path: "circuitBreaking", message }];
}

function findRetryErrors(path: string, retry: Retry, timeouts: Timeouts): ConfigError[] {
  const [one, all] = [retry?.timeout, timeouts?.request];
  if (one === undefined || all === undefined || parseDurationMs(one) < parseDurationMs(all)) return [];
  const message = `got ${one}, want less than timeouts.request, ${all}, which ends all tries together`;
  return [{ path: `${path}.timeout`, message }];
}

function findRepeatedRoutes({ traffic, serviceProfile }: NamedApp): ConfigError[] {
  const routes = traffic?.routes ?? [];
  return [
    ...findRepeated(
      routes.map(({ name }) => name),
      (index) => `traffic.routes.${index}.name`,
    ),
    ...findRepeated(
      routes.map(({ method, path, pathType }) => `${method ?? "every method"} ${pathType} ${path}`),
      (index) => `traffic.routes.${index}.path`,
    ),
    ...findRepeated(
      (serviceProfile?.routes ?? []).map(({ name }) => name),
      (index) => `serviceProfile.routes.${index}.name`,
    ),
  ];
}
