/** The namespaces of the platform, without those of ingress controllers. An app cannot use them. */
export const platformNamespaces = {
  certManager: "cert-manager",
  externalDns: "external-dns",
  kubeSystem: "kube-system",
  linkerd: "linkerd",
  linkerdViz: "linkerd-viz",
} as const;
