import { NotReady, type Kind, type Observed, type Props } from "../stand-in";
import { Refused, soon, type ApiServer, type Mapping } from "./api-server";
import { faultsIn, keepsPlace, withName } from "./naming";
import { replaceOn, type Mutability } from "./replace-on";
import { importedInputs, inputsOf, outputsOf } from "./restrict";
import type { ApiType } from "./token";
import { annotation, isRecord, pause, record, text, type KubeObject } from "./values";
import { conditionsOf, timeoutOf } from "./wait-for";

/** The cluster that the provider was configured for. */
export interface Cluster {
  readonly api: ApiServer;
  /** The provider's own default for objects without a namespace. */
  readonly namespace: string | undefined;
  /** Takes over objects that exist already instead of failing. */
  readonly upsert: boolean;
  /** Takes fields from whoever owns them. */
  readonly force: boolean;
  readonly mutable: Mutability;
}

const isTrue = (inputs: Props, key: string): boolean => annotation(inputs, key) === "true";

/** `namespace/name`, or `name` for what belongs to no namespace: also the id to import it by. */
const idOf = (name: string, namespace: string | undefined): string =>
  namespace === undefined ? name : `${namespace}/${name}`;

function placeOf(id: string): { name: string; namespace: string } {
  const slash = id.indexOf("/");
  return { name: id.slice(slash + 1), namespace: slash < 0 ? "default" : id.slice(0, slash) };
}

/** Every type of object that the API server has, by server-side apply. */
export function objectKind(type: ApiType, cluster: () => Cluster): Kind {
  const say = (id: string, what: string): string => `${type.kind} "${id}": ${what}`;

  const mapped = async (): Promise<Mapping> => {
    const mapping = await soon(() => cluster().api.mapping(type));
    if (mapping !== undefined) return mapping;
    throw new Error(
      `the API server has no kind "${type.kind}" in ${type.apiVersion}: the CustomResourceDefinition that brings it ` +
        `is missing; make this resource depend on what installs it`,
    );
  };

  const applied = async (path: string, id: string, inputs: Props, fresh: boolean): Promise<KubeObject> => {
    const force = cluster().force || isTrue(inputs, "pulumi.com/patchForce");
    let refusal: Refused | undefined;
    const result = await soon(async () => {
      try {
        return await cluster().api.apply(path, inputs, force);
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        refusal = error;
        // A namespace made by somebody else a moment ago may not be there yet.
        if (fresh && error.status === 404) return undefined;
        throw new Error(say(id, reasonOf(error)));
      }
    });
    if (result !== undefined) return result;
    throw new Error(say(id, refusal?.message ?? "was not applied"));
  };

  const awaited = async (path: string, id: string, inputs: Props, first: KubeObject): Promise<KubeObject> => {
    const conditions = conditionsOf(type, inputs);
    const missing = (object: Props) =>
      conditions.map((condition) => condition(object)).filter((m) => m !== undefined);
    const seconds = timeoutOf(inputs);
    const end = Date.now() + seconds * 1000;
    let object = first;
    for (let delay = 100; missing(object).length > 0; delay = Math.min(delay * 1.5, 2000)) {
      if (Date.now() > end) {
        const why = `not ready after ${seconds} s: ${missing(object).join("; ")}. Where no controller runs, as in the sandbox, it never will be: set awaitReady: false`;
        throw new NotReady(say(id, why), id, { ...inputs, ...outputsOf(object) });
      }
      await pause(delay);
      const next = await cluster().api.get(path);
      if (next === undefined) throw new Error(say(id, "was deleted by another while waiting for it"));
      object = next;
    }
    return object;
  };

  return {
    inputs: "any",
    computed: ["status"],
    get replaceOn() {
      return replaceOn(type, cluster().mutable);
    },
    deleteBeforeReplace: keepsPlace,
    withDefaults: withName,
    faults: (inputs) => faultsIn(inputs, type),

    async create(inputs) {
      const { api, namespace: preset, upsert } = cluster();
      const mapping = await mapped();
      const metadata = record(inputs.metadata);
      const name = text(metadata.name) ?? "";
      const namespace = text(metadata.namespace) ?? preset ?? (await api.namespace());
      const id = idOf(name, mapping.namespaced ? namespace : undefined);
      const path = mapping.path(name, namespace);
      const existing = upsert ? undefined : await api.get(path);
      if (existing !== undefined) throw new Error(existsAlready(id, existing));
      const object = await applied(path, id, placed(inputs, mapping, name, namespace), true);
      const ready = await awaited(path, id, inputs, object);
      return { id, outputs: outputsOf(ready) };
    },

    async read(id, last) {
      const { name, namespace } = placeOf(id);
      const mapping = await cluster().api.mapping(type);
      // Without its kind no object can exist.
      const live = mapping && (await cluster().api.get(mapping.path(name, namespace)));
      if (live === undefined) return undefined;
      const imported = Object.keys(last.inputs).length === 0;
      return {
        inputs: imported ? importedInputs(live) : inputsOf(last.inputs, live),
        outputs: outputsOf(live),
      };
    },

    async update(id, inputs) {
      const { name, namespace } = placeOf(id);
      const mapping = await mapped();
      const path = mapping.path(name, namespace);
      const object = await applied(path, id, placed(inputs, mapping, name, namespace), false);
      return outputsOf(await awaited(path, id, inputs, object));
    },

    async delete(id, last) {
      const { api } = cluster();
      const { name, namespace } = placeOf(id);
      const mapping = await api.mapping(type);
      if (mapping === undefined) return;
      const path = mapping.path(name, namespace);
      const live = await api.get(path);
      if (live === undefined || !(await api.delete(path, policyOf(last)))) return;
      await gone(api, path, live.metadata.uid, timeoutOf(last.inputs), (what) => say(id, what));
    },
  };
}

