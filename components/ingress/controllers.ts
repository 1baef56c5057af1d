import type { ChartName } from "../charts";
import type { CheckTiming, HealthCheck } from "../health-check";

/** Who routes: Traefik by Ingress objects, ingress-nginx, or Traefik by the HTTPRoutes of Gateway API. */
export type Controller = "traefik" | "nginx" | "gateway";

/** The ports that a controller has on every node, 30000 to 32767. */
export interface NodePorts {
  readonly http: number;
  readonly https: number;
}

/** Where a controller is found, and by whom. */
export interface ControllerIdentity {
  /** What its release, its namespace and their resources are called. */
  readonly name: string;
  readonly chart: ChartName;
  /** The class that Ingress objects name. */
  readonly ingressClassName: string;
  /** Its pods, as network policies see them; `app` is their label `app.kubernetes.io/name`. */
  readonly ingressEndpoint: { readonly namespace: string; readonly app: string };
  /** The names of its pods' public ports. */
  readonly targetPorts: { readonly http: string; readonly https: string };
  /**
   * The path at which its node port for HTTP says 200 while it takes new connections, and no longer when it is told to
   * end, though it goes on for a while. Absence means that it says so at no node port.
   */
  readonly pingPath?: string;
}

const traefik: ControllerIdentity = {
  name: "traefik",
  chart: "traefik",
  ingressClassName: "traefik",
  ingressEndpoint: { namespace: "traefik", app: "traefik" },
  targetPorts: { http: "web", https: "websecure" },
  pingPath: "/ping",
};

/** Every controller. `traefik` and `gateway` are one installation, so that going from one to the other moves nothing. */
export const controllers: Readonly<Record<Controller, ControllerIdentity>> = {
  traefik,
  nginx: {
    name: "ingress-nginx",
    chart: "ingress-nginx",
    ingressClassName: "nginx",
    ingressEndpoint: { namespace: "ingress-nginx", app: "ingress-nginx" },
    targetPorts: { http: "http", https: "https" },
  },
  gateway: traefik,
};

/** The node ports of ingress-nginx: its own, so that it stands beside Traefik while one takes over from the other. */
export const nginxNodePorts: NodePorts = { http: 31080, https: 31443 };

/** The node ports of a controller: what the load balancer sends to. Traefik's are those of the settings. */
export const nodePortsOf = (
  controller: Controller,
  settings: { readonly nodePorts: NodePorts },
): NodePorts => (controller === "nginx" ? nginxNodePorts : settings.nodePorts);

/**
 * How the load balancer finds out, for 80 and 443 alike, whether a node takes new connections: it asks the controller
 * there, or where that does not say, tries the port. ingress-nginx does not: its `/healthz` at port 80 says 200 to the
 * end, and wants a PROXY protocol header, which a check may not carry; the other one, at 10254, has no node port.
 */
export function checkOf(
  controller: Controller,
  settings: { readonly nodePorts: NodePorts; readonly healthCheck: CheckTiming },
): HealthCheck {
  const { pingPath } = controllers[controller];
  if (pingPath === undefined) return { protocol: "tcp", ...settings.healthCheck };
  return {
    protocol: "http",
    port: nodePortsOf(controller, settings).http,
    http: { path: pingPath, statusCodes: ["200"] },
    ...settings.healthCheck,
  };
}

const installations = [...new Set(Object.values(controllers))];

/** The pods of all controllers, as network policies see them. */
export const ingressEndpoints = installations.map(({ ingressEndpoint }) => ingressEndpoint);

/** The ServiceAccounts of all controllers, by which the mesh knows their pods. */
export const ingressAccounts = installations.map(({ name, ingressEndpoint: { namespace } }) => ({
  namespace,
  name,
}));

/** The classes of all controllers. */
export const ingressClassNames = installations.map(({ ingressClassName }) => ingressClassName);
