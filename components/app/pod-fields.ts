import { createHash } from "node:crypto";

/** Fields of a Kubernetes object, in Kubernetes' spelling. */
export type Fields = Readonly<Record<string, unknown>>;

/** What is added to an app's pods. */
export interface PodFieldsArgs {
  /** Fields of the pods' PodSpec. Default: none. */
  readonly pod?: Fields | undefined;
  /** Fields of the app's own container. Default: none. */
  readonly container?: Fields | undefined;
  /** Text files in the container: absolute path → content. Default: none. */
  readonly files?: Readonly<Record<string, string>> | undefined;
}

/** The ways by which the program builds a field of its own: the setting for it, or the reason that there is none. */
type OwnedFields = Readonly<Record<string, string>>;

const ownNetwork = "the pod's own network is what policies and mesh work on";

/** The fields of a PodSpec that only the program sets. */
export const ownedPodFields: OwnedFields = {
  automountServiceAccountToken: "want kubernetesApi",
  dnsConfig: "its DNS is the cluster's, which network policies know",
  dnsPolicy: "its DNS is the cluster's, which network policies know",
  ephemeralContainers: "kubectl debug adds them to a running pod",
  hostIPC: ownNetwork,
  hostNetwork: ownNetwork,
  hostPID: ownNetwork,
  nodeName: "want nodeSelector or affinity",
  restartPolicy: "a Deployment restarts its containers",
  serviceAccount: "each app has its own, which is its identity in the mesh",
  serviceAccountName: "each app has its own, which is its identity in the mesh",
  shareProcessNamespace: "a container could read the keys of Linkerd's proxy",
  terminationGracePeriodSeconds: "want drainSeconds",
};

/** The fields of the app's own container that only the program sets. */
export const ownedContainerFields: OwnedFields = {
  image: "want image",
  name: "it has the app's name",
  ports: "want port and ports",
};

/** The field by which Kubernetes merges the items of a list. @see https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy */
const mergeKeys: Readonly<Record<string, string>> = {
  containers: "name",
  env: "name",
  initContainers: "name",
  topologySpreadConstraints: "topologyKey",
  volumeMounts: "mountPath",
  volumes: "name",
};

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Merges fields into those of an object, items of lists by name; any other value replaces the object's own. */
export function mergeFields<T extends object>(own: T, given: Fields = {}): T {
  const merged: Record<string, unknown> = Object.fromEntries(Object.entries(own));
  for (const [field, value] of Object.entries(given)) merged[field] = mergeValue(merged[field], value, field);
  return merged as T;
}

function mergeValue(own: unknown, given: unknown, field: string): unknown {
  if (isFields(own) && isFields(given)) return mergeFields(own, given);
  const key = mergeKeys[field];
  if (key === undefined || !Array.isArray(own) || !Array.isArray(given)) return given;
  const items: readonly unknown[] = given;
  const keyOf = (item: unknown) => (isFields(item) ? item[key] : undefined);
  const findGiven = (item: unknown) => items.find((each) => keyOf(each) === keyOf(item));
  const others = items.filter((item) => !own.some((each) => keyOf(each) === keyOf(item)));
  return [
    ...own.map((item: unknown) => {
      const found = findGiven(item);
      return isFields(item) && isFields(found) ? mergeFields(item, found) : item;
    }),
    ...others,
  ];
}

/** The fields by which pods get parts of their node: folders, and all rights of a privileged container. */
export function findNodeFields({ pod = {}, container = {} }: PodFieldsArgs): string[] {
  const listAt = (field: string) => (Array.isArray(pod[field]) ? (pod[field] as unknown[]) : []);
  const isPrivileged = (each: unknown) =>
    isFields(each) && isFields(each.securityContext) && each.securityContext.privileged === true;
  const containers = ["initContainers", "containers"].flatMap((list) =>
    listAt(list).map((each, index) => [`pod.${list}.${index}`, each] as const),
  );
  return [
    ...listAt("volumes").flatMap((volume, index) =>
      isFields(volume) && "hostPath" in volume ? [`pod.volumes.${index}.hostPath`] : [],
    ),
    ...[["container", container] as const, ...containers].flatMap(([path, each]) =>
      isPrivileged(each) ? [`${path}.securityContext.privileged`] : [],
    ),
  ];
}

/** The key of a file in its ConfigMap: the path, with dots for the slashes. */
export const fileKey = (file: string): string => file.slice(1).replaceAll("/", "..");

/** The name of the ConfigMap with an app's files. */
export const filesName = (app: string): string => `${app}-files`;

/** The annotation of pods that changes with the content of their files, so that a change replaces them. */
export const filesAnnotation = (files: Readonly<Record<string, string>>) => ({
  "platform-networking/files": createHash("sha256").update(JSON.stringify(files)).digest("hex").slice(0, 16),
});

/** The volume with an app's files, and its mounts in the container. */
export const mountFiles = (app: string, files: Readonly<Record<string, string>>) => ({
  volumes: [{ name: "files", configMap: { name: filesName(app) } }],
  volumeMounts: Object.keys(files).map((file) => ({
    name: "files",
    mountPath: file,
    subPath: fileKey(file),
    readOnly: true,
  })),
});
