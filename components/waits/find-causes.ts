import { objectId } from "../conflicts/planned-objects";
import type { ClusterObject, ClusterState, ObjectReference, WarningEvent } from "./cluster-state";

/** A reason why an object is not ready, as it or an object that it needs reports it. */
export interface Cause {
  /** Such as `Pod apps/web-5d8f`. */
  readonly object: string;
  readonly reason: string;
}

/** Such as `Deployment apps/web`. */
export const describeReference = (reference: ObjectReference): string =>
  `${reference.kind} ${objectId(reference)}`;

/** Finds why an object is not ready. Empty if it is ready, or if nothing reports a reason. */
export async function findCauses(
  cluster: ClusterState,
  reference: ObjectReference,
): Promise<readonly Cause[]> {
  const object = await cluster.get(reference);
  const name = describeReference(reference);
  if (object === undefined) return [{ object: name, reason: "does not exist" }];
  const kind = kinds[reference.kind] ?? {};
  const { isReady = hasReadyCondition, describe = describeConditions, findNeeded } = kind;
  if (isReady(object)) return [];
  const needed = (await findNeeded?.(object, cluster)) ?? [];
  const causes = (await Promise.all(needed.map((each) => findCauses(cluster, each)))).flat();
  if (causes.length > 0) return causes;
  const described = describe(object.status);
  const reported = described.length > 0 ? described : describeEvents(await cluster.findWarnings(object));
  const reasons = reported.length > 0 ? reported : [(kind.describeMissing ?? describeNoConditions)(object)];
  return reasons.filter(Boolean).map((reason) => ({ object: name, reason }));
}

/**
 * Lists the causes for an object in one text: one line for the objects with the same reason, and at most three lines. Its
 * own name is left out.
 */
export function describeCauses(causes: readonly Cause[], waiting: ObjectReference): string {
  const reasons = [...new Set(causes.map(({ reason }) => reason))];
  const lines = reasons.slice(0, 3).map((reason) => {
    const its = causes.filter((each) => each.reason === reason);
    const [first = "", ...others] = new Set(its.map(({ object }) => object));
    if (first === describeReference(waiting)) return toLine(reason);
    return `${first}${others.length > 0 ? ` and ${others.length} more` : ""}: ${toLine(reason)}`;
  });
  if (reasons.length > 3) lines.push(`${reasons.length - 3} other reasons`);
  return lines.length > 1 ? lines.map((line) => `\n  - ${line}`).join("") : lines.join("");
}

/** What the user does about a reason whose text does not say it. */
const remedies: readonly (readonly [reason: RegExp, remedy: string])[] = [
  [
    /image has non-numeric user|image will run as root/,
    "; want a number in the image's USER, or one in container.securityContext.runAsUser of the app",
  ],
];

const toLine = (reason: string): string =>
  `${reason}${remedies.find(([pattern]) => pattern.test(reason))?.[1] ?? ""}`
    .trim()
    .replaceAll(/\s*\n\s*/g, " ")
    .slice(0, 500);

/** How causes are found for the objects of a kind. */
interface Kind {
  /** Default: a condition `Ready` or `Complete` is True. */
  readonly isReady?: (object: ClusterObject) => boolean;
  /** Finds the objects that it needs to become ready. Their causes replace its own. Default: none. */
  readonly findNeeded?: (
    object: ClusterObject,
    cluster: ClusterState,
  ) => readonly ObjectReference[] | Promise<readonly ObjectReference[]>;
  /** Reasons in its status. Default: {@link describeConditions}. */
  readonly describe?: (status: ClusterObject["status"]) => readonly string[];
  /** The reason if neither its status nor an event has one; empty for none. Default: {@link describeNoConditions}. */
  readonly describeMissing?: (object: ClusterObject) => string;
}

const toReference = ({ apiVersion, kind, metadata }: ClusterObject): ObjectReference => ({
  apiVersion,
  kind,
  name: metadata.name,
  namespace: metadata.namespace,
});

