import type { ApiType } from "./token";

/** Provider arguments that let two kinds be changed in place. */
export interface Mutability {
  readonly configMaps: boolean;
  readonly secrets: boolean;
}

/** Fields that the API server or the real provider does not change in place. */
const IMMUTABLE: Readonly<Record<string, readonly string[]>> = {
  "apps/v1/DaemonSet": ["spec.selector"],
  "apps/v1/Deployment": ["spec.selector"],
  "apps/v1/StatefulSet": [
    "spec.podManagementPolicy",
    "spec.selector",
    "spec.serviceName",
    "spec.volumeClaimTemplates",
  ],
  "batch/v1/Job": ["spec.selector", "spec.template"],
  "rbac.authorization.k8s.io/v1/ClusterRoleBinding": ["roleRef"],
  "rbac.authorization.k8s.io/v1/RoleBinding": ["roleRef"],
  "storage.k8s.io/v1/StorageClass": ["parameters", "provisioner"],
  "v1/PersistentVolumeClaim": ["spec"],
  "v1/Pod": ["spec"],
  "v1/Service": ["spec.clusterIP", "spec.type"],
};

/** The dotted paths whose change replaces an object of this type. */
export function replaceOn(type: ApiType, mutable: Mutability): readonly string[] {
  const key = `${type.apiVersion}/${type.kind}`;
  const identity = ["apiVersion", "kind", "metadata.name", "metadata.namespace"];
  if (key === "v1/ConfigMap") return mutable.configMaps ? identity : [...identity, "data", "binaryData"];
  if (key === "v1/Secret") return [...identity, "type", ...(mutable.secrets ? [] : ["data", "stringData"])];
  return [...identity, ...(IMMUTABLE[key] ?? [])];
}
