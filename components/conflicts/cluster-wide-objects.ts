/** What a release holds outside its namespace. */
export interface ClusterWideObjects {
  /** Where the program installs it. */
  readonly namespace: string;
  /** API groups whose definitions are in the chart's templates: those in its `crds/` Helm leaves as they are. */
  readonly groups: readonly string[];
  /** Cluster-wide objects by their path in the API. */
  readonly objects: Readonly<Record<string, readonly string[]>>;
}

const clusterRoles = "/apis/rbac.authorization.k8s.io/v1/clusterroles";
const ingressClasses = "/apis/networking.k8s.io/v1/ingressclasses";
const mutating = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations";
const validating = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";

/**
 * By release, what another installation of the same software is known by. Not every object of every chart: one that
 * cannot be missing is enough, since Helm refuses a release for any of them. Cilium has a check of its own.
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
  "linkerd-control-plane": {
    namespace: "linkerd",
    groups: [],
    objects: {
      [mutating]: ["linkerd-proxy-injector-webhook-config"],
      [validating]: ["linkerd-sp-validator-webhook-config", "linkerd-policy-validator-webhook-config"],
    },
  },
  traefik: {
    namespace: "traefik",
    groups: [],
    objects: { [clusterRoles]: ["traefik-traefik"], [ingressClasses]: ["traefik"] },
  },
  "ingress-nginx": {
    namespace: "ingress-nginx",
    groups: [],
    objects: { [clusterRoles]: ["ingress-nginx"], [ingressClasses]: ["nginx"] },
  },
  "external-dns": { namespace: "external-dns", groups: [], objects: { [clusterRoles]: ["external-dns"] } },
};
