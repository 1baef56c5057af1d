import { NotReady, type ResourceType, type Props } from "../fake-provider";
import { ApiError, retryForSeconds, type ApiServer, type Mapping } from "./api-server";
import { validateObject, hasSameName } from "./naming";
import { replaceOn } from "./replace-on";
import { toImportedInputs, toInputs, toOutputs } from "./live-inputs";
import type { ApiType } from "./token";
import { isRecord, pause, record, text, type KubeObject } from "./values";
import { findConditions, readTimeoutSeconds } from "./wait-for";

/** The cluster that the provider was configured for. */
export interface Cluster {
  readonly api: ApiServer;
  /** Takes over objects that exist already instead of failing. */
  readonly upsert: boolean;
  /** Changes the data of Secrets in place. */
  readonly mutableSecrets: boolean;
}

/** `namespace/name`, or `name` for what belongs to no namespace: also the id to import it by. */
const toId = (name: string, namespace: string | undefined): string =>
  namespace === undefined ? name : `${namespace}/${name}`;

function parseId(id: string): { name: string; namespace: string } {
  const slash = id.indexOf("/");
  return { name: id.slice(slash + 1), namespace: slash < 0 ? "default" : id.slice(0, slash) };
}

/** Every type of object that the API server has, by server-side apply. */
export function objectType(type: ApiType, cluster: () => Cluster): ResourceType {
  const say = (id: string, what: string): string => `${type.kind} "${id}": ${what}`;

  const mapped = async (): Promise<Mapping> => {
    const mapping = await retryForSeconds(() => cluster().api.mapping(type));
    if (mapping !== undefined) return mapping;
    throw new Error(
      `the API server has no kind "${type.kind}" in ${type.apiVersion}: the CustomResourceDefinition that brings it ` +
        `is missing; make this resource depend on what installs it`,
    );
  };

  const applied = async (path: string, id: string, inputs: Props, fresh: boolean): Promise<KubeObject> => {
    let refusal: ApiError | undefined;
    const result = await retryForSeconds(async () => {
      try {
        return await cluster().api.apply(path, inputs);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        refusal = error;
        // A namespace made by somebody else a moment ago may not be there yet.
        if (fresh && error.status === 404) return undefined;
        throw new Error(say(id, explainConflict(error)));
      }
    });
    if (result !== undefined) return result;
    throw new Error(say(id, refusal?.message ?? "was not applied"));
  };

  const awaited = async (path: string, id: string, inputs: Props, first: KubeObject): Promise<KubeObject> => {
    const conditions = findConditions(type, inputs);
    const findMissing = async (object: Props) =>
      (await Promise.all(conditions.map(async (condition) => condition(object, cluster().api)))).filter(
        (missing) => missing !== undefined,
      );
    const seconds = readTimeoutSeconds(inputs);
    const end = Date.now() + seconds * 1000;
    let object = first;
    for (let delay = 100; ; delay = Math.min(delay * 1.5, 2000)) {
      const missing = await findMissing(object);
      if (missing.length === 0) return object;
      if (Date.now() > end) {
        const why = `not ready after ${seconds} s: ${missing.join("; ")}`;
        throw new NotReady(say(id, why), id, { ...inputs, ...toOutputs(object) });
      }
      await pause(delay);
      const next = await cluster().api.get(path);
      if (next === undefined) throw new Error(say(id, "was deleted by another while waiting for it"));
      object = next;
    }
  };

  return {
    inputs: "any",
    computed: ["status"],
    get replaceOn() {
      return replaceOn(type, cluster().mutableSecrets);
    },
    deleteBeforeReplace: hasSameName,
    validate: (inputs) => validateObject(inputs, type),

    async create(inputs) {
      const { api, upsert } = cluster();
      const mapping = await mapped();
      const metadata = record(inputs.metadata);
      const name = text(metadata.name) ?? "";
      const namespace = text(metadata.namespace) ?? "default";
      const id = toId(name, mapping.namespaced ? namespace : undefined);
      const path = mapping.path(name, namespace);
      const existing = upsert ? undefined : await api.get(path);
      if (existing !== undefined) throw new Error(existsAlready(id, existing));
      const object = await applied(path, id, withMetadata(inputs, mapping, name, namespace), true);
      const ready = await awaited(path, id, inputs, object);
      return { id, outputs: toOutputs(ready) };
    },

    async read(id, last) {
      const { name, namespace } = parseId(id);
      const mapping = await cluster().api.mapping(type);
      // Without its kind no object can exist.
      const live = mapping && (await cluster().api.get(mapping.path(name, namespace)));
      if (live === undefined) return undefined;
      const imported = Object.keys(last.inputs).length === 0;
      return {
        inputs: imported ? toImportedInputs(live) : toInputs(last.inputs, live),
        outputs: toOutputs(live),
      };
    },

    async update(id, inputs) {
      const { name, namespace } = parseId(id);
      const mapping = await mapped();
      const path = mapping.path(name, namespace);
      const object = await applied(path, id, withMetadata(inputs, mapping, name, namespace), false);
      return toOutputs(await awaited(path, id, inputs, object));
    },

    async delete(id, last) {
      const { api } = cluster();
      const { name, namespace } = parseId(id);
      const mapping = await api.mapping(type);
      if (mapping === undefined) return;
      const path = mapping.path(name, namespace);
      const live = await api.get(path);
      if (live === undefined || !(await api.delete(path))) return;
      await waitUntilDeleted(api, path, live.metadata.uid, readTimeoutSeconds(last.inputs), (what) =>
        say(id, what),
      );
    },
  };
}

/** The inputs with the name and namespace of the id. */
function withMetadata(inputs: Props, mapping: Mapping, name: string, namespace: string): Props {
  const metadata = { ...record(inputs.metadata), name, ...(mapping.namespaced ? { namespace } : {}) };
  return { ...inputs, metadata };
}

function existsAlready(id: string, existing: KubeObject): string {
  if (existing.metadata.deletionTimestamp !== undefined)
    return `resource "${id}" already exists and is being deleted: run again when it is gone`;
  return `resource "${id}" already exists: delete it, import it with the id "${id}", or set upsertExistingObjects`;
}

function explainConflict(refusal: ApiError): string {
  if (refusal.conflicts.length === 0) return refusal.message;
  return `these fields belong to another: ${refusal.conflicts.join(", ")}. Leave them out of the program`;
}

async function waitUntilDeleted(
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
      throw new Error(say(`still there ${seconds} s after its deletion: ${explainDeletion(left)}`));
    await pause(delay);
  }
}

/** The reason why an object that is being deleted still exists. */
function explainDeletion(object: KubeObject): string {
  const { conditions } = record(object.status);
  const said = (Array.isArray(conditions) ? conditions : [])
    .filter(isRecord)
    .filter(
      ({ type, status }) => status === "True" && /^Namespace(Content|Finalizers|Deletion)/.test(String(type)),
    )
    .map(({ message }) => String(message));
  const finalizers = object.metadata.finalizers ?? [];
  if (finalizers.length > 0) said.push(`its finalizers are ${finalizers.join(", ")}`);
  return said.length > 0 ? said.join("; ") : "for an unknown reason";
}
