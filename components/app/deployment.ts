import type * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import { podLabels } from "../network-policy/call-graph";
import type { KubernetesApi } from "./kubernetes-api";
import { listPorts } from "./app-ports";
import { filesAnnotation, mergeFields, mountFiles, type PodFieldsArgs } from "./pod-fields";
import { buildProbes, type ProbeArgs } from "./probes";

/** An app's pods. */
export interface PodArgs extends ProbeArgs, PodFieldsArgs {
  /** Container image with tag or digest. */
  readonly image: string;
  /** Whether its pods have Linkerd's proxy. */
  readonly meshed: boolean;
  /** Requests of one pod, as Kubernetes quantities. The memory is also the limit. */
  readonly resources: { readonly cpu: string; readonly memory: string };
  /** Environment variables of the container. Not for secrets: they are plain text in the Deployment. */
  readonly env: Readonly<Record<string, string>>;
  /** Environment variables from Secrets of the namespace. Pods do not start until the Secrets exist. */
  readonly secrets?: Readonly<Record<string, { readonly secret: string; readonly key: string }>> | undefined;
  /**
   * `preStop` delay in seconds before SIGTERM, so that load balancers can deregister the pod. The pod then gets 30 s to
   * shut down. Default: no delay. Needs Kubernetes 1.30.
   */
  readonly drainSeconds?: number | undefined;
  /** The ports to which meshed pods connect without Linkerd's proxy. Default: none. */
  readonly skippedPorts?: readonly number[] | undefined;
  /** Access to the Kubernetes API, for which the pods get a token. Default: none. */
  readonly kubernetesApi?: KubernetesApi | undefined;
}

/** The labels of all objects of an app. */
export const appLabels = (app: string) => ({ ...podLabels(app), "app.kubernetes.io/name": app });

/**
 * The annotations of meshed pods. Network policies cannot close an undeclared port between meshed pods, since all of
 * their traffic arrives at the proxy's port: the proxy denies what has no Server.
 */
const meshAnnotations = (skippedPorts: readonly number[]) => ({
  "linkerd.io/inject": "enabled",
  "config.linkerd.io/default-inbound-policy": "deny",
  ...(skippedPorts.length > 0 && { "config.linkerd.io/skip-outbound-ports": skippedPorts.join() }),
});

/** Seconds from SIGTERM to SIGKILL, as in Kubernetes. */
const graceSeconds = 30;

/**
 * Builds the spec of a Deployment whose pods meet Pod Security `restricted`, are spread over the nodes and are replaced
 * one by one. The fields of `pod` and `container` are merged into it.
 *
 * @param owner The app whose files the pods have: for a canary, the app itself.
 * @param replicas The number of pods. If omitted, an autoscaler sets it.
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
 */
export function buildDeploymentSpec(
  name: string,
  args: PodArgs & { readonly replicas?: number | undefined },
  serviceAccountName: pulumi.Input<string>,
  owner = name,
): kubernetes.types.input.apps.v1.DeploymentSpec {
  const {
    image,
    meshed,
    replicas,
    resources,
    env,
    secrets = {},
    drainSeconds,
    files,
    skippedPorts = [],
  } = args;
  const matchLabels = podLabels(name);
  const { cpu, memory } = resources;
  const mounts = files && mountFiles(owner, files);
  const ports = listPorts(args);
  return {
    ...(replicas !== undefined && { replicas }),
    selector: { matchLabels },
    strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
    template: {
      metadata: {
        labels: appLabels(name),
        // The injector reads the pod's annotations, not the Deployment's.
        ...((meshed || files) && {
          annotations: { ...(meshed && meshAnnotations(skippedPorts)), ...(files && filesAnnotation(files)) },
        }),
      },
      spec: mergeFields(
        {
          serviceAccountName,
          automountServiceAccountToken: args.kubernetesApi !== undefined,
          securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
          ...(drainSeconds !== undefined && { terminationGracePeriodSeconds: drainSeconds + graceSeconds }),
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: "kubernetes.io/hostname",
              whenUnsatisfiable: "ScheduleAnyway",
              labelSelector: { matchLabels },
            },
          ],
          ...(mounts && { volumes: mounts.volumes }),
          containers: [
            mergeFields(
              {
                name,
                image,
                ...(ports.length > 0 && {
                  ports: ports.map(({ name: portName, number, transport }) => ({
                    name: portName,
                    containerPort: number,
                    protocol: transport,
                  })),
                }),
                env: [
                  ...Object.entries(env).map(([variable, value]) => ({ name: variable, value })),
                  ...Object.entries(secrets).map(([variable, { secret, key }]) => ({
                    name: variable,
                    valueFrom: { secretKeyRef: { name: secret, key } },
                  })),
                ],
                resources: { requests: { cpu, memory }, limits: { memory } },
                securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
                ...(drainSeconds !== undefined && {
                  lifecycle: { preStop: { sleep: { seconds: drainSeconds } } },
                }),
                ...buildProbes(args),
                ...(mounts && { volumeMounts: mounts.volumeMounts }),
              },
              args.container,
            ),
          ],
        },
        args.pod,
      ),
    },
  };
}
