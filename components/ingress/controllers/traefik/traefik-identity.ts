import type { ControllerIdentity } from "../../ingress-installation";

/** The identity of Traefik, whether it reads Ingress objects or HTTPRoutes. */
export const traefikIdentity: ControllerIdentity = {
  name: "traefik",
  chart: "traefik",
  ingressClassName: "traefik",
  podSelector: { namespace: "traefik", app: "traefik" },
  serviceAccountName: "traefik",
  targetPorts: { http: "web", https: "websecure" },
};