/** The inputs as they are sent: with the namespace that the id says. */
function placed(inputs: Props, mapping: Mapping, name: string, namespace: string): Props {
  const metadata = { ...record(inputs.metadata), name, ...(mapping.namespaced ? { namespace } : {}) };
  return { ...inputs, metadata };
}

function existsAlready(id: string, existing: KubeObject): string {
  if (existing.metadata.deletionTimestamp !== undefined)
    return `resource "${id}" already exists and is being deleted: run again when it is gone`;
  return `resource "${id}" already exists: delete it, import it with the id "${id}", or set upsertExistingObjects`;
}

function reasonOf(refusal: Refused): string {
  if (refusal.conflicts.length === 0) return refusal.message;
  return (
    `these fields belong to another: ${refusal.conflicts.join(", ")}. Leave them out of the program, ` +
    `or take them with the annotation pulumi.com/patchForce: "true"`
  );
}

function policyOf(last: Observed): string {
  const policy = annotation(last.inputs, "pulumi.com/deletionPropagationPolicy") ?? "foreground";
  return policy.charAt(0).toUpperCase() + policy.slice(1);
}

async function gone(
  api: ApiServer,
  path: string,
  uid: string | undefined,
  seconds: number,
  say: (what: string) => string,
): Promise<void> {
  const end = Date.now() + seconds * 1000;
  for (let delay = 50; ; delay = Math.min(delay * 1.5, 1000)) {
    const left = await api.get(path);
    if (left === undefined || left.metadata.uid !== uid) return;
    if (Date.now() > end)
      throw new Error(say(`still there ${seconds} s after its deletion: ${blockers(left)}`));
    await pause(delay);
  }
}

/** What keeps an object that is being deleted, in words. */
function blockers(object: KubeObject): string {
  const { conditions } = record(object.status);
  const said = (Array.isArray(conditions) ? conditions : [])
    .filter(isRecord)
    .filter(
      ({ type, status }) => status === "True" && /^Namespace(Content|Finalizers|Deletion)/.test(String(type)),
    )
    .map(({ message }) => String(message));
  const finalizers = object.metadata.finalizers ?? [];
  if (finalizers.length > 0) said.push(`its finalizers are ${finalizers.join(", ")}`);
  return said.length > 0 ? said.join("; ") : "nothing says why";
}
