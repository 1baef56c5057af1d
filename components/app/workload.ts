import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { Authorization } from "../linkerd/authorization";
import { canaryOf, podLabels } from "../network-policy/call-graph";
import { makeAuthorization } from "./authorization-policies";
import { autoscalerSpec, type Autoscaling } from "./autoscaling";
import { deploymentSpec, labelsOf, type PodArgs } from "./deployment";
import { serviceAnnotations, serviceSpec, type ServiceArgs } from "./app-kubernetes-service";
import { makeTraffic, shapeOf, type Profile, type Shape, type Traffic } from "./mesh-traffic";

/** How many pods: so many, or as many as the load asks for. */
export type Scale =
  | { readonly replicas: number; readonly autoscaling?: undefined }
  | { readonly replicas?: undefined; readonly autoscaling: Autoscaling };

/** A second version of an app, which answers a part of its requests. */
export interface Canary {
  readonly image: string;
  /** Percent of the requests that it answers, 0 to 100. */
  readonly weight: number;
  readonly replicas: number;
}

/** Pods of an image, and the Service in front of them. */
export type WorkloadArgs = PodArgs &
  Scale &
  ServiceArgs & {
    /** Absence means that there is one version. */
    readonly canary?: Canary | undefined;
    /** How meshed callers treat it: one of the two at most. Absence leaves it to Linkerd. */
    readonly traffic?: Traffic | undefined;
    readonly serviceProfile?: Profile | undefined;
    /** Who may come in, as the mesh sees it. Absence leaves it to the network. */
    readonly authorization?: Authorization | undefined;
  };

/** What an app's pods and their Service find around them. */
interface Around {
  readonly namespace: pulumi.Input<string>;
  /** What the Service says to the ingress controller, and what that refers to. */
  readonly annotations?: pulumi.Input<Readonly<Record<string, string>>> | undefined;
  readonly parts: readonly pulumi.Resource[];
  /** What must be there before a pod starts. */
  readonly before: readonly pulumi.Resource[];
}

/**
 * The pods of an app with an identity of their own, as many as it says or its load asks for, behind the doors that the
 * mesh closes before any of them starts; the Service in front of them; a budget of what may be missing; and what its
 * callers are told. A canary is the same once more under a name of its own, with the same identity, so that who may
 * call the one may call the other.
 *
 * @returns The Services: the app's own first.
 */
export function makeWorkload(
  name: string,
  args: WorkloadArgs,
  around: Around,
  opts: pulumi.CustomResourceOptions,
): kubernetes.core.v1.Service[] {
  const { namespace, annotations } = around;
  const { canary, autoscaling, authorization, meshed, ...rest } = args;
  const metadata = { name, namespace, labels: labelsOf(name) };
  const account = new kubernetes.core.v1.ServiceAccount(
    name,
    { metadata, automountServiceAccountToken: false },
    opts,
  );
  const doors = authorization ? makeAuthorization(authorization, namespace, opts) : [];
  const before = [...around.before, ...doors];
  // What is not in the mesh is not shaped by it either: a canary's share the ingress controller sends it then.
  const shape: Shape = meshed ? shapeOf({ ...rest, name, canary }) : { annotations: {}, routes: [] };

  const told = { ...shape.annotations, ...serviceAnnotations(args.service) };
  const own = makeVersion(
    name,
    args,
    {
      ...around,
      before,
      account,
      annotations: annotations ? pulumi.output(annotations).apply((given) => ({ ...given, ...told })) : told,
    },
    opts,
  );
  if (autoscaling)
    new kubernetes.autoscaling.v2.HorizontalPodAutoscaler(
      name,
      { metadata, spec: autoscalerSpec(name, autoscaling) },
      opts,
    );
  const services = [own];
  if (canary) {
    const { image, replicas } = canary;
    // Whoever comes by the Service's own door from outside is the stable version's.
    const second = { ...rest, meshed, image, replicas, service: { type: "ClusterIP" } } as const;
    services.push(makeVersion(canaryOf(name), second, { namespace, parts: [], before, account }, opts));
  }
  makeTraffic(name, shape, namespace, { ...opts, dependsOn: services });
  return services;
}

function makeVersion(
  name: string,
  args: PodArgs & ServiceArgs & { readonly replicas?: number | undefined },
  around: Around & { readonly account: kubernetes.core.v1.ServiceAccount },
  opts: pulumi.CustomResourceOptions,
): kubernetes.core.v1.Service {
  const { namespace, annotations = {}, parts, before, account } = around;
  const metadata = { name, namespace, labels: labelsOf(name) };
  new kubernetes.apps.v1.Deployment(
    name,
    { metadata, spec: deploymentSpec(name, args, account.metadata.name) },
    {
      ...opts,
      dependsOn: [...before],
      // Where the autoscaler has taken over from us, what it says holds; until it has, what there is.
      ...(args.replicas === undefined && { ignoreChanges: ["spec.replicas"] }),
    },
  );
  // Said as what may be missing, it lets a node be drained even when there is only one pod.
  new kubernetes.policy.v1.PodDisruptionBudget(
    name,
    { metadata, spec: { selector: { matchLabels: podLabels(name) }, maxUnavailable: 1 } },
    opts,
  );
  const isSilent = !pulumi.Output.isInstance(annotations) && Object.keys(annotations).length === 0;
  return new kubernetes.core.v1.Service(
    name,
    { metadata: { ...metadata, ...(!isSilent && { annotations }) }, spec: serviceSpec(name, args) },
    { ...opts, dependsOn: [...parts] },
  );
}
