/** The namespaces of the platform. An app cannot use them. */
export const platformNamespaces = {
  certManager: "cert-manager",
  externalDns: "external-dns",
  ingressNginx: "ingress-nginx",
  kubeSystem: "kube-system",
  linkerd: "linkerd",
  linkerdViz: "linkerd-viz",
  traefik: "traefik",
} as const;
