import type * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import { podLabels } from "../network-policy/call-graph";
import { toNamedPorts } from "./app-ports";
import { buildProbes, type ProbeArgs } from "./probes";

/** What an app's pods are. */
export interface PodArgs extends ProbeArgs {
  /** Container image with tag or digest. */
  readonly image: string;
  /** Whether its pods carry Linkerd's proxy. */
  readonly meshed: boolean;
  /** What one pod asks for, and the memory at which it is ended. Kubernetes quantities. */
  readonly resources: { readonly cpu: string; readonly memory: string };
  /** Environment variables of the container. Nothing secret: they stand in plain in the Deployment. */
  readonly env: Readonly<Record<string, string>>;
  /** Variables whose values are in Secrets of the namespace. No pod starts before they are there. */
  readonly secrets?: Readonly<Record<string, { readonly secret: string; readonly key: string }>> | undefined;
  /**
   * How long a pod that is to go still answers before it is told, so that callers who have not heard of it yet are not
   * turned away. Then it has 30 s to end. Absence tells it at once. From Kubernetes 1.30 on.
   */
  readonly drainSeconds?: number | undefined;
}

/** What every object of an app is labelled with. */
export const appLabels = (app: string) => ({ ...podLabels(app), "app.kubernetes.io/name": app });

/** How long Kubernetes leaves a pod that was told to end. */
const graceSeconds = 30;

/**
 * Pods that pass Pod Security `restricted`, spread over the nodes, replaced one by one. Their namespace is not labelled
 * with that level, since of meshed pods it would refuse Linkerd's init container, which sets the pod's packet rules.
 *
 * @param replicas How many. Absence leaves it to an autoscaler.
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
 */
export function buildDeploymentSpec(
  name: string,
  args: PodArgs & { readonly replicas?: number | undefined },
  serviceAccountName: pulumi.Input<string>,
): kubernetes.types.input.apps.v1.DeploymentSpec {
  const { image, meshed, replicas, resources, env, secrets = {}, drainSeconds } = args;
  const matchLabels = podLabels(name);
  const { cpu, memory } = resources;
  return {
    ...(replicas !== undefined && { replicas }),
    selector: { matchLabels },
    strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
    template: {
      metadata: {
        labels: appLabels(name),
        // On the pod, where the injector looks; on the Deployment it would do nothing.
        ...(meshed && { annotations: { "linkerd.io/inject": "enabled" } }),
      },
      spec: {
        serviceAccountName,
        automountServiceAccountToken: false,
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
        containers: [
          {
            name,
            image,
            ports: Object.entries(toNamedPorts(args)).map(([portName, containerPort]) => ({
              name: portName,
              containerPort,
              protocol: "TCP",
            })),
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
          },
        ],
      },
    },
  };
}
