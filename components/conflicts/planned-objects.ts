/** A Kubernetes object that the program registers. */
export interface PlannedObject {
  /** The logical name of the resource. */
  readonly resource: string;
  /** Such as `v1` or `apps/v1`. */
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** Undefined for a cluster-scoped kind. */
  readonly namespace?: string | undefined;
}

/** A Helm release that the program registers. */
export interface PlannedRelease {
  readonly name: string;
  readonly namespace: string;
}

/** An object that the settings name and that must exist already. */
export interface ReferencedObject {
  /** The path of the setting. */
  readonly path: string;
  readonly kind: "Namespace" | "Secret" | "Service";
  readonly name: string;
  readonly namespace?: string | undefined;
}

/** A node port that the program uses. */
export interface PlannedNodePort {
  /** The path of the setting. */
  readonly path: string;
  readonly port: number;
  /** `<namespace>/<name>` of the Service, or of the Helm release that creates it. */
  readonly owner: string;
}

/** Everything to check against the cluster. */
export interface PlannedChanges {
  /** The full name of the stack. */
  readonly stack: string;
  readonly objects: readonly PlannedObject[];
  readonly releases: readonly PlannedRelease[];
  /** All Helm releases of the stack. Their updates precede what the program takes over from them. */
  readonly ownReleases: readonly PlannedRelease[];
  readonly referenced: readonly ReferencedObject[];
  readonly nodePorts: readonly PlannedNodePort[];
  /**
   * Whether the stack's state has nothing in the cluster, so that every existing object is a conflict. Otherwise an
   * object without the stack annotation counts as this stack's if Pulumi applied it.
   */
  readonly isFirstRun: boolean;
}

/** `<namespace>/<name>`, or `<name>` for a cluster-scoped kind: also the import ID. */
export const objectId = ({
  name,
  namespace,
}: {
  readonly name: string;
  readonly namespace?: string | undefined;
}) => (namespace === undefined ? name : `${namespace}/${name}`);

/** The API version and the kind of `kubernetes:core/v1:Secret` and the like. */
export function parseType(type: string): { readonly apiVersion: string; readonly kind: string } {
  const [, apiVersion = "", kind = ""] = type.split(":");
  return { apiVersion: apiVersion.replace(/^core\//, ""), kind };
}
