/** The namespaces of the platform, without those of ingress controllers. An app cannot use them. */
export const platformNamespaces = {
  certManager: "cert-manager",
  externalDns: "external-dns",
  kubeSystem: "kube-system",
  linkerd: "linkerd",
  linkerdCni: "linkerd-cni",
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

/**
 * The Pod Security labels of a namespace of meshed pods, whose own containers are restricted.
 *
 * @param cni Whether Linkerd's CNI plugin sets up the iptables of pods. Otherwise an init container with `NET_ADMIN` does, to
 *   which the level does not apply, so that it cannot be enforced.
 */
export const meshedPodSecurity = (cni: boolean): Readonly<Record<string, string>> => ({
  ...(cni && { [podSecurityLabel("enforce")]: "restricted" }),
  [podSecurityLabel("warn")]: "restricted",
  [podSecurityLabel("audit")]: "restricted",
});
