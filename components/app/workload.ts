import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { Authorization } from "../linkerd/authorization";
import { canaryName, podLabels } from "../network-policy/call-graph";
import { createAuthorization } from "./authorization-policies";
import { buildAutoscalerSpec, type Autoscaling } from "./autoscaling";
import { appLabels, buildDeploymentSpec, type PodArgs } from "./deployment";
import {
  buildServiceAnnotations,
  buildServiceSpec,
  isServed,
  type ServiceArgs,
} from "./app-kubernetes-service";
import { createRole } from "./kubernetes-api";
import { fileKey, filesName } from "./pod-fields";
import {
  buildMeshTraffic,
  createMeshTraffic,
  type MeshTraffic,
  type Profile,
  type Traffic,
} from "./mesh-traffic";
import type { Annotations } from "./traffic-annotations";

/** The number of pods: fixed, or by load. */
export type Scale =
  | { readonly replicas: number; readonly autoscaling?: undefined }
  | { readonly replicas?: undefined; readonly autoscaling: Autoscaling };

/** A second version of an app that gets a part of its requests. */
export interface Canary {
  readonly image: string;
  /** Percentage of the requests, 0 to 100. */
  readonly weight: number;
  readonly replicas: number;
}

/** A Deployment and its Service. */
export type WorkloadArgs = PodArgs &
  Scale &
  ServiceArgs & {
    /** Default: one version only. */
    readonly canary?: Canary | undefined;
    /** How meshed callers treat the app. Cannot be combined with `serviceProfile`. Default: Linkerd's defaults. */
    readonly traffic?: Traffic | undefined;
    readonly serviceProfile?: Profile | undefined;
  };

/** The resources that an app's workload refers to or must wait for. */
export interface WorkloadContext {
  readonly namespace: pulumi.Input<string>;
  /** The Service's annotations for the ingress controller. Default: none. */
  readonly annotations?: pulumi.Output<Annotations> | Annotations | undefined;
  /** Resources that must exist before the Service, since its annotations refer to them. */
  readonly beforeService: readonly pulumi.Resource[];
  /** The Secret with the credentials of private registries. Default: none. */
  readonly pullSecret?: pulumi.Input<string> | undefined;
  /** Resources that must exist before a pod starts. */
  readonly beforePods: readonly pulumi.Resource[];
}

/**
 * Creates ServiceAccount, files, Linkerd policy, Deployment, HorizontalPodAutoscaler, PodDisruptionBudget, Service and, if
 * configured, the canary's Deployment and Service. The canary runs with the same ServiceAccount, so that it may call and
 * be called as the stable version.
 *
 * @param authorization The callers that Linkerd allows. Default: its default inbound policy applies.
 * @returns The Services: the app's own first; none for an app without a port.
 */
export function createWorkload(
  name: string,
  args: WorkloadArgs,
  authorization: Authorization | undefined,
  context: WorkloadContext,
  opts: pulumi.CustomResourceOptions,
): kubernetes.core.v1.Service[] {
  const { namespace, annotations = {} } = context;
  const { canary, autoscaling, meshed, ...rest } = args;
  const metadata = { name, namespace, labels: appLabels(name) };
  const account = new kubernetes.core.v1.ServiceAccount(
    name,
    {
      metadata,
      automountServiceAccountToken: false,
      ...(context.pullSecret !== undefined && { imagePullSecrets: [{ name: context.pullSecret }] }),
    },
    opts,
  );
  const servers = authorization ? createAuthorization(authorization, namespace, opts) : [];
  const files = args.files ? [createFiles(name, args.files, metadata, opts)] : [];
  const roles = args.kubernetesApi ? createRole(name, args.kubernetesApi, account, metadata, opts) : [];
  const beforePods = [...context.beforePods, ...servers, ...files, ...roles];
  // Linkerd does not route to unmeshed pods, so the ingress controller splits an unmeshed app's traffic.
  const traffic: MeshTraffic =
    meshed && isServed(rest) ? buildMeshTraffic({ ...rest, name, canary }) : { annotations: {}, routes: [] };

  const serviceAnnotations = { ...traffic.annotations, ...buildServiceAnnotations(args.service) };
  const stable = createVersion(
    name,
    args,
    account,
    {
      ...context,
      beforePods,
      annotations: pulumi.Output.isInstance(annotations)
        ? annotations.apply((each) => ({ ...each, ...serviceAnnotations }))
        : { ...annotations, ...serviceAnnotations },
    },
    opts,
  );
  if (autoscaling)
    new kubernetes.autoscaling.v2.HorizontalPodAutoscaler(
      name,
      { metadata, spec: buildAutoscalerSpec(name, autoscaling) },
      opts,
    );
  const services = stable;
  if (canary) {
    const { image, replicas } = canary;
    // External NodePort or LoadBalancer traffic always goes to the stable version.
    const canaryArgs = { ...rest, meshed, image, replicas, service: { type: "ClusterIP" } } as const;
    services.push(
      ...createVersion(
        canaryName(name),
        canaryArgs,
        account,
        { namespace, beforeService: [], beforePods },
        opts,
        name,
      ),
    );
  }
  createMeshTraffic(name, traffic, namespace, { ...opts, dependsOn: services });
  return services;
}

/** Creates the ConfigMap with an app's files. */
const createFiles = (
  name: string,
  files: Readonly<Record<string, string>>,
  metadata: kubernetes.types.input.meta.v1.ObjectMeta,
  opts: pulumi.CustomResourceOptions,
) =>
  new kubernetes.core.v1.ConfigMap(
    filesName(name),
    {
      metadata: { ...metadata, name: filesName(name) },
      data: Object.fromEntries(Object.entries(files).map(([file, text]) => [fileKey(file), text])),
    },
    opts,
  );

/** Creates the Deployment, PodDisruptionBudget and, with a port, Service of one version of an app. */
function createVersion(
  name: string,
  args: PodArgs & ServiceArgs & { readonly replicas?: number | undefined },
  account: kubernetes.core.v1.ServiceAccount,
  { namespace, annotations = {}, beforeService, beforePods }: WorkloadContext,
  opts: pulumi.CustomResourceOptions,
  owner = name,
): kubernetes.core.v1.Service[] {
  const metadata = { name, namespace, labels: appLabels(name) };
  const deployment = new kubernetes.apps.v1.Deployment(
    name,
    { metadata, spec: buildDeploymentSpec(name, args, account.metadata.name, owner) },
    {
      ...opts,
      dependsOn: [...beforePods],
      // On a change from `replicas` to `autoscaling`, keep the number of pods until the autoscaler sets it.
      ...(args.replicas === undefined && { ignoreChanges: ["spec.replicas"] }),
    },
  );
  // `maxUnavailable` rather than `minAvailable`, so that a single-replica app does not block node drain.
  new kubernetes.policy.v1.PodDisruptionBudget(
    name,
    { metadata, spec: { selector: { matchLabels: podLabels(name) }, maxUnavailable: 1 } },
    opts,
  );
  if (!isServed(args)) return [];
  const hasAnnotations = pulumi.Output.isInstance(annotations) || Object.keys(annotations).length > 0;
  const service = new kubernetes.core.v1.Service(
    name,
    { metadata: { ...metadata, ...(hasAnnotations && { annotations }) }, spec: buildServiceSpec(name, args) },
    // A Service waits for ready pods. Before its Deployment it would hold one of the engine's parallel operations, and with
    // as many apps as those no Deployment could start.
    { ...opts, dependsOn: [...beforeService, deployment] },
  );
  return [service];
}
