import type { z } from "zod";

import { ingressPods } from "../components/ingress/controllers";
import { findApp, reachability, type DeployedStack } from "../stack/read-stack";
import type { Context } from "./context";
import { findStackObjects, type DeclaredObject } from "./declared-objects";
import { findDifferences } from "./differences";
import { anyObject, kinds, type Kind, type ObjectOf } from "./kinds";
import { matchesSelector, toPeer, type Peer } from "./policy-verdict";
import type { Target } from "./target";

export type Pod = ObjectOf<typeof kinds.pod>;

/** A row of the output `reachability`. */
export type Flow = z.output<typeof reachability>[number];

/** The app that an end of a flow names, such as `monitoring/grafana`. */
export const toAppName = (end: string): string => end.slice(end.lastIndexOf("/") + 1);

/** The pods of an ingress controller, if an end of a flow is one, such as `traefik/traefik`. */
export const findController = (end: string) =>
  ingressPods.find(({ namespace, app }) => end === `${namespace}/${app}`);

/** All flows that the stack declares. */
export const findAllFlows = ({ outputs }: Pick<DeployedStack, "outputs">): Flow[] =>
  reachability.parse(outputs.reachability ?? []);

/** The flows on the path of a target: of a URL, those of its ingress controllers. */
export const findFlows = (stack: Pick<DeployedStack, "outputs">, { call, url, apps }: Target): Flow[] =>
  findAllFlows(stack).filter(({ from, to }) =>
    call
      ? findController(from) === undefined && toAppName(from) === call.from && toAppName(to) === call.to
      : url === undefined || (findController(from) !== undefined && apps.includes(toAppName(to))),
  );

/** Whether Linkerd is asked to add its proxy. */
export const isMeshed = ({ metadata }: Pod): boolean =>
  metadata.annotations["linkerd.io/inject"] === "enabled";

/** The labels and the named ports by which Cilium identifies a pod. */
export const identifyPod = (pod: Pod, namespaceLabels: Readonly<Record<string, string>> = {}): Peer =>
  toPeer({
    namespace: pod.metadata.namespace ?? "",
    labels: pod.metadata.labels,
    namespaceLabels,
    serviceAccount: pod.spec.serviceAccountName,
    ports: Object.fromEntries(
      [...pod.spec.initContainers, ...pod.spec.containers].flatMap(({ ports }) =>
        ports.map(({ name, containerPort }) => [name, containerPort]),
      ),
    ),
  });

/**
 * The running pods at an end of a flow: of an ingress controller, or those that the app's network policy selects. Pods in
 * the host network are left out: no policy applies to them.
 */
export async function findPods(
  { cluster, stack }: Pick<Context, "cluster" | "stack">,
  end: string,
): Promise<readonly Pod[]> {
  const controller = findController(end);
  const policy = stack.resources.find(
    (resource) => /:CiliumNetworkPolicy$/.test(resource.type) && findApp(resource) === toAppName(end),
  );
  if (controller === undefined && policy === undefined) return [];
  const { metadata, spec } = kinds.networkPolicy.shape.parse(
    policy?.inputs ?? { metadata: { name: "", namespace: controller?.namespace } },
  );
  const selector = controller
    ? { matchLabels: { "app.kubernetes.io/name": controller.app }, matchExpressions: [] }
    : spec?.endpointSelector;
  const namespace = controller?.namespace ?? metadata.namespace;
  return (await cluster.list(kinds.pod, namespace)).filter(
    (pod) =>
      !pod.spec.hostNetwork &&
      !/^(Succeeded|Failed)$/.test(pod.status.phase) &&
      selector !== undefined &&
      matchesSelector(selector, identifyPod(pod).labels),
  );
}

/** The objects of a kind, and what the stack declares of it. */
export interface RestoredList<T> {
  readonly live: readonly T[];
  /** As they will be once the declared ones are restored; missing and changed ones are reported by checkDeclared. */
  readonly restored: readonly T[];
  readonly isDeclared: (name: string, namespace: string | undefined) => boolean;
}

export async function listRestored<T>(
  { cluster, stack, declared }: Pick<Context, "cluster" | "stack" | "declared">,
  { apiVersion, kind, shape }: Kind<T>,
): Promise<RestoredList<T>> {
  const live = await cluster.list({ apiVersion, kind, shape: anyObject });
  const own = [...findStackObjects(stack), ...declared.filter(({ release }) => release)].filter(
    (object) => object.apiVersion === apiVersion && object.kind === kind,
  );
  const isSame = (object: DeclaredObject, name: string, namespace: string | undefined) =>
    object.name === name && object.namespace === namespace;
  const broken = own.filter((object) => {
    const found = live.find(({ metadata }) => isSame(object, metadata.name, metadata.namespace));
    return found === undefined || findDifferences(object.manifest, found).length > 0;
  });
  const intact = live.filter(
    ({ metadata }) => !broken.some((object) => isSame(object, metadata.name, metadata.namespace)),
  );
  return {
    live: live.map((object) => shape.parse(object)),
    restored: [...intact, ...broken.map(({ manifest }) => manifest)].map((object) => shape.parse(object)),
    isDeclared: (name, namespace) => own.some((object) => isSame(object, name, namespace)),
  };
}