/** Finds the objects of a kind that a controller created for an object, newest first. */
const findOwned =
  (apiVersion: string, kind: string) =>
  async ({ metadata: { namespace, uid } }: ClusterObject, cluster: ClusterState) =>
    (await cluster.list(apiVersion, kind, namespace))
      .filter(({ metadata }) => metadata.ownerReferences.some((owner) => owner.uid === uid))
      .sort((a, b) => b.metadata.creationTimestamp.localeCompare(a.metadata.creationTimestamp))
      .map(toReference);

const findPods = findOwned("v1", "Pod");
const findRequests = findOwned("cert-manager.io/v1", "CertificateRequest");

const workload: Kind = {
  isReady: (object) => describeReplicas(object) === "",
  findNeeded: findPods,
  describeMissing: describeReplicas,
};
const isValid = ({ status }: ClusterObject): boolean => status.state === "valid";
const hasAddress = ({ status }: ClusterObject): boolean => status.loadBalancer.ingress.length > 0;
const noAddress = "has no address in status.loadBalancer";

const noReason = (): string => "";

const kinds: Readonly<Record<string, Kind>> = {
  Release: {
    findNeeded: async ({ metadata: { name, namespace } }, cluster) => {
      const workloads = ["Deployment", "DaemonSet", "StatefulSet"] as const;
      const lists = await Promise.all([
        ...workloads.map((kind) => cluster.list("apps/v1", kind, namespace)),
        cluster.list("batch/v1", "Job", namespace),
        cluster.list("v1", "Service", namespace),
      ]);
      return lists
        .flat()
        .filter(({ metadata: { annotations, labels } }) =>
          // The Job of a hook has the label only.
          [annotations["meta.helm.sh/release-name"], labels["app.kubernetes.io/instance"]].includes(name),
        )
        .map(toReference);
    },
    describeMissing: noReason,
  },
  Deployment: { ...workload, findNeeded: findOwned("apps/v1", "ReplicaSet") },
  ReplicaSet: workload,
  StatefulSet: workload,
  DaemonSet: workload,
  Job: { findNeeded: findPods },
  Pod: {
    isReady: (pod) => pod.status.phase === "Succeeded" || hasReadyCondition(pod),
    describe: describePod,
    describeMissing: ({ status }) => describeConditions(status).join("; ") || `is ${status.phase}`,
  },
  Service: {
    isReady: (service) => service.spec.type === "LoadBalancer" && hasAddress(service),
    findNeeded: async ({ metadata: { namespace }, spec: { selector } }, cluster) =>
      (selector === undefined ? [] : await cluster.list("v1", "Pod", namespace))
        .filter(({ metadata: { labels } }) =>
          Object.entries(selector ?? {}).every(([key, value]) => labels[key] === value),
        )
        .map(toReference),
    describeMissing: ({ spec }) => (spec.type === "LoadBalancer" ? noAddress : ""),
  },
  Ingress: {
    isReady: hasAddress,
    findNeeded: ({ spec: { ingressClassName: name } }) =>
      name === undefined ? [] : [{ apiVersion: "networking.k8s.io/v1", kind: "IngressClass", name }],
    describeMissing: () => noAddress,
  },
  // Its controller, if Helm installed it.
  IngressClass: {
    findNeeded: ({ metadata: { annotations } }) => {
      const name = annotations["meta.helm.sh/release-name"];
      const namespace = annotations["meta.helm.sh/release-namespace"];
      return name === undefined ? [] : [{ apiVersion: "helm.sh/v3", kind: "Release", name, namespace }];
    },
    describeMissing: noReason,
  },
  Certificate: {
    findNeeded: async (certificate, cluster) => {
      const [newest] = await findRequests(certificate, cluster);
      const { kind = "", name = "" } = certificate.spec.issuerRef ?? {};
      const { namespace } = kind === "Issuer" ? certificate.metadata : {};
      return [{ apiVersion: "cert-manager.io/v1", kind, name, namespace }, newest ?? []].flat();
    },
  },
  CertificateRequest: { findNeeded: findOwned("acme.cert-manager.io/v1", "Order") },
  Order: {
    isReady: isValid,
    findNeeded: findOwned("acme.cert-manager.io/v1", "Challenge"),
    describe: ({ state, reason }) => [joinReason(state, reason)],
  },
  Challenge: { isReady: isValid, describe: ({ state, reason }) => [joinReason(state, reason)] },
};

