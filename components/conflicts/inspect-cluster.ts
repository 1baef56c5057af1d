import { z } from "zod";

import { importCommand } from "../pulumi/import-existing";
import type { ReadApi } from "./cluster-api";
import { clusterWideObjects } from "./cluster-wide-objects";
import {
  objectId,
  type ReferencedObject,
  type PlannedChanges,
  type PlannedObject,
  type PlannedRelease,
} from "./planned-objects";

/** The annotation by which an object is known as a stack's: `<organization>/<project>/<stack>`. */
export const stackAnnotation = "platform-networking/stack";

const strings = z.record(z.string(), z.string()).default({});
const metadata = z.object({
  name: z.string(),
  namespace: z.string().optional(),
  annotations: strings,
  labels: strings,
  managedFields: z.array(z.object({ manager: z.string().default("") })).default([]),
});
type Metadata = z.infer<typeof metadata>;
/** The API server answers the metadata of an empty list of some kinds with `items: null`. */
const list = z.object({
  items: z
    .array(z.object({ metadata }))
    .nullable()
    .transform((items) => items ?? []),
});
const services = z.object({
  items: z.array(
    z.object({
      metadata,
      spec: z.object({ ports: z.array(z.object({ nodePort: z.number().optional() })).default([]) }),
    }),
  ),
});
const discovery = z.object({ resources: z.array(z.object({ name: z.string(), kind: z.string() })) });

const apiPath = (apiVersion: string) =>
  apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;

/** A cluster that is asked for each list once. */
export interface ClusterReader {
  readonly get: ReadApi;
  /** The metadata of each object of a list, by `<namespace>/<name>`. A kind that the cluster lacks has none. */
  readonly list: (path: string) => Promise<ReadonlyMap<string, Metadata>>;
}

export function createClusterReader(get: ReadApi): ClusterReader {
  const known = new Map<string, Promise<ReadonlyMap<string, Metadata>>>();
  const ask = async (path: string) => {
    const { items } = await get(path, list, { metadataOnly: true, absent: { items: [] } });
    return new Map(items.map((item) => [objectId(item.metadata), item.metadata]));
  };
  return {
    get,
    list: (path) => {
      const listed = known.get(path) ?? ask(path);
      known.set(path, listed);
      return listed;
    },
  };
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item)) ?? [];
    groups.set(keyOf(item), group);
    group.push(item);
  }
  return groups;
}

/**
 * What in the cluster is in the way of what the program is about to create: one line each. Lists each kind once,
 * metadata alone, side by side.
 *
 * @throws {Error} The API server does not answer.
 */
export async function findConflicts(cluster: ClusterReader, wanted: PlannedChanges): Promise<string[]> {
  const [helm, ...findings] = await Promise.all([
    findReleaseConflicts(cluster, wanted),
    findObjectConflicts(cluster, wanted),
    // A release that is not created now has its cluster-wide objects already.
    findClusterWideConflicts(cluster, wanted.isFirstRun ? wanted.releases : []),
    findNodePortConflicts(cluster, wanted),
    findMissingObjects(cluster, wanted),
  ]);
  return [...helm, ...findings.flat()];
}

async function findObjectConflicts(
  cluster: ClusterReader,
  { objects, stack, isFirstRun: isNew }: PlannedChanges,
): Promise<string[]> {
  const versions = grouped(objects, ({ apiVersion }) => apiVersion);
  const perVersion = [...versions].map(async ([version, ofVersion]) => {
    const { resources } = await cluster.get(apiPath(version), discovery, { absent: { resources: [] } });
    const perKind = [...grouped(ofVersion, ({ kind }) => kind)].map(async ([kind, ofKind]) => {
      const plural = resources.find((each) => each.kind === kind && !each.name.includes("/"))?.name;
      if (plural === undefined) return [];
      const there = await cluster.list(`${apiPath(version)}/${plural}`);
      return ofKind.flatMap((object) => {
        const found = there.get(objectId(object));
        return found && isConflict(found, stack, isNew) ? [describeObjectConflict(object, found, stack)] : [];
      });
    });
    return (await Promise.all(perKind)).flat();
  });
  return (await Promise.all(perVersion)).flat();
}

