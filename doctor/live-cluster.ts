import { z } from "zod";

import type { ReadApi } from "../components/conflicts/cluster-api";
import { createClusterReader, memoize } from "../components/conflicts/cluster-reader";
import { objectId } from "../components/conflicts/planned-objects";
import { readClusterState, type ObjectReference } from "../components/waits/cluster-state";
import { findCauses, type Cause } from "../components/waits/find-causes";
import { anyObject, type AnyObject, type Kind } from "./kinds";

/** The objects of the cluster as they are, each list read once. It has no way to write. */
export interface LiveCluster {
  /** All objects of a kind in a namespace, or in all. Empty if the cluster lacks the kind. */
  readonly list: <T>(kind: Kind<T>, namespace?: string) => Promise<readonly T[]>;
  readonly find: <T>(kind: Kind<T>, name: string, namespace?: string) => Promise<T | undefined>;
  /** An object of any kind. Undefined if it does not exist. */
  readonly get: (reference: ObjectReference) => Promise<AnyObject | undefined>;
  /** Why an object is not ready; empty if it is. */
  readonly findCauses: (reference: ObjectReference) => Promise<readonly Cause[]>;
}

export function readLiveCluster(read: ReadApi): LiveCluster {
  const { listPath } = createClusterReader(read);
  const listAll = memoize((path) =>
    read(path, z.object({ items: z.array(anyObject).nullable() }), { absent: { items: [] } }),
  );
  const listObjects = async (apiVersion: string, kind: string, namespace?: string) => {
    const path = await listPath(apiVersion, kind);
    if (path === undefined) return [];
    const { items } = await listAll(path);
    return (items ?? []).filter(
      ({ metadata }) => namespace === undefined || metadata.namespace === namespace,
    );
  };
  const list = async <T>({ apiVersion, kind, shape }: Kind<T>, namespace?: string): Promise<readonly T[]> =>
    (await listObjects(apiVersion, kind, namespace)).map((object) => shape.parse(object));
  const get = async ({ apiVersion, kind, name, namespace }: ObjectReference) =>
    (await listObjects(apiVersion, kind, namespace)).find(({ metadata }) => metadata.name === name);
  const state = readClusterState(read);
  return {
    list,
    get,
    find: async <T>({ apiVersion, kind, shape }: Kind<T>, name: string, namespace?: string) => {
      const found = await get({ apiVersion, kind, name, namespace });
      return found && shape.parse(found);
    },
    findCauses: (reference) => findCauses(state, reference),
  };
}

/** Such as `Service apps/web`. */
export const describeObject = (
  kind: string,
  { metadata }: { readonly metadata: { readonly name: string; readonly namespace?: string | undefined } },
): string => `${kind} ${objectId(metadata)}`;

/** Whether an object's labels have all those of a selector. */
export const matchesLabels = (
  selector: Readonly<Record<string, string>>,
  labels: Readonly<Record<string, string>>,
): boolean => Object.entries(selector).every(([key, value]) => labels[key] === value);
