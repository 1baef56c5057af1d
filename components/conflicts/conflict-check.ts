import * as pulumi from "@pulumi/pulumi";

import { errorHook, hook, resolveInput } from "../pulumi/hooks";
import { fullStackName } from "../pulumi/stack-mark";
import { connectToCluster, type ReadApi } from "./cluster-api";
import { createClusterReader, stackAnnotation, type ClusterReader } from "./cluster-reader";
import { findConflicts } from "./find-conflicts";
import {
  parseType,
  type PlannedNodePort,
  type PlannedObject,
  type PlannedRelease,
  type ReferencedObject,
} from "./planned-objects";
import { findPendingRelease } from "./release-conflicts";

export interface ConflictCheckArgs {
  readonly kubeconfig: pulumi.Input<string>;
  /** Objects that the settings name and that must exist already. */
  readonly referenced: readonly ReferencedObject[];
  readonly nodePorts: readonly PlannedNodePort[];
  /** Connects to the API server of a kubeconfig. Default: {@link connectToCluster}. */
  readonly connect?: (kubeconfig: string) => Promise<ReadApi>;
}

type Annotations = Readonly<Record<string, string>>;

/** The inputs that identify a resource's Kubernetes object. */
interface Inputs {
  readonly name?: pulumi.Input<string>;
  readonly namespace?: pulumi.Input<string>;
  readonly metadata?: {
    readonly name?: pulumi.Input<string>;
    readonly namespace?: pulumi.Input<string>;
    readonly annotations?: pulumi.Input<Annotations>;
  };
}

/** As {@link Inputs}, with all values known. */
interface CreatedInputs extends PlannedRelease {
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

const releaseType = "kubernetes:helm.sh/v3:Release";

/**
 * Checks for conflicts before anything is created in the cluster, in preview too, and reports all of them at once.
 *
 * The program cannot read its own state, but the engine runs a `beforeCreate` hook only for resources that are really
 * created. The provider is created only in the first run: its hook checks everything that the program has registered,
 * which is complete by then, since the program registers synchronously and the engine calls hooks over gRPC. In a later
 * run the first object that is created triggers the same check; an object conflicts then if it has another stack's
 * annotation, or none and was not applied by Pulumi. A run that creates nothing reads nothing; an update of a Helm
 * release checks whether that release is pending.
 *
 * A name that is an output is known only once its source exists: its object is checked by its own hook.
 */
export class ConflictCheck {
  /** For every Kubernetes resource: adds the stack annotation and the hook. */
  readonly transformation: pulumi.ResourceTransformation;
  /** For the Kubernetes provider, which is created before all objects. */
  readonly hook: pulumi.ResourceHook;
  readonly #args: ConflictCheckArgs;
  readonly #objects: PlannedObject[] = [];
  readonly #releases: PlannedRelease[] = [];
  readonly #stack = fullStackName();
  readonly #noChanges = {
    stack: this.#stack,
    objects: [],
    releases: [],
    ownReleases: this.#releases,
    referenced: [],
    nodePorts: [],
  };
  #cluster: Promise<ClusterReader> | undefined;
  #allConflicts: Promise<readonly string[]> | undefined;
  /** Callbacks by the output for which they wait. */
  readonly #waiting = new Map<pulumi.Input<string>, ((known: string) => void)[]>();
  #hasWarned = false;

