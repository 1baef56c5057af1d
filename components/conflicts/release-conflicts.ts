import type { ClusterReader, ObjectMetadata } from "./cluster-reader";
import { clusterWideObjects } from "./cluster-wide-objects";
import { objectId, type PlannedChanges, type PlannedRelease } from "./planned-objects";

interface ExistingRelease extends PlannedRelease {
  readonly status: string;
  readonly version: number;
}

/** The latest revision of each release, by `<namespace>/<name>`. */
async function listReleases(cluster: ClusterReader): Promise<ReadonlyMap<string, ExistingRelease>> {
  const latest = new Map<string, ExistingRelease>();
  const secrets = await cluster.list("/api/v1/secrets?labelSelector=owner%3Dhelm");
  for (const { namespace = "", labels } of secrets.values()) {
    const { name = "", status = "" } = labels;
    const version = Number(labels.version ?? 0);
    const id = objectId({ name, namespace });
    if (version >= (latest.get(id)?.version ?? 0)) latest.set(id, { name, namespace, status, version });
  }
  return latest;
}

/** Finds releases that are pending, and in a first run all that exist. */
export async function findReleaseConflicts(
  cluster: ClusterReader,
  { releases, isFirstRun }: PlannedChanges,
): Promise<string[]> {
  if (releases.length === 0) return [];
  const existing = await listReleases(cluster);
  return releases.flatMap((release) => {
    const found = existing.get(objectId(release));
    const pending = found && describePending(found);
    if (pending !== undefined) return [pending];
    if (found === undefined || !isFirstRun) return [];
    const { name, namespace, status } = found;
    return [
      `Helm release ${namespace}/${name} already exists (${status}), and this program installs its own. If an interrupted up ` +
        `of this stack created it, or nothing uses it: helm uninstall ${name} -n ${namespace}. If it is in use, use another ` +
        "cluster.",
    ];
  });
}

/** The command that repairs a release that an interrupted run left pending. Undefined if it is not pending. */
function describePending({ name, namespace, status }: ExistingRelease): string | undefined {
  if (!status.startsWith("pending-")) return undefined;
  const command = status === "pending-install" ? "uninstall" : "rollback";
  return `Helm release ${namespace}/${name} is ${status}: a run was interrupted. Run: helm ${command} ${name} -n ${namespace}`;
}

/** Finds out whether a release that is about to be updated is pending. */
export async function findPendingRelease(
  cluster: ClusterReader,
  release: PlannedRelease,
): Promise<readonly string[]> {
  const found = (await listReleases(cluster)).get(objectId(release));
  const message = found && describePending(found);
  return message === undefined ? [] : [message];
}

const crdPath = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

/** Finds CRDs and cluster-wide objects of another installation of the same software. */
export async function findClusterWideConflicts(
  cluster: ClusterReader,
  releases: readonly PlannedRelease[],
): Promise<string[]> {
  const perRelease = releases.map(async ({ name }) => {
    const release = clusterWideObjects[name];
    if (release === undefined) return [];
    const { namespace, groups, objects } = release;
    const list = async (path: string, isOfRelease: (name: string) => boolean) =>
      [...(await cluster.list(path)).values()].filter((each) => isOfRelease(each.name));
    const existing = await Promise.all([
      list(crdPath, (crd) => groups.includes(crd.slice(crd.indexOf(".") + 1))),
      ...Object.entries(objects).map(([path, names]) => list(path, (object) => names.includes(object))),
    ]);
    const foreign = existing
      .flat()
      .filter(
        ({ annotations }) =>
          annotations["meta.helm.sh/release-name"] !== name ||
          annotations["meta.helm.sh/release-namespace"] !== namespace,
      );
    if (foreign.length === 0) return [];
    return [
      `Cluster-wide objects of ${name} already exist, created by ${[...new Set(foreign.map(describeOwner))].join(", ")}: ` +
        `${foreign.map((each) => each.name).join(", ")}. Helm cannot install ${namespace}/${name} beside them, since they are ` +
        "unique in a cluster. Uninstall the other installation if nothing uses it, or use another cluster.",
    ];
  });
  return (await Promise.all(perRelease)).flat();
}

function describeOwner({ annotations }: ObjectMetadata): string {
  const release = annotations["meta.helm.sh/release-name"];
  return release === undefined
    ? "something other than Helm"
    : `the Helm release ${annotations["meta.helm.sh/release-namespace"] ?? ""}/${release}`;
}
