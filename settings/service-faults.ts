import { nginxNodePorts } from "../components/ingress/controllers";
import type { Readable } from "./cross-faults";
import type { Fault } from "./faults";
import type { AppConfig } from "./schema";
import { wholeApps } from "./whole-apps";

/** Faults of the Services of apps. Paths are whole. */
export const serviceFaults = (config: Readable): Fault[] => [
  ...wholeApps(config.apps).flatMap(([name, app]) =>
    (app.existing ? [] : [...routedFaults(app), ...mappedFaults(app), ...balancerFaults(app)]).map(
      ({ path, problem }) => ({
        path: `apps.${name}.${path}`,
        problem,
      }),
    ),
  ),
  ...nodePortFaults(config),
  ...balancerNameFaults(config),
];

/** A controller dials the Service's address, and speaks HTTP there. */
function routedFaults({ routes, service, protocol }: AppConfig): Fault[] {
  if (routes.length === 0) return [];
  const problems = [
    service?.type === "Headless" &&
      "are given with a headless Service, but the ingress dials a Service's address, and it has none; " +
        "want service.type: ClusterIP, or no routes",
    protocol === "tcp" &&
      "are given with protocol tcp, but the ingress speaks HTTP; want protocol: http or grpc, or no routes",
  ];
  return problems.flatMap((problem) => (problem === false ? [] : [{ path: "routes", problem }]));
}

/** Where a name leads to pods or elsewhere by itself, no port is translated on the way. */
function mappedFaults({ port, servicePort = port, service }: AppConfig): Fault[] {
  const type = service?.type;
  if (servicePort === port || (type !== "Headless" && type !== "ExternalName")) return [];
  const problem = `got ${servicePort} with service.type ${type}, which maps no ports; want ${port}, as port, or none`;
  return [{ path: "servicePort", problem }];
}

function balancerFaults({ service }: AppConfig): Fault[] {
  if (service?.type !== "LoadBalancer") return [];
  const { location, networkZone, protocol, http, healthCheck } = service.loadBalancer;
  const faults: Fault[] = [];
  if ((location === undefined) === (networkZone === undefined)) {
    const got = location === undefined ? "neither location nor networkZone" : "both location and networkZone";
    faults.push({ path: "", problem: `got ${got}, want one of the two` });
  }
  if (http !== undefined && protocol === "tcp")
    faults.push({
      path: ".http",
      problem: "is given with protocol tcp, want protocol: http or https, or no http",
    });
  if (protocol === "https" && http?.certificates === undefined)
    faults.push({
      path: ".http.certificates",
      problem: "is missing with protocol https, want uploaded or managed certificates",
    });
  return [...faults, ...checkFaults(healthCheck)].map(({ path, problem }) => ({
    path: `service.loadBalancer${path}`,
    problem,
  }));
}

type HealthCheck = Extract<
  AppConfig["service"],
  { readonly loadBalancer: unknown }
>["loadBalancer"]["healthCheck"];

/** How often Hetzner checks by itself, in seconds. */
const defaultInterval = 15;

function checkFaults(check: HealthCheck): Fault[] {
  if (check === undefined) return [];
  const { protocol, intervalSeconds = defaultInterval, timeoutSeconds = 0 } = check;
  const ofHttp = ["path", "domain", "statusCodes", "validateCertificate"] as const;
  const faults: Fault[] = ofHttp
    .filter((key) => protocol === "tcp" && check[key] !== undefined)
    .map((key) => ({
      path: `.healthCheck.${key}`,
      problem: "is given with protocol tcp, want protocol: http or https, or none",
    }));
  if (timeoutSeconds > intervalSeconds)
    faults.push({
      path: ".healthCheck.timeoutSeconds",
      problem: `got ${timeoutSeconds}, want at most intervalSeconds, ${intervalSeconds}`,
    });
  return faults;
}

/** A port of the nodes has one owner. */
function nodePortFaults({ apps, loadBalancer }: Readable): Fault[] {
  const owners = new Map<number, string>([
    [nginxNodePorts.http, "ingress-nginx"],
    [nginxNodePorts.https, "ingress-nginx"],
    ...Object.values(loadBalancer?.nodePorts ?? {}).map((port): [number, string] => [port, "the ingress"]),
  ]);
  return wholeApps(apps).flatMap(([name, { service }]): Fault[] => {
    if (service?.type !== "NodePort" || service.nodePort === undefined) return [];
    const { nodePort } = service;
    const owner = owners.get(nodePort);
    owners.set(nodePort, owner ?? name);
    if (owner === undefined) return [];
    return [
      {
        path: `apps.${name}.service.nodePort`,
        problem: `got ${nodePort}, which is ${owner}'s, want another`,
      },
    ];
  });
}

/** The manager takes over, and with its Service deletes, whatever load balancer has the name. */
function balancerNameFaults({ apps, loadBalancer }: Readable): Fault[] {
  const owners = new Map(loadBalancer ? [[loadBalancer.name, "the stack's own"]] : []);
  return wholeApps(apps).flatMap(([app, { service }]): Fault[] => {
    if (service?.type !== "LoadBalancer") return [];
    const { name } = service.loadBalancer;
    const owner = owners.get(name);
    owners.set(name, owner ?? `that of ${app}`);
    if (owner === undefined) return [];
    const problem = `got ${name}, which is ${owner}; want another: the manager would take that one over`;
    return [{ path: `apps.${app}.service.loadBalancer.name`, problem }];
  });
}
