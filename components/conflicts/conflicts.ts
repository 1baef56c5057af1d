import * as pulumi from "@pulumi/pulumi";

import { connectToCluster, type ReadApi } from "./cluster-api";
import {
  findConflicts,
  findPendingRelease,
  createClusterReader,
  stackAnnotation,
  type ClusterReader,
} from "./inspect-cluster";
import type { ReferencedObject, PlannedNodePort, PlannedObject, PlannedRelease } from "./planned-objects";
import { hook, resolveInput } from "../pulumi/hooks";
import { fullStackName } from "../pulumi/stack-mark";

export interface ConflictsArgs {
  readonly kubeconfig: pulumi.Input<string>;
  /** What the settings name and another makes. */
  readonly referenced: readonly ReferencedObject[];
  readonly nodePorts: readonly PlannedNodePort[];
  /** How to reach the API server of a kubeconfig. Default: {@link connectToCluster}. */
  readonly connect?: (kubeconfig: string) => Promise<ReadApi>;
}

/** What of a resource's inputs says which object it is. */
interface Inputs {
  readonly name?: pulumi.Input<string>;
  readonly namespace?: pulumi.Input<string>;
  readonly metadata?: {
    readonly name?: pulumi.Input<string>;
    readonly namespace?: pulumi.Input<string>;
    readonly annotations?: pulumi.Input<Readonly<Record<string, string>>>;
  };
}

/** As {@link Inputs}, when everything is known. */
interface CreatedInputs extends PlannedRelease {
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

const releaseType = "kubernetes:helm.sh/v3:Release";

/**
 * Refuses, in preview too, to create anything in a cluster where something is in the way, and tells all of it at once.
 *
 * The program cannot read its own state, but the engine runs a `beforeCreate` hook only for what is really created. The
 * provider is created in the first `up` alone: its hook looks at everything the program has registered, which by then is
 * complete, since the program registers synchronously and the engine calls a hook from outside. In a later run the first
 * object that is created causes the same look, where an object is another's if it carries another stack's annotation, or
 * none and was not applied by Pulumi. A run that creates nothing asks nothing; an update of a Helm release asks whether
 * that release is pending.
 *
 * Names that are outputs are known only when what they come from exists: that is looked at instead, and the object by
 * its own hook.
 */
export class Conflicts {
  /** For every object in the cluster: annotates it as this stack's, and binds the hook. */
  readonly transformation: pulumi.ResourceTransformation;
  /** For the provider of the cluster, which comes before everything in it. */
  readonly hook: pulumi.ResourceHook;
  readonly #args: ConflictsArgs;
  readonly #objects: PlannedObject[] = [];
  readonly #releases: PlannedRelease[] = [];
  readonly #stack = fullStackName();
  #cluster: Promise<ClusterReader> | undefined;
  #everything: Promise<readonly string[]> | undefined;
  #isWarned = false;

  constructor(args: ConflictsArgs) {
    this.#args = args;
    this.hook = hook("cluster-conflicts", (created) => this.#refuse(created), { onDryRun: true });
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
      const annotations = pulumi
        .output(inputs.metadata?.annotations ?? {})
        .apply((given) => ({ ...given, [stackAnnotation]: this.#stack }));
      return {
        props: { ...inputs, metadata: { ...inputs.metadata, annotations } },
        opts: { ...opts, hooks: { ...hooks, beforeCreate } },
      };
    };
  }

  #register(type: string, resource: string, { metadata, name, namespace }: Inputs): void {
    const add = (known: { readonly name?: string | undefined; readonly namespace?: string | undefined }) => {
      if (known.name === undefined) return;
      if (type !== releaseType)
        this.#objects.push({ resource, ...parseType(type), name: known.name, namespace: known.namespace });
      else if (known.namespace !== undefined)
        this.#releases.push({ name: known.name, namespace: known.namespace });
    };
    const given =
      type === releaseType ? { name, namespace } : { name: metadata?.name, namespace: metadata?.namespace };
    if (isPlain(given.name) && isPlain(given.namespace))
      add({ name: given.name, namespace: given.namespace });
    else pulumi.output(given).apply(add);
  }

  async #refuse(created: pulumi.ResourceHookArgs): Promise<void> {
    let found: readonly string[];
    try {
      found = await this.#findings(created);
    } catch (fault) {
      const why = fault instanceof Error ? fault.message : String(fault);
      const message = `The cluster cannot be reached, so what is in the way in it is not known: ${why}.`;
      if (!pulumi.runtime.isDryRun()) throw new Error(message, { cause: fault });
      // Not awaited: the SDK writes messages in order, and an earlier one may wait for a resource that waits for this hook.
      if (!this.#isWarned) void pulumi.log.warn(message);
      this.#isWarned = true;
      return;
    }
    if (found.length > 0)
      throw new Error(
        `The cluster has what is in the way, or lacks what the settings name; nothing in it was changed.\n${found.map((each) => `  - ${each}`).join("\n")}`,
      );
  }

  async #findings({ type, name, newInputs, oldInputs }: pulumi.ResourceHookArgs): Promise<readonly string[]> {
    this.#cluster ??= this.#connect();
    const cluster = await this.#cluster;
    const { referenced, nodePorts } = this.#args;
    const rest = { stack: this.#stack, objects: [], releases: [], referenced: [], nodePorts: [] };
    const inputs = (newInputs ?? {}) as CreatedInputs;

    if (type === releaseType && oldInputs !== undefined) return findPendingRelease(cluster, inputs);
    const isNew = type.startsWith("pulumi:providers:");
    this.#everything ??= findConflicts(cluster, {
      ...rest,
      ...{
        objects: [...this.#objects],
        releases: [...this.#releases],
        referenced,
        nodePorts,
        isFirstRun: isNew,
      },
    });
    const everything = await this.#everything;
    if (isNew || everything.length > 0) return everything;
    return type === releaseType
      ? findConflicts(cluster, { ...rest, releases: [inputs], isFirstRun: true })
      : findConflicts(cluster, {
          ...rest,
          objects: [{ resource: name, ...parseType(type), ...inputs.metadata }],
          isFirstRun: false,
        });
  }

  async #connect(): Promise<ClusterReader> {
    const { connect = connectToCluster, kubeconfig } = this.#args;
    return createClusterReader(await connect(await resolveInput(kubeconfig)));
  }
}

/** The API version and the kind of `kubernetes:core/v1:Secret` and the like. */
function parseType(type: string): { readonly apiVersion: string; readonly kind: string } {
  const [, apiVersion = "", kind = ""] = type.split(":");
  return { apiVersion: apiVersion.replace(/^core\//, ""), kind };
}

const isPlain = (value: pulumi.Input<string> | undefined): value is string | undefined =>
  value === undefined || typeof value === "string";
