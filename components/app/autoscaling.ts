import type * as kubernetes from "@pulumi/kubernetes";

/** Between how many pods an app has, by their load. */
export interface Autoscaling {
  /** 1 or more. */
  readonly min: number;
  /** `min` or more. */
  readonly max: number;
  /** The CPU that pods are to use, in percent of what they ask for. */
  readonly cpuPercent: number;
}

/**
 * The autoscaler of a Deployment. It reads what pods use from metrics-server, which k3s brings.
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
