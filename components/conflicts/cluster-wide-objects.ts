import { installations } from "../ingress/controllers";

/** The cluster-wide objects of a Helm release. */
export interface ClusterWideObjects {
  /** The namespace in which the program installs the release. */
  readonly namespace: string;
  /** API groups of the CRDs in the chart's templates. Helm does not overwrite those in its `crds/`. */
  readonly groups: readonly string[];
  /** Names of cluster-wide objects, by the path of their list in the API. */
  readonly objects: Readonly<Record<string, readonly string[]>>;
}

const clusterRoles = "/apis/rbac.authorization.k8s.io/v1/clusterroles";
const ingressClasses = "/apis/networking.k8s.io/v1/ingressclasses";
const mutating = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations";
const validating = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";

/**
 * By release, the objects that reveal another installation of the same software. Not all of each chart: one that is
 * always present is enough, since Helm refuses to install over any of them. Cilium has its own check.
 */
export const clusterWideObjects: Readonly<Record<string, ClusterWideObjects>> = {
  "cert-manager": {
    namespace: "cert-manager",
    groups: ["cert-manager.io", "acme.cert-manager.io"],
    objects: { [mutating]: ["cert-manager-webhook"], [validating]: ["cert-manager-webhook"] },
  },
  "trust-manager": {
    namespace: "cert-manager",
    groups: ["trust.cert-manager.io"],
    objects: { [clusterRoles]: ["trust-manager"], [validating]: ["trust-manager"] },
  },
  "linkerd-crds": {
    namespace: "linkerd",
    groups: ["linkerd.io", "policy.linkerd.io", "workload.linkerd.io"],
    objects: {},
  },
  "linkerd-cni": { namespace: "linkerd-cni", groups: [], objects: { [clusterRoles]: ["linkerd-cni"] } },
  "linkerd-control-plane": {
    namespace: "linkerd",
    groups: [],
    objects: {
      [mutating]: ["linkerd-proxy-injector-webhook-config"],
      [validating]: ["linkerd-sp-validator-webhook-config", "linkerd-policy-validator-webhook-config"],
    },
  },
  ...Object.fromEntries(
    installations.map(({ identity, clusterRoles: roles }): [string, ClusterWideObjects] => [
      identity.name,
      {
        namespace: identity.podSelector.namespace,
        groups: [],
        objects: { [clusterRoles]: roles, [ingressClasses]: [identity.ingressClassName] },
      },
    ]),
  ),
  "external-dns": { namespace: "external-dns", groups: [], objects: { [clusterRoles]: ["external-dns"] } },
};
