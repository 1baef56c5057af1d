/** An object of the program, as it is registered. */
export interface PlannedObject {
  /** The logical name of the resource. */
  readonly resource: string;
  /** Such as `v1` or `apps/v1`. */
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** Absence means that the kind has none. */
  readonly namespace?: string | undefined;
}

/** A Helm release of the program. */
export interface PlannedRelease {
  readonly name: string;
  readonly namespace: string;
}

/** An object that the settings name, and another makes. */
export interface ReferencedObject {
  /** Of the setting. */
  readonly path: string;
  readonly kind: "Namespace" | "Secret" | "Service";
  readonly name: string;
  readonly namespace?: string | undefined;
}

/** A node port that the program uses. */
export interface PlannedNodePort {
  /** Of the setting. */
  readonly path: string;
  readonly port: number;
  /** `<namespace>/<name>` of the Service, or of the Helm release that makes it. */
  readonly owner: string;
}

export interface PlannedChanges {
  /** The full name of the stack. */
  readonly stack: string;
  readonly objects: readonly PlannedObject[];
  readonly releases: readonly PlannedRelease[];
  readonly referenced: readonly ReferencedObject[];
  readonly nodePorts: readonly PlannedNodePort[];
  /**
   * Whether this stack has nothing in the cluster yet, so that whatever exists is another's, or left by an `up` whose
   * state is lost. Otherwise what Pulumi made without an annotation is taken for this stack's: before this version
   * nothing was annotated.
   */
  readonly isFirstRun: boolean;
}

/** `<namespace>/<name>`, or `<name>` where the kind has no namespace: the id to import it by, too. */
export const objectId = ({
  name,
  namespace,
}: {
  readonly name: string;
  readonly namespace?: string | undefined;
}) => (namespace === undefined ? name : `${namespace}/${name}`);
