import { z } from "zod";

import type { ReadApi } from "../conflicts/cluster-api";
import { createClusterReader, memoize } from "../conflicts/cluster-reader";

/** The kind and the name of a Kubernetes object or of a Helm release. */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** Undefined for a cluster-scoped kind. */
  readonly namespace?: string | undefined;
}

const text = z.string().default("");
const strings = z.record(z.string(), z.string()).default({});

const withConditions = z.object({
  conditions: z
    .array(z.object({ type: z.string(), status: z.string(), reason: text, message: text }))
    .default([]),
});
const terminated = z.object({ exitCode: z.number(), reason: text, message: text }).optional();
const containerStatus = z.object({
  name: z.string(),
  restartCount: z.number().default(0),
  state: z.object({ waiting: z.object({ reason: text, message: text }).optional(), terminated }).default({}),
  lastState: z.object({ terminated }).default({}),
});

const spec = z.object({
  replicas: z.number().optional(),
  type: text,
  selector: z.record(z.string(), z.unknown()).optional(),
  ingressClassName: z.string().optional(),
  issuerRef: z.object({ kind: z.string().default("Issuer"), name: z.string() }).optional(),
});

const status = withConditions.extend({
  phase: text,
  /** Of an Order or a Challenge. */
  state: text,
  reason: text,
  message: text,
  updatedReplicas: z.number().optional(),
  readyReplicas: z.number().default(0),
  desiredNumberScheduled: z.number().optional(),
  updatedNumberScheduled: z.number().default(0),
  numberReady: z.number().default(0),
  initContainerStatuses: z.array(containerStatus).default([]),
  containerStatuses: z.array(containerStatus).default([]),
  /** Of an HTTPRoute. */
  parents: z.array(withConditions).default([]),
  /** Of a Gateway. */
  listeners: z.array(withConditions).default([]),
  loadBalancer: z.object({ ingress: z.array(z.unknown()).default([]) }).prefault({}),
});

const clusterObject = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string().optional(),
    uid: text,
    creationTimestamp: text,
    labels: strings,
    annotations: strings,
    ownerReferences: z.array(z.object({ uid: z.string() })).default([]),
  }),
  // Other kinds may have fields of these names with other types.
  spec: spec.prefault({}).catch(() => spec.parse({})),
  status: status.prefault({}).catch(() => status.parse({})),
});

/** The fields of an object that explain why it is not ready. */
export type ClusterObject = z.output<typeof clusterObject> & Pick<ObjectReference, "apiVersion" | "kind">;

const event = z.object({
  involvedObject: z.object({ uid: text }),
  reason: text,
  message: text,
  lastTimestamp: z.string().nullish(),
  eventTime: z.string().nullish(),
});

/** An event of type Warning. */
export type WarningEvent = z.output<typeof event>;

/** The objects of a cluster at one moment. */
export interface ClusterState {
  /** Undefined if the object does not exist. A Helm release, which is no object of the API server, always exists. */
  readonly get: (reference: ObjectReference) => Promise<ClusterObject | undefined>;
  readonly list: (apiVersion: string, kind: string, namespace?: string) => Promise<readonly ClusterObject[]>;
  readonly findWarnings: (object: ClusterObject) => Promise<readonly WarningEvent[]>;
}

/** Reads the state of a cluster on demand, each list once. */
export function readClusterState(read: ReadApi): ClusterState {
  const { listPath } = createClusterReader(read);
  const absent = { items: [] };
  const listObjects = memoize((path) => read(path, z.object({ items: z.array(clusterObject) }), { absent }));
  const listEvents = memoize((path) => read(path, z.object({ items: z.array(event) }), { absent }));
  const toPath = async (apiVersion: string, kind: string, namespace?: string) => {
    const path = await listPath(apiVersion, kind);
    return namespace === undefined ? path : path?.replace(/[^/]+$/, `namespaces/${namespace}/$&`);
  };
  return {
    get: async ({ apiVersion, kind, name, namespace }) => {
      if (kind === "Release")
        return { ...clusterObject.parse({ metadata: { name, namespace } }), apiVersion, kind };
      const path = await toPath(apiVersion, kind, namespace);
      const found = path && (await read(`${path}/${name}`, clusterObject.nullable(), { absent: null }));
      return found ? { ...found, apiVersion, kind } : undefined;
    },
    list: async (apiVersion, kind, namespace) => {
      const path = await toPath(apiVersion, kind, namespace);
      const { items } = path === undefined ? { items: [] } : await listObjects(path);
      return items.map((each) => ({ ...each, apiVersion, kind }));
    },
    findWarnings: async ({ metadata: { uid, namespace = "default" } }) => {
      const { items } = await listEvents(
        `/api/v1/namespaces/${namespace}/events?fieldSelector=type%3DWarning`,
      );
      return items.filter(({ involvedObject }) => involvedObject.uid === uid);
    },
  };
}
