/** The namespaces of the platform, without those of ingress controllers. An app cannot use them. */
export const platformNamespaces = {
  certManager: "cert-manager",
  externalDns: "external-dns",
  kubeSystem: "kube-system",
  linkerd: "linkerd",
  linkerdViz: "linkerd-viz",
} as const;

/**
 * The label of the apps' namespaces, by which admission policies select them. It has the value `true`. A user needs the
 * permission to change Namespaces to set it.
 */
export const appNamespaceLabel = "platform-networking/apps";

/** The label that the API server sets on every namespace: its name. */
export const namespaceNameLabel = "kubernetes.io/metadata.name";

/**
 * A Pod Security label of a namespace. The API server refuses the pods that violate the level of `enforce`, and reports
 * those that violate the levels of `warn` and `audit`.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-admission/
 */
export const podSecurityLabel = (mode: "enforce" | "warn" | "audit") => `pod-security.kubernetes.io/${mode}`;

/** Labels of a namespace whose pods are restricted, apart from what Linkerd's init container needs. */
export const restrictedButForMesh = {
  [podSecurityLabel("warn")]: "restricted",
  [podSecurityLabel("audit")]: "restricted",
};
