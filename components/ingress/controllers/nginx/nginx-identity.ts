import type { ControllerIdentity } from "../../ingress-installation";

/** The identity of ingress-nginx. */
export const nginxIdentity: ControllerIdentity = {
  name: "ingress-nginx",
  chart: "ingress-nginx",
  ingressClassName: "nginx",
  podSelector: { namespace: "ingress-nginx", app: "ingress-nginx" },
  serviceAccountName: "ingress-nginx",
  targetPorts: { http: "http", https: "https" },
};
