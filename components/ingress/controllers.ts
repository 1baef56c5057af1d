import type { ChartName } from "../charts";
import type { HealthCheckTiming, HealthCheck } from "../load-balancer/health-check";

/** Who routes: Traefik by Ingress objects, ingress-nginx, or Traefik by the HTTPRoutes of Gateway API. */
export type ControllerName = "traefik" | "nginx" | "gateway";

/** The ports that a controller has on every node, 30000 to 32767. */
export interface NodePorts {
  readonly http: number;
  readonly https: number;
  /** Where the load balancer asks for its health. */
  readonly health: number;
}

/** The node ports that the settings have: those of Traefik, and where ingress-nginx is asked for its health. */
export interface NodePortSettings {
  readonly http: number;
  readonly https: number;
  readonly nginxHealth: number;
}

/** Where a controller is found, and by whom. */
export interface ControllerIdentity {
  /** What its release, its namespace and their resources are called. */
  readonly name: string;
  readonly chart: ChartName;
  /** The class that Ingress objects name. */
  readonly ingressClassName: string;
  /** Its pods, as network policies see them; `app` is their label `app.kubernetes.io/name`. */
  readonly podSelector: { readonly namespace: string; readonly app: string };
  /** The names of its pods' public ports. */
  readonly targetPorts: { readonly http: string; readonly https: string };
  /** Where its node port for health answers 200, until it is told to end; connections it takes for a while longer. */
  readonly healthPath: string;
}

const traefik: ControllerIdentity = {
  name: "traefik",
  chart: "traefik",
  ingressClassName: "traefik",
  podSelector: { namespace: "traefik", app: "traefik" },
  targetPorts: { http: "web", https: "websecure" },
  healthPath: "/ping",
};

/** Every controller. `traefik` and `gateway` are one installation, so that going from one to the other moves nothing. */
export const controllers: Readonly<Record<ControllerName, ControllerIdentity>> = {
  traefik,
  nginx: {
    name: "ingress-nginx",
    chart: "ingress-nginx",
    ingressClassName: "nginx",
    podSelector: { namespace: "ingress-nginx", app: "ingress-nginx" },
    targetPorts: { http: "http", https: "https" },
    healthPath: "/healthz",
  },
  gateway: traefik,
};

/** The node ports of ingress-nginx: its own, so that it stands beside Traefik while one takes over from the other. */
export const nginxNodePorts = { http: 31080, https: 31443 } as const;

/** The node ports of a controller: what the load balancer sends to, and where it asks. */
export function nodePortsFor(
  controller: ControllerName,
  { nodePorts: { http, https, nginxHealth } }: { readonly nodePorts: NodePortSettings },
): NodePorts {
  return controller === "nginx" ? { ...nginxNodePorts, health: nginxHealth } : { http, https, health: http };
}

/**
 * How the load balancer finds out, for 80 and 443 alike, whether a node takes new connections: it asks the controller
 * there by HTTP. ingress-nginx has a node port for this alone: its `/healthz` at port 80 answers 200 to the end, and
 * wants a PROXY protocol header, which a check does not carry.
 *
 * Always HTTP: the hcloud provider cannot change a check from HTTP to TCP in place.
 */
export const healthCheckFor = (
  controller: ControllerName,
  settings: { readonly nodePorts: NodePortSettings; readonly healthCheck: HealthCheckTiming },
): HealthCheck => ({
  protocol: "http",
  port: nodePortsFor(controller, settings).health,
  http: { path: controllers[controller].healthPath, statusCodes: ["200"] },
  ...settings.healthCheck,
});

const installations = [...new Set(Object.values(controllers))];

/** The pods of all controllers, as network policies see them. */
export const ingressPods = installations.map(({ podSelector: ingressEndpoint }) => ingressEndpoint);

/** The ServiceAccounts of all controllers, by which the mesh knows their pods. */
export const ingressServiceAccounts = installations.map(({ name, podSelector: { namespace } }) => ({
  namespace,
  name,
}));

/** The classes of all controllers. */
export const ingressClassNames = installations.map(({ ingressClassName }) => ingressClassName);
