import type * as kubernetes from "@pulumi/kubernetes";

/** Horizontal pod autoscaling bounds. */
export interface Autoscaling {
  /** 1 or more. */
  readonly min: number;
  /** `min` or more. */
  readonly max: number;
  /** Target CPU utilization, in percent of the requested CPU. */
  readonly cpuPercent: number;
}

/**
 * Builds the spec of a Deployment's HorizontalPodAutoscaler. It needs metrics-server, which k3s includes.
 *
 * @see https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
 */
export const buildAutoscalerSpec = (
  deployment: string,
  { min, max, cpuPercent }: Autoscaling,
): kubernetes.types.input.autoscaling.v2.HorizontalPodAutoscalerSpec => ({
  scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: deployment },
  minReplicas: min,
  maxReplicas: max,
  metrics: [
    {
      type: "Resource",
      resource: { name: "cpu", target: { type: "Utilization", averageUtilization: cpuPercent } },
    },
  ],
});
