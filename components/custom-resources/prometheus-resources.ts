import { customResource } from "./custom-resource";

/** @see https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PrometheusRuleSpec */
export interface PrometheusRuleSpec {
  readonly groups: readonly {
    readonly name: string;
    readonly rules: readonly {
      readonly alert: string;
      /** PromQL. Each resulting series is an alert. */
      readonly expr: string;
      /** How long the expression must hold before the alert fires. */
      readonly for: string;
      readonly labels: Readonly<Record<string, string>>;
      readonly annotations: Readonly<Record<string, string>>;
    }[];
  }[];
}

export const prometheusRule = customResource<PrometheusRuleSpec>("monitoring.coreos.com/v1/PrometheusRule");
