import type * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import { podLabels } from "../call-graph";

/** What an app's pods are. */
export interface PodArgs {
  /** Container image with tag or digest. */
  readonly image: string;
  /** The port the container listens on, 1 to 65535. */
  readonly port: number;
  /** How many pods. */
  readonly replicas: number;
  /** Whether its pods carry Linkerd's proxy. */
  readonly meshed: boolean;
  /** Path of the HTTP probes. Absence means that a probe only opens the port. */
  readonly healthPath?: string | undefined;
  /** What one pod asks for, and the memory at which it is ended. Kubernetes quantities. */
  readonly resources: { readonly cpu: string; readonly memory: string };
  /** Environment variables of the container. Nothing secret: they stand in plain in the Deployment. */
  readonly env: Readonly<Record<string, string>>;
}

/** What every object of an app is labelled with. */
export const labelsOf = (app: string) => ({ ...podLabels(app), "app.kubernetes.io/name": app });

/**
 * Pods that pass Pod Security `restricted`, spread over the nodes, replaced one by one.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
 */
export function deploymentSpec(
  name: string,
  { image, port, replicas, meshed, healthPath, resources, env }: PodArgs,
  serviceAccountName: pulumi.Input<string>,
): kubernetes.types.input.apps.v1.DeploymentSpec {
  const matchLabels = podLabels(name);
  const { cpu, memory } = resources;
  const reachable =
    healthPath === undefined ? { tcpSocket: { port } } : { httpGet: { path: healthPath, port } };
  return {
    replicas,
    selector: { matchLabels },
    strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
    template: {
      metadata: {
        labels: labelsOf(name),
        // On the pod, where the injector looks; on the Deployment it would do nothing.
        ...(meshed && { annotations: { "linkerd.io/inject": "enabled" } }),
      },
      spec: {
        serviceAccountName,
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
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
            ports: [{ name: "http", containerPort: port, protocol: "TCP" }],
            env: Object.entries(env).map(([variable, value]) => ({ name: variable, value })),
            resources: { requests: { cpu, memory }, limits: { memory } },
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
            readinessProbe: { ...reachable, periodSeconds: 5 },
            livenessProbe: { ...reachable, periodSeconds: 10, failureThreshold: 6 },
          },
        ],
      },
    },
  };
}
