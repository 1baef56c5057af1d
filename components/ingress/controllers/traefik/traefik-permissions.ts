import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import type { IngressArgs } from "../../ingress-args";
import { traefikIdentity } from "./traefik-identity";

/** The namespaces whose routes Traefik reads, its own among them, each with a key that is unique and known in advance. */
export const findServedNamespaces = ({
  routesFrom: [apps, ...others],
  namespaces = [],
}: Pick<IngressArgs, "namespaces" | "routesFrom">): Readonly<Record<string, pulumi.Input<string>>> => ({
  own: traefikIdentity.podSelector.namespace,
  apps,
  ...Object.fromEntries([...others, ...namespaces].map((each) => [`in-${each}`, each])),
});

const watch = ["get", "list", "watch"];
const gatewayGroup = "gateway.networking.k8s.io";

/** The permissions on cluster-scoped objects. */
export const buildClusterRules = (readsGateways: boolean) => [
  { apiGroups: ["networking.k8s.io"], resources: ["ingressclasses"], verbs: watch },
  { apiGroups: [""], resources: ["nodes", ...(readsGateways ? ["namespaces"] : [])], verbs: watch },
  ...(readsGateways
    ? [
        { apiGroups: [gatewayGroup], resources: ["gatewayclasses"], verbs: watch },
        { apiGroups: [gatewayGroup], resources: ["gatewayclasses/status"], verbs: ["update"] },
      ]
    : []),
];

/** Gateway API's kinds that Traefik reads in a namespace, and those of them whose status it writes. */
const routeKinds = ["backendtlspolicies", "gateways", "grpcroutes", "httproutes", "tlsroutes"];

/** The permissions in each served namespace: all that Traefik watches, since without one of them it serves nothing. */
export const buildNamespaceRules = (readsGateways: boolean) => [
  { apiGroups: [""], resources: ["configmaps", "secrets", "services"], verbs: watch },
  { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: watch },
  { apiGroups: ["networking.k8s.io"], resources: ["ingresses"], verbs: watch },
  { apiGroups: ["networking.k8s.io"], resources: ["ingresses/status"], verbs: ["update"] },
  {
    apiGroups: ["traefik.io"],
    resources: [
      "ingressroutes",
      "ingressroutetcps",
      "ingressrouteudps",
      "middlewares",
      "middlewaretcps",
      "serverstransports",
      "serverstransporttcps",
      "tlsoptions",
      "tlsstores",
      "traefikservices",
    ],
    verbs: watch,
  },
  ...(readsGateways
    ? [
        { apiGroups: [gatewayGroup], resources: [...routeKinds, "referencegrants"], verbs: watch },
        {
          apiGroups: [gatewayGroup],
          resources: routeKinds.map((each) => `${each}/status`),
          verbs: ["update"],
        },
      ]
    : []),
];

/**
 * Creates Traefik's permissions: Secrets and routes in the served namespaces only. The chart's own would be Secrets of the
 * whole cluster, the mesh's root key among them.
 *
 * @param name The prefix of the resources' names.
 * @returns The resources, which must exist before Traefik starts.
 * @see https://github.com/traefik/traefik-helm-chart/tree/master/traefik/templates/rbac
 */
export function createTraefikPermissions(
  name: string,
  args: Pick<IngressArgs, "namespaces" | "readsGateways" | "routesFrom"> & {
    readonly namespace: pulumi.Input<string>;
  },
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const { readsGateways = false } = args;
  const { serviceAccountName, podSelector } = traefikIdentity;
  const subjects = [{ kind: "ServiceAccount", name: serviceAccountName, namespace: podSelector.namespace }];
  const createRole = (scope: string, rules: ReturnType<typeof buildClusterRules>) => {
    const { metadata } = new kubernetes.rbac.v1.ClusterRole(
      `${name}-${scope}`,
      { metadata: { name: `platform-${name}-${scope}` }, rules },
      opts,
    );
    return { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: metadata.name };
  };
  const clusterRole = createRole("cluster", buildClusterRules(readsGateways));
  const namespaceRole = createRole("namespace", buildNamespaceRules(readsGateways));
  return [
    new kubernetes.rbac.v1.ClusterRoleBinding(
      `${name}-cluster`,
      { metadata: { name: `platform-${name}-cluster` }, roleRef: clusterRole, subjects },
      opts,
    ),
    ...Object.entries({ ...findServedNamespaces(args), own: args.namespace }).map(
      ([key, namespace]) =>
        new kubernetes.rbac.v1.RoleBinding(
          `${name}-${key}`,
          { metadata: { name: `platform-${name}`, namespace }, roleRef: namespaceRole, subjects },
          opts,
        ),
    ),
  ];
}
