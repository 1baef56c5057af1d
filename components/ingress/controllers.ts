import type { ChartName } from "../charts";

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
}

const traefik: ControllerIdentity = {
  name: "traefik",
  chart: "traefik",
  ingressClassName: "traefik",
  ingressEndpoint: { namespace: "traefik", app: "traefik" },
  targetPorts: { http: "web", https: "websecure" },
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
