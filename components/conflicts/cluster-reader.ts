import { z } from "zod";

import type { ReadApi } from "./cluster-api";
import { objectId } from "./planned-objects";

/** The annotation of a stack's objects: `<organization>/<project>/<stack>`. */
export const stackAnnotation = "platform-networking/stack";

const strings = z.record(z.string(), z.string()).default({});

export const objectMetadata = z.object({
  name: z.string(),
  namespace: z.string().optional(),
  annotations: strings,
  labels: strings,
  managedFields: z.array(z.object({ manager: z.string().default("") })).default([]),
});

export type ObjectMetadata = z.infer<typeof objectMetadata>;

/** The API server returns `items: null` for an empty metadata list of some kinds. */
const metadataList = z.object({
  items: z
    .array(z.object({ metadata: objectMetadata }))
    .nullable()
    .transform((items) => items ?? []),
});

const discovery = z.object({ resources: z.array(z.object({ name: z.string(), kind: z.string() })) });

/** Reads a cluster, each list once. */
export interface ClusterReader {
  readonly read: ReadApi;
  /** The metadata of a list's objects, by `<namespace>/<name>`. Empty if the cluster lacks the kind. */
  readonly list: (path: string) => Promise<ReadonlyMap<string, ObjectMetadata>>;
  /** The path of the list of a kind. Undefined if the cluster lacks the kind. */
  readonly listPath: (apiVersion: string, kind: string) => Promise<string | undefined>;
}

export function createClusterReader(read: ReadApi): ClusterReader {
  const list = memoize(async (path) => {
    const { items } = await read(path, metadataList, { metadataOnly: true, absent: { items: [] } });
    return new Map(items.map(({ metadata }) => [objectId(metadata), metadata]));
  });
  const discover = memoize((groupPath) => read(groupPath, discovery, { absent: { resources: [] } }));
  return {
    read,
    list,
    listPath: async (apiVersion, kind) => {
      const groupPath = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
      const { resources } = await discover(groupPath);
      const plural = resources.find((each) => each.kind === kind && !each.name.includes("/"))?.name;
      return plural && `${groupPath}/${plural}`;
    },
  };
}

/** Loads each path once. */
export function memoize<T>(load: (path: string) => Promise<T>): (path: string) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (path) => {
    const loading = known.get(path) ?? load(path);
    known.set(path, loading);
    return loading;
  };
}
