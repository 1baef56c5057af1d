import { errorIf, type ConfigError } from "../config-error";
import { findTcpPort, listPorts, type NamedPort } from "../../components/app/app-ports";
import { findHttpCheckErrors, findCheckTimeoutErrors } from "../load-balancer/rules";
import { appRule, type NamedApp, type Rule } from "../rule";

/** Rules about the Service of one app. */
export const serviceRules: readonly Rule[] = [
  appRule([], (app) =>
    app.existing
      ? [...findRouteErrors(app), ...findWebhookErrors(app)]
      : [
          ...findRouteErrors(app),
          ...findWebhookErrors(app),
          ...findServicePortErrors(app),
          ...findLoadBalancerErrors(app),
        ],
  ),
];

/** The ingress controller connects to the Service's address, and speaks HTTP. */
function findRouteErrors(app: NamedApp): ConfigError[] {
  const { routes, service } = app;
  if (routes.length === 0) return [];
  return [
    ...errorIf(
      service?.type === "Headless",
      "routes",
      "cannot be combined with service.type Headless, which has no address for the ingress; want type: ClusterIP",
    ),
    ...routes.flatMap((route, index) => findRoutePortErrors(app, route, `routes.${index}`)),
  ];
}

function findRoutePortErrors(
  app: NamedApp,
  { port, redirect }: NamedApp["routes"][number],
  path: string,
): ConfigError[] {
  const speaksHttp = ({ protocol }: NamedPort) => protocol !== "tcp" && protocol !== "udp";
  const found = findTcpPort(app, port);
  if ((found && speaksHttp(found)) || (redirect !== undefined && port !== undefined)) return [];
  const listed = listPorts(app).filter(speaksHttp);
  const want =
    listed.length === 0
      ? "want protocol: http or grpc"
      : `want a port that the app declares for HTTP: ${listed.map(({ name, number }) => `${number} (${name})`).join(", ")}`;
  const message =
    port === undefined
      ? `is missing with protocol: ${app.protocol}, since the ingress speaks HTTP; ${want}`
      : `got ${port}, ${want}`;
  return [{ path: `${path}.port`, message }];
}

/** The API server calls webhooks by TLS, which the proxy would not find on a port for HTTP. */
const findWebhookErrors = (app: NamedApp): ConfigError[] =>
  app.webhooks.flatMap((port, index) => {
    const found = findTcpPort(app, port);
    const isTls = app.existing || found?.protocol === undefined || found.protocol === "tcp";
    return errorIf(
      found === undefined || !isTls,
      `webhooks.${index}`,
      `got ${port}, want a port that the app declares with protocol tcp, or in ports without one: the API server calls webhooks by TLS`,
    );
  });

/** Clients that resolve the name to pods or another host connect to the port as it is. */
function findServicePortErrors({ port, servicePort = port, service }: NamedApp): ConfigError[] {
  const type = service?.type;
  if (servicePort === port || (type !== "Headless" && type !== "ExternalName")) return [];
  const message = `got ${servicePort} with service.type ${type}, which maps no ports; want ${port}, as port, or none`;
  return [{ path: "servicePort", message }];
}

/** Hetzner's default interval of health checks, in seconds. */
const defaultInterval = 15;

function findLoadBalancerErrors({ service, ...app }: NamedApp): ConfigError[] {
  if (service?.type !== "LoadBalancer") return [];
  const udp = listPorts(app).find(({ transport }) => transport === "UDP");
  const { protocol, http, healthCheck } = service.loadBalancer;
  const path = "service.loadBalancer";
  return [
    ...errorIf(
      udp !== undefined,
      "service.type",
      `got LoadBalancer with the UDP port ${udp?.number}, but Hetzner's load balancers forward no UDP; want type: NodePort`,
    ),
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
