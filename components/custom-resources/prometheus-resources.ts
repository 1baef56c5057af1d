import { customResource } from "./custom-resource";

/** @see https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PrometheusRuleSpec */
export interface PrometheusRuleSpec {
  readonly groups: readonly {
    readonly name: string;
    readonly rules: readonly {
      readonly alert: string;
      /** PromQL: the alert is for each series that it gives. */
      readonly expr: string;
      /** How long it must have been so. */
      readonly for: string;
      readonly labels: Readonly<Record<string, string>>;
      readonly annotations: Readonly<Record<string, string>>;
    }[];
  }[];
}

export const prometheusRule = customResource<PrometheusRuleSpec>("monitoring.coreos.com/v1/PrometheusRule");