const joinReason = (...parts: readonly string[]): string => parts.filter(Boolean).join(": ");

function hasReadyCondition({ status: { conditions } }: ClusterObject): boolean {
  return conditions.some(({ type, status }) => /^(Ready|Complete)$/.test(type) && status === "True");
}

const describeNoConditions = ({ status }: ClusterObject): string =>
  status.conditions.length === 0 ? "has no conditions: its controller has not processed it" : "";

/** Conditions that are a problem if they are True; all others are if they are not. */
const negative =
  /^(Conflicted|Denied|Failed|FailureTarget|InvalidRequest|OverlappingTLSConfig|ReplicaFailure)$/;

function describeConditions({ conditions, parents, listeners }: ClusterObject["status"]): string[] {
  return [...conditions, ...[...parents, ...listeners].flatMap((each) => each.conditions)]
    .filter(({ type, status }) => negative.test(type) === (status === "True"))
    .map(({ type, status, reason, message }) => joinReason(reason || `${type} is ${status}`, message));
}

/** The newest two events of different reasons. */
function describeEvents(events: readonly WarningEvent[]): string[] {
  const time = ({ lastTimestamp, eventTime }: WarningEvent) => lastTimestamp ?? eventTime ?? "";
  const newestFirst = [...events].sort((a, b) => time(b).localeCompare(time(a)));
  return newestFirst
    .filter(({ reason }, index) => newestFirst.findIndex((each) => each.reason === reason) === index)
    .slice(0, 2)
    .map(({ reason, message }) => joinReason(reason, message));
}

/** Empty if all replicas are ready. */
function describeReplicas({ spec, status }: ClusterObject): string {
  const { desiredNumberScheduled, updatedNumberScheduled, numberReady, readyReplicas, updatedReplicas } =
    status;
  const [wanted, ready] =
    desiredNumberScheduled === undefined
      ? [spec.replicas ?? 1, Math.min(readyReplicas, updatedReplicas ?? readyReplicas)]
      : [desiredNumberScheduled, Math.min(numberReady, updatedNumberScheduled)];
  return ready >= wanted ? "" : `${ready} of ${wanted} replicas are ready`;
}

/** Reasons of containers that only mean that the pod starts. */
const starting = ["", "ContainerCreating", "PodInitializing"];

function describePod(pod: ClusterObject["status"]): string[] {
  const unscheduled = pod.conditions.filter(
    ({ type, status }) => type === "PodScheduled" && status === "False",
  );
  const containers = [...pod.initContainerStatuses, ...pod.containerStatuses].flatMap(
    ({ name, restartCount, state: { waiting, terminated }, lastState }) => {
      const exit = terminated ?? lastState.terminated;
      const isWaiting = waiting !== undefined && !starting.includes(waiting.reason);
      if (!isWaiting && (exit === undefined || exit.exitCode === 0)) return [];
      const exited = exit && `exited with code ${exit.exitCode} (${joinReason(exit.reason, exit.message)})`;
      const restarts = restartCount > 0 ? `${restartCount} restarts` : "";
      // The message of a crash loop is only the delay, and contains the name of the pod.
      const isCrashLoop = waiting?.reason === "CrashLoopBackOff";
      const why = isWaiting ? joinReason(waiting.reason, isCrashLoop ? "" : waiting.message) : "";
      return [`container ${name}: ${[why, exited, restarts].filter(Boolean).join(", ")}`];
    },
  );
  const failed =
    pod.phase === "Failed" && containers.length === 0 ? [joinReason(pod.reason, pod.message)] : [];
  return [...unscheduled.map(({ reason, message }) => joinReason(reason, message)), ...containers, ...failed];
}
