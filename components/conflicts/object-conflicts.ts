import { importCommand } from "../pulumi/import-existing";
import { stackAnnotation, type ClusterReader, type ObjectMetadata } from "./cluster-reader";
import { clusterWideObjects } from "./cluster-wide-objects";
import { objectId, type PlannedChanges, type PlannedObject, type PlannedRelease } from "./planned-objects";

/** Finds existing objects that the program would create. */
export async function findObjectConflicts(
  cluster: ClusterReader,
  { objects, ownReleases, stack, isFirstRun }: PlannedChanges,
): Promise<string[]> {
  const perObject = objects.map(async (object) => {
    const path = await cluster.listPath(object.apiVersion, object.kind);
    const existing = path && (await cluster.list(path)).get(objectId(object));
    const isTakenOver = existing && !isFirstRun && ownReleases.some((each) => isOf(each, existing));
    return existing && isTakenOver !== true && isConflict(existing, stack, isFirstRun)
      ? [describeConflict(object, existing, stack)]
      : [];
  });
  return (await Promise.all(perObject)).flat();
}

const isOf = ({ name, namespace }: PlannedRelease, { annotations }: ObjectMetadata): boolean =>
  annotations["meta.helm.sh/release-name"] === name &&
  annotations["meta.helm.sh/release-namespace"] === namespace;

function isConflict(
  { annotations, managedFields }: ObjectMetadata,
  stack: string,
  isFirstRun: boolean,
): boolean {
  const owner = annotations[stackAnnotation];
  if (isFirstRun || owner !== undefined) return isFirstRun || owner !== stack;
  return !managedFields.some(({ manager }) => manager.startsWith("pulumi-kubernetes"));
}

function describeConflict(object: PlannedObject, { annotations }: ObjectMetadata, stack: string): string {
  const { apiVersion, kind, name, resource } = object;
  const owner = annotations[stackAnnotation];
  const type = `kubernetes:${apiVersion === "v1" ? "core/v1" : apiVersion}:${kind}`;
  const command = importCommand(kind === "Namespace" ? resource : `${type}::${resource}`, objectId(object));
  const exists = `${kind} ${objectId(object)} already exists`;
  if (owner === stack) return `${exists}, created by an interrupted up of this stack. Import it: ${command}`;
  if (owner !== undefined)
    return `${exists} and belongs to the stack ${owner}: two stacks cannot share it. Use another cluster or other names.`;
  const release = annotations["meta.helm.sh/release-name"];
  if (release !== undefined)
    return `${exists} and belongs to the Helm release ${annotations["meta.helm.sh/release-namespace"] ?? ""}/${release}.`;
  const foreign = `${exists}, not created by this stack.`;
  if (kind !== "Namespace") return `${foreign} Import it: ${command}`;
  return Object.values(clusterWideObjects).some(({ namespace }) => namespace === name)
    ? `${foreign} This program installs ${name} itself and cannot use an existing installation: if it is in use, use another ` +
        `cluster or move its users first; if the namespace is empty, import it: ${command}`
    : `${foreign} Import it with its contents: ${command} (a destroy of this stack then deletes it)`;
}

/** Finds referenced objects that do not exist. */
export async function findMissingObjects(
  cluster: ClusterReader,
  { referenced }: PlannedChanges,
): Promise<string[]> {
  const perObject = referenced.map(async (object) => {
    const { path, kind, name } = object;
    const existing = await cluster.list(`/api/v1/${kind.toLowerCase()}s`);
    return existing.has(objectId(object))
      ? []
      : [
          `${path}: got ${name}, but there is no ${kind} ${objectId(object)}; want an existing one, since this program does ` +
            "not create it",
        ];
  });
  return (await Promise.all(perObject)).flat();
}