  constructor(args: ConflictCheckArgs) {
    this.#args = args;
    this.hook = hook("cluster-conflicts", (created) => this.#check(created), { onDryRun: true });
    const explainExisting = errorHook("explain-existing-object", (failed) => this.#explainExisting(failed));
    this.transformation = ({ type, name, props, opts }) => {
      if (!type.startsWith("kubernetes:")) return undefined;
      const inputs = props as Inputs;
      const { hooks = {}, import: importId } = opts as pulumi.CustomResourceOptions;
      const isImported = importId !== undefined;
      if (!isImported) this.#register(type, name, inputs);
      const beforeCreate = [...(hooks.beforeCreate ?? []), ...(isImported ? [] : [this.hook])];
      if (type === releaseType) {
        const beforeUpdate = [...(hooks.beforeUpdate ?? []), this.hook];
        return { props, opts: { ...opts, hooks: { ...hooks, beforeCreate, beforeUpdate } } };
      }
      const mark = (given: Annotations) => ({ ...given, [stackAnnotation]: this.#stack });
      const { annotations: given = {} } = inputs.metadata ?? {};
      const annotations = isUnresolved(given) ? pulumi.output(given).apply(mark) : mark(given);
      const onError = [...(hooks.onError ?? []), explainExisting];
      return {
        props: { ...inputs, metadata: { ...inputs.metadata, annotations } },
        opts: { ...opts, hooks: { ...hooks, beforeCreate, onError } },
      };
    };
  }

  /** Logs how to import an object that exists, but is not in the state: an interrupted `up` created it. */
  async #explainExisting({ type, name, newInputs, errors }: pulumi.ErrorHookArgs): Promise<false> {
    if (!errors[0]?.includes("already exists")) return false;
    // Not the reader of the check, which keeps what it has read: the object may be newer.
    const conflicts = await findConflicts(await this.#connect(), {
      ...this.#noChanges,
      objects: [toPlannedObject(type, name, newInputs as CreatedInputs)],
      isFirstRun: true,
    });
    for (const conflict of conflicts) void pulumi.log.error(conflict);
    return false;
  }

  #register(type: string, resource: string, inputs: Inputs): void {
    const { name, namespace } = type === releaseType ? inputs : (inputs.metadata ?? {});
    const add = (knownName?: string, knownNamespace?: string) => {
      if (knownName === undefined) return;
      if (type !== releaseType)
        this.#objects.push({ resource, ...parseType(type), name: knownName, namespace: knownNamespace });
      else if (knownNamespace !== undefined)
        this.#releases.push({ name: knownName, namespace: knownNamespace });
    };
    if (isUnresolved(name)) pulumi.all([name, namespace]).apply(([one, other]) => add(one, other));
    else if (isUnresolved(namespace)) this.#whenKnown(namespace, (known) => add(name, known));
    else add(name, namespace);
  }

  /** Waits for an output once for all objects that it concerns: most are in the namespace of the apps. */
  #whenKnown(namespace: pulumi.Input<string>, callback: (known: string) => void): void {
    const waiting = this.#waiting.get(namespace);
    if (waiting !== undefined) {
      waiting.push(callback);
      return;
    }
    const callbacks = [callback];
    this.#waiting.set(namespace, callbacks);
    pulumi.output(namespace).apply((known) => {
      this.#waiting.delete(namespace);
      for (const each of callbacks) each(known);
    });
  }

  async #check(created: pulumi.ResourceHookArgs): Promise<void> {
    let conflicts: readonly string[];
    try {
      conflicts = await this.#findConflicts(created);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const message = `Cannot reach the cluster to check for conflicts: ${why}`;
      if (!pulumi.runtime.isDryRun()) throw new pulumi.RunError(message);
      // Not awaited: the SDK logs in order, and an earlier message may wait for a resource that waits for this hook.
      if (!this.#hasWarned) void pulumi.log.warn(message);
      this.#hasWarned = true;
      return;
    }
    if (conflicts.length > 0)
      throw new pulumi.RunError(
        `The cluster has conflicting objects, or lacks objects that the settings name; nothing in it was changed.\n${conflicts.map((each) => `  - ${each}`).join("\n")}`,
      );
  }

  async #findConflicts({
    type,
    name,
    newInputs,
    oldInputs,
  }: pulumi.ResourceHookArgs): Promise<readonly string[]> {
    this.#cluster ??= this.#connect();
    const cluster = await this.#cluster;
    const { referenced, nodePorts } = this.#args;
    const inputs = (newInputs ?? {}) as CreatedInputs;
    if (type === releaseType && oldInputs !== undefined) return findPendingRelease(cluster, inputs);

    const stack = this.#stack;
    const isFirstRun = type.startsWith("pulumi:providers:");
    this.#allConflicts ??= findConflicts(cluster, {
      stack,
      objects: [...this.#objects],
      releases: [...this.#releases],
      ownReleases: this.#releases,
      referenced,
      nodePorts,
      isFirstRun,
    });
    const conflicts = await this.#allConflicts;
    if (isFirstRun || conflicts.length > 0) return conflicts;
    return type === releaseType
      ? findConflicts(cluster, { ...this.#noChanges, releases: [inputs], isFirstRun: true })
      : findConflicts(cluster, {
          ...this.#noChanges,
          objects: [toPlannedObject(type, name, inputs)],
          isFirstRun: false,
        });
  }

  async #connect(): Promise<ClusterReader> {
    const { connect = connectToCluster, kubeconfig } = this.#args;
    return createClusterReader(await connect(await resolveInput(kubeconfig)));
  }
}

const toPlannedObject = (type: string, resource: string, { metadata }: CreatedInputs): PlannedObject => ({
  resource,
  ...parseType(type),
  ...metadata,
});

/** Whether an input is not plain. What is plain stays so: an output takes ten promises. */
const isUnresolved = <T>(input: pulumi.Input<T>): input is pulumi.OutputInstance<T> | Promise<T> =>
  input instanceof Promise || pulumi.Output.isInstance(input);
