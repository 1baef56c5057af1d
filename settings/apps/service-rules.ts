import { errorIf, type ConfigError } from "../config-error";
import { findHttpCheckErrors, findCheckTimeoutErrors } from "../load-balancer/rules";
import { appRule, type NamedApp, type Rule } from "../rule";

/** Rules about the Service of one app. */
export const serviceRules: readonly Rule[] = [
  appRule([], (app) =>
    app.existing
      ? []
      : [...findRouteErrors(app), ...findServicePortErrors(app), ...findLoadBalancerErrors(app)],
  ),
];

/** The ingress controller connects to the Service's address, and speaks HTTP. */
function findRouteErrors({ routes, service, protocol }: NamedApp): ConfigError[] {
  if (routes.length === 0) return [];
  return [
    ...errorIf(
      service?.type === "Headless",
      "routes",
      "cannot be combined with service.type Headless, which has no address for the ingress; want type: ClusterIP",
    ),
    ...errorIf(
      protocol === "tcp",
      "routes",
      "cannot be combined with protocol: tcp, since the ingress speaks HTTP; want protocol: http or grpc",
    ),
  ];
}

/** Clients that resolve the name to pods or another host connect to the port as it is. */
function findServicePortErrors({ port, servicePort = port, service }: NamedApp): ConfigError[] {
  const type = service?.type;
  if (servicePort === port || (type !== "Headless" && type !== "ExternalName")) return [];
  const message = `got ${servicePort} with service.type ${type}, which maps no ports; want ${port}, as port, or none`;
  return [{ path: "servicePort", message }];
}

/** Hetzner's default interval of health checks, in seconds. */
const defaultInterval = 15;

function findLoadBalancerErrors({ service }: NamedApp): ConfigError[] {
  if (service?.type !== "LoadBalancer") return [];
  const { protocol, http, healthCheck } = service.loadBalancer;
  const path = "service.loadBalancer";
  return [
    ...errorIf(
      http !== undefined && protocol === "tcp",
      `${path}.http`,
      "cannot be combined with protocol: tcp, want protocol: http or https",
    ),
    ...errorIf(
      protocol === "https" && http?.certificates === undefined,
      `${path}.http.certificates`,
      "is missing with protocol: https, want uploaded or managed certificates",
    ),
    ...(healthCheck === undefined
      ? []
      : [
          ...findHttpCheckErrors(`${path}.healthCheck`, healthCheck),
          ...findCheckTimeoutErrors(`${path}.healthCheck`, {
            intervalSeconds: healthCheck.intervalSeconds ?? defaultInterval,
            timeoutSeconds: healthCheck.timeoutSeconds ?? 0,
          }),
        ]),
  ];
}
