import * as pulumi from "@pulumi/pulumi";

import { connectToCluster, type ReadApi } from "../conflicts/cluster-api";
import { parseType, type PlannedRelease } from "../conflicts/planned-objects";
import { errorHook, hook, resolveInput } from "../pulumi/hooks";
import { readClusterState, type ObjectReference } from "./cluster-state";
import { describeCauses, describeReference, findCauses } from "./find-causes";

export interface WaitWatcherArgs {
  readonly kubeconfig: pulumi.Input<string>;
  /** Connects to the API server of a kubeconfig. Default: {@link connectToCluster}. */
  readonly connect?: (kubeconfig: string) => Promise<ReadApi>;
  /** Milliseconds since 1970. Default: the clock. */
  readonly now?: () => number;
}

/** A creation or an update of a Kubernetes object that has not ended. */
interface Operation {
  readonly urn: pulumi.URN;
  readonly object: ObjectReference;
  readonly startedAt: number;
  nextReportAt: number;
  /** The causes of the last report; empty for none. */
  causes: string;
}

type Started = Pick<pulumi.ResourceHookArgs, "urn" | "type" | "newInputs">;

/** Waits shorter than this are normal: every Service with a selector takes 10 s. */
const firstReportMs = 20_000;
const checkMs = 5_000;

/**
 * Reports what an `up` waits for: each creation or update in the cluster that takes longer than 20 s, again after a
 * minute and then at doubling intervals, with the reason that the object reports. If it fails, logs that reason as an
 * error. Adds nothing to the state but the names of its hooks.
 */
export class WaitWatcher {
  /** For every Kubernetes resource; last, so that the time of other hooks does not count. */
  readonly transformation: pulumi.ResourceTransformation;
  readonly #args: WaitWatcherArgs;
  readonly #now: () => number;
  readonly #operations = new Map<pulumi.URN, Operation>();
  #read: Promise<ReadApi> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(args: WaitWatcherArgs) {
    this.#args = args;
    this.#now = args.now ?? Date.now;
    const start = hook("wait-start", (started) => this.start(started));
    const end = hook("wait-end", ({ urn }) => void this.#end(urn));
    const explain = errorHook("wait-failure", ({ urn }) => this.explainFailure(urn));
    this.transformation = ({ type, props, opts }) => {
      if (!type.startsWith("kubernetes:")) return undefined;
      const { hooks = {} } = opts as pulumi.CustomResourceOptions;
      const added = {
        beforeCreate: [...(hooks.beforeCreate ?? []), start],
        afterCreate: [...(hooks.afterCreate ?? []), end],
        beforeUpdate: [...(hooks.beforeUpdate ?? []), start],
        afterUpdate: [...(hooks.afterUpdate ?? []), end],
        onError: [...(hooks.onError ?? []), explain],
      };
      return { props, opts: { ...opts, hooks: { ...hooks, ...added } } };
    };
  }

  /** Adds an operation, and reports every few seconds until it ends. */
  start({ urn, type, newInputs = {} }: Started): void {
    const startedAt = this.#now();
    const nextReportAt = startedAt + firstReportMs;
    const { name, namespace } = (newInputs.metadata ?? newInputs) as PlannedRelease;
    const object = { ...parseType(type), name, namespace };
    this.#operations.set(urn, { urn, object, startedAt, nextReportAt, causes: "" });
    this.#timer ??= setInterval(() => void this.report(), checkMs).unref();
  }

  /** Logs the operations that have waited long enough since they were last logged. */
  async report(): Promise<void> {
    const now = this.#now();
    const due = [...this.#operations.values()].filter(({ nextReportAt }) => nextReportAt <= now);
    if (due.length === 0) return;
    for (const operation of due)
      operation.nextReportAt = Math.max(operation.startedAt + 60_000, 2 * now - operation.startedAt);
    const describe = this.#createDescriber();
    await Promise.all(
      due.map(async (operation) => {
        const { urn, object, startedAt } = operation;
        const since = new Date(startedAt).toISOString().slice(11, 19);
        const wait = `Waiting for ${describeReference(object)} for ${formatDuration(now - startedAt)}, since ${since} UTC`;
        try {
          operation.causes = await describe(object);
          if (this.#operations.get(urn) !== operation) return;
          if (operation.causes === "")
            void pulumi.log.info(`${wait}: nothing reports a reason`, toResource(urn));
          else void pulumi.log.warn(`${wait}: ${operation.causes}`, toResource(urn));
        } catch (error) {
          const why = error instanceof Error ? error.message : String(error);
          void pulumi.log.info(`${wait}: cannot read the cluster: ${why}`, toResource(urn));
        }
      }),
    );
  }

  /** Ends an operation that failed, and logs why its object is not ready. */
  async explainFailure(urn: pulumi.URN): Promise<false> {
    const operation = this.#end(urn);
    if (operation === undefined || this.#now() - operation.startedAt < firstReportMs) return false;
    const { object, startedAt } = operation;
    const causes = await this.#createDescriber()(object).catch(() => "");
    // Helm has deleted the objects of an atomic release.
    const known = causes || operation.causes;
    const failure = `${describeReference(object)} is not ready after ${formatDuration(this.#now() - startedAt)}`;
    if (known !== "") void pulumi.log.error(`${failure}: ${known}`, toResource(urn));
    return false;
  }

  /** Creates a function that describes causes in the present state of the cluster. */
  #createDescriber(): (object: ObjectReference) => Promise<string> {
    const { connect = connectToCluster, kubeconfig } = this.#args;
    this.#read ??= resolveInput(kubeconfig).then(connect);
    const state = this.#read.then(readClusterState);
    return async (object) => describeCauses(await findCauses(await state, object), object);
  }

  #end(urn: pulumi.URN): Operation | undefined {
    const operation = this.#operations.get(urn);
    this.#operations.delete(urn);
    if (this.#operations.size > 0) return operation;
    clearInterval(this.#timer);
    this.#timer = undefined;
    return operation;
  }
}

/** The resource of a log message. The real one would delay the message until its operation has ended. */
const toResource = (urn: pulumi.URN): pulumi.Resource => new pulumi.DependencyResource(urn);

const formatDuration = (milliseconds: number): string =>
  milliseconds < 60_000 ? `${Math.round(milliseconds / 1000)} s` : `${Math.floor(milliseconds / 60_000)} min`;
