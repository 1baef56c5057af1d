import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/** The access of an app's pods to the Kubernetes API. */
export interface KubernetesApi {
  /** The rules of the Role in the app's namespace. Empty: the pods see the API's discovery documents only. */
  readonly rules: readonly {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly resourceNames?: readonly string[] | undefined;
    readonly verbs: readonly string[];
  }[];
}

/**
 * Creates the Role of an app's ServiceAccount and its RoleBinding; none without rules.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/rbac/
 */
export function createRole(
  name: string,
  { rules }: KubernetesApi,
  account: kubernetes.core.v1.ServiceAccount,
  metadata: kubernetes.types.input.meta.v1.ObjectMeta,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  if (rules.length === 0) return [];
  const role = new kubernetes.rbac.v1.Role(
    name,
    {
      metadata,
      rules: rules.map(({ apiGroups, resources, resourceNames, verbs }) => ({
        apiGroups: [...apiGroups],
        resources: [...resources],
        ...(resourceNames && { resourceNames: [...resourceNames] }),
        verbs: [...verbs],
      })),
    },
    opts,
  );
  const binding = new kubernetes.rbac.v1.RoleBinding(
    name,
    {
      metadata,
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: role.metadata.name },
      subjects: [
        { kind: "ServiceAccount", name: account.metadata.name, namespace: account.metadata.namespace },
      ],
    },
    opts,
  );
  return [role, binding];
}
