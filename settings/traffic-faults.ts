import { parseDurationMs } from "../components/ingress/duration";
import { proxyPorts } from "../components/linkerd/ports";
import type { Readable } from "./cross-faults";
import type { Fault } from "./faults";
import type { AppConfig } from "./schema";
import { wholeApps } from "./whole-apps";

/** Faults of how an app's traffic is shaped in the mesh. */
export const trafficFaults = (config: Readable): Fault[] =>
  wholeApps(config.apps).flatMap(([name, app]) =>
    [
      ...proxyPortFaults(app),
      ...unshapedFaults(app),
      ...bothWaysFaults(app),
      ...timeFaults(app),
      ...routeFaults(app),
    ].map(({ path, problem }) => ({ path: `apps.${name}.${path}`, problem })),
  );

function proxyPortFaults({ meshed, service, port, ports }: AppConfig): Fault[] {
  if (!meshed || service?.type === "ExternalName") return [];
  const declared = [
    { path: "port", at: port },
    ...Object.entries(ports).map(([name, at]) => ({ path: `ports.${name}`, at })),
  ];
  return declared
    .filter(({ at }) => Object.values<number>(proxyPorts).includes(at))
    .map(({ path, at }) => ({
      path,
      problem: `got ${at}, which is a port of Linkerd's proxy in the same pod; want another, or meshed: false`,
    }));
}

/** What the proxies of the callers cannot shape. */
function unshapedFaults({
  existing,
  service,
  meshed,
  protocol,
  traffic,
  serviceProfile,
}: AppConfig): Fault[] {
  const reasons = [
    existing &&
      "is given with existing: true, want none: the Service is another's, and so is what holds for it",
    service?.type === "ExternalName" &&
      "is given with service.type ExternalName, want none: what is elsewhere is not in the mesh",
    service?.type === "Headless" &&
      "is given with a headless Service, whose pods the mesh does not know as a Service's; " +
        "want service.type: ClusterIP, or none",
    !meshed && "is given with meshed: false, want meshed: true, or none: the mesh shapes what is in it",
    protocol === "tcp" &&
      "is given with protocol tcp, of which the mesh reads no requests; want protocol: http or grpc, or none",
  ];
  const [problem] = reasons.filter((reason) => reason !== false);
  if (problem === undefined) return [];
  return Object.entries({ traffic, serviceProfile })
    .filter(([, said]) => said !== undefined)
    .map(([path]) => ({ path, problem }));
}

/** Beside a ServiceProfile, Linkerd takes no notice of anything else. */
function bothWaysFaults({ traffic, canary, serviceProfile }: AppConfig): Fault[] {
  if (serviceProfile === undefined) return [];
  const problems = [
    traffic && "is given with traffic, of which Linkerd then takes no notice; want one of the two",
    canary &&
      "is given with canary, to which Linkerd then sends nothing; want traffic in its place, or no canary",
  ];
  return problems.flatMap((problem) => (problem === undefined ? [] : [{ path: "serviceProfile", problem }]));
}

type Traffic = NonNullable<AppConfig["traffic"]>;

/** Times that leave no time. */
function timeFaults({ traffic }: AppConfig): Fault[] {
  if (traffic === undefined) return [];
  const { timeouts, retry, circuitBreaking, routes } = traffic;
  return [
    ...penaltyFaults(circuitBreaking),
    ...retryFaults("traffic.retry", retry, timeouts),
    ...routes.flatMap((route, index) =>
      retryFaults(`traffic.routes.${index}.retry`, route.retry, route.timeouts ?? timeouts),
    ),
  ];
}

/** Linkerd's own, where nothing is said. */
const penalties = { minPenalty: "1s", maxPenalty: "1m" };

function penaltyFaults(breaking: Traffic["circuitBreaking"]): Fault[] {
  if (breaking === undefined) return [];
  const { minPenalty = penalties.minPenalty, maxPenalty = penalties.maxPenalty } = breaking;
  if (parseDurationMs(minPenalty) <= parseDurationMs(maxPenalty)) return [];
  const problem = `got minPenalty ${minPenalty} and maxPenalty ${maxPenalty}, want minPenalty up to maxPenalty`;
  return [{ path: "traffic.circuitBreaking", problem }];
}

function retryFaults(path: string, retry: Traffic["retry"], timeouts: Traffic["timeouts"]): Fault[] {
  const [each, all] = [retry?.timeout, timeouts?.request];
  if (each === undefined || all === undefined || parseDurationMs(each) < parseDurationMs(all)) return [];
  const problem = `got ${each}, want less than timeouts.request, ${all}, which ends all tries together`;
  return [{ path: `${path}.timeout`, problem }];
}

/** Routes of which one would be the other. */
function routeFaults({ traffic, serviceProfile }: AppConfig): Fault[] {
  const routes = traffic?.routes ?? [];
  const match = ({ method, path, pathType }: Traffic["routes"][number]) =>
    `${method ?? "every method"} ${pathType} ${path}`;
  return [
    ...twice(
      routes.map(({ name }) => name),
      "traffic.routes",
      "name",
    ),
    ...twice(routes.map(match), "traffic.routes", "path"),
    ...twice(
      (serviceProfile?.routes ?? []).map(({ name }) => name),
      "serviceProfile.routes",
      "name",
    ),
  ];
}

const twice = (values: readonly string[], path: string, key: string): Fault[] =>
  values.flatMap((value, index) =>
    values.indexOf(value) === index
      ? []
      : [{ path: `${path}.${index}.${key}`, problem: `got ${value} a second time, want it once` }],
  );