function isConflict({ annotations, managedFields }: Metadata, stack: string, isNew: boolean): boolean {
  const owner = annotations[stackAnnotation];
  if (isNew || owner !== undefined) return isNew || owner !== stack;
  return !managedFields.some(({ manager }) => manager.startsWith("pulumi-kubernetes"));
}

function describeObjectConflict(object: PlannedObject, { annotations }: Metadata, stack: string): string {
  const { kind, resource } = object;
  const owner = annotations[stackAnnotation];
  const adopt =
    kind === "Namespace"
      ? importCommand(resource, objectId(object))
      : `pulumi import kubernetes:${object.apiVersion === "v1" ? "core/v1" : object.apiVersion}:${kind} ${resource} ${objectId(object)} --parent <its parent in the preview>`;
  const what = `${kind} ${objectId(object)} exists already`;
  if (owner === stack)
    return `${what} and is of this stack: an earlier up was interrupted. Take it over: ${adopt}`;
  if (owner !== undefined)
    return `${what} and belongs to the stack ${owner}: two stacks cannot share it. Use another cluster, or other names.`;
  const release = annotations["meta.helm.sh/release-name"];
  if (release !== undefined)
    return `${what} and belongs to the Helm release ${annotations["meta.helm.sh/release-namespace"] ?? ""}/${release}.`;
  if (kind !== "Namespace") return `${what}, made by another. Take it over: ${adopt}`;
  const { name } = object;
  return Object.values(clusterWideObjects).some(({ namespace }) => namespace === name)
    ? `${what}, made by another. This program installs ${name} itself and cannot use one that runs: if it is in use, take ` +
        `another cluster or move its users first; if the namespace is empty, take it over: ${adopt}`
    : `${what}, made by another. Take it over, with what is in it: ${adopt} (a destroy of this stack deletes it then)`;
}

interface ExistingRelease extends PlannedRelease {
  readonly status: string;
  readonly version: number;
}

/** The newest revision of each release, by `<namespace>/<name>`. */
async function listReleases(cluster: ClusterReader): Promise<ReadonlyMap<string, ExistingRelease>> {
  const newest = new Map<string, ExistingRelease>();
  const secrets = await cluster.list("/api/v1/secrets?labelSelector=owner%3Dhelm");
  for (const { namespace = "", labels } of secrets.values()) {
    const { name = "", status = "" } = labels;
    const version = Number(labels.version ?? 0);
    const id = objectId({ name, namespace });
    if (version >= (newest.get(id)?.version ?? 0)) newest.set(id, { name, namespace, status, version });
  }
  return newest;
}

async function findReleaseConflicts(
  cluster: ClusterReader,
  { releases, isFirstRun: isNew }: PlannedChanges,
): Promise<string[]> {
  if (releases.length === 0) return [];
  const there = await listReleases(cluster);
  return releases.flatMap((release) => {
    const found = there.get(objectId(release));
    if (found === undefined) return [];
    const pending = describePending(found);
    if (pending !== undefined) return [pending];
    const { name, namespace } = found;
    return isNew
      ? [
          `Helm release ${objectId(found)} exists already (${found.status}), and this program installs its own. If an earlier up of ` +
            `this stack was interrupted, or nothing uses it: helm uninstall ${name} -n ${namespace}. If it is in use, take another cluster.`,
        ]
      : [];
  });
}

/** What ends the state of a release that a killed run left behind; undefined where it is not pending. */
function describePending({ name, namespace, status }: ExistingRelease): string | undefined {
  if (!status.startsWith("pending-")) return undefined;
  const command = status === "pending-install" ? "uninstall" : "rollback";
  return `Helm release ${namespace}/${name} is ${status}: a run was interrupted. Run: helm ${command} ${name} -n ${namespace}`;
}

/** What must be done before a release is updated, if its newest revision is pending. */
export async function findPendingRelease(cluster: ClusterReader, release: PlannedRelease): Promise<string[]> {
  const found = (await listReleases(cluster)).get(objectId(release));
  const message = found && describePending(found);
  return message === undefined ? [] : [message];
}

const definitionsPath = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

async function findClusterWideConflicts(
  cluster: ClusterReader,
  releases: readonly PlannedRelease[],
): Promise<string[]> {
  const known = releases.flatMap(({ name }) =>
    clusterWideObjects[name] ? [{ name, ...clusterWideObjects[name] }] : [],
  );
  const paths = new Set(known.flatMap(({ objects }) => Object.keys(objects)));
  const lists = new Map(
    await Promise.all(
      (known.length === 0 ? [] : [definitionsPath, ...paths]).map(
        async (path) => [path, [...(await cluster.list(path)).values()]] as const,
      ),
    ),
  );
  return known.flatMap(({ name, namespace, groups, objects }) => {
    const definitions = (lists.get(definitionsPath) ?? []).filter((each) =>
      groups.includes(each.name.slice(each.name.indexOf(".") + 1)),
    );
    const others = Object.entries(objects).flatMap(([path, names]) =>
      (lists.get(path) ?? []).filter((each) => names.includes(each.name)),
    );
    const foreign = [...definitions, ...others].filter(
      ({ annotations }) =>
        annotations["meta.helm.sh/release-name"] !== name ||
        annotations["meta.helm.sh/release-namespace"] !== namespace,
    );
    if (foreign.length === 0) return [];
    const owners = new Set(foreign.map(({ annotations }) => describeOwner(annotations)));
    return [
      `Cluster-wide objects of ${name} exist already, made by ${[...owners].join(", ")}: ` +
        `${foreign.map((each) => each.name).join(", ")}. Helm cannot install ${namespace}/${name} beside them: a cluster has ` +
        "one. Uninstall the other if nothing uses it, or take another cluster.",
    ];
  });
}

function describeOwner(annotations: Readonly<Record<string, string>>): string {
  const release = annotations["meta.helm.sh/release-name"];
  return release === undefined
    ? "another than Helm"
    : `the Helm release ${annotations["meta.helm.sh/release-namespace"] ?? ""}/${release}`;
}

async function findNodePortConflicts(
  cluster: ClusterReader,
  { nodePorts, stack }: PlannedChanges,
): Promise<string[]> {
  if (nodePorts.length === 0) return [];
  const { items } = await cluster.get("/api/v1/services", services);
  const others = items.filter(({ metadata: { annotations } }) => annotations[stackAnnotation] !== stack);
  return others.flatMap(({ metadata: { name, namespace = "", annotations }, spec }) => {
    const owners = [
      `${namespace}/${name}`,
      `${annotations["meta.helm.sh/release-namespace"] ?? ""}/${annotations["meta.helm.sh/release-name"] ?? ""}`,
    ];
    return nodePorts
      .filter(
        ({ port, owner }) => !owners.includes(owner) && spec.ports.some((each) => each.nodePort === port),
      )
      .map(
        ({ path, port }) =>
          `${path}: got ${port}, which is a node port of the Service ${namespace}/${name}, want another`,
      );
  });
}

async function findMissingObjects(
  cluster: ClusterReader,
  { referenced: named }: PlannedChanges,
): Promise<string[]> {
  const perKind = [...grouped(named, ({ kind }) => kind)].map(async ([kind, ofKind]) => {
    const there = await cluster.list(`/api/v1/${kind.toLowerCase()}s`);
    return ofKind.filter((each) => !there.has(objectId(each))).map(describeMissing);
  });
  return (await Promise.all(perKind)).flat();
}

const describeMissing = (object: ReferencedObject): string =>
  `${object.path}: got ${object.name}, but there is no ${object.kind} ${objectId(object)}; want one that exists, since this ` +
  "program does not make it";
