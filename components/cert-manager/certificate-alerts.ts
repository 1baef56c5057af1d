import type { PrometheusRuleSpec } from "../custom-resources/prometheus-resources";

/** A certificate's metric, without the controller's pod label: a new pod would reset the alert's `for`. */
const certificateMetric = (metric: string): string =>
  `max by (namespace, name) (certmanager_certificate_${metric})`;

/** cert-manager reports 0 for certificates without an expiry or renewal time; exclude them. */
const expiration = certificateMetric("expiration_timestamp_seconds > 0");
const renewal = certificateMetric("renewal_timestamp_seconds > 0");

/**
 * Alerts on certificates. Lifetimes range from two days (Linkerd's issuer) to ten years (its trust anchor), so a renewal is
 * overdue once half the time between the planned renewal and the expiry has passed: 15 days before the expiry for Let's
 * Encrypt's 90 days.
 *
 * @see https://cert-manager.io/docs/devops-tips/prometheus-metrics/
 */
export const certificateAlerts: PrometheusRuleSpec = {
  groups: [
    {
      name: "certificate-renewal",
      rules: [
        {
          alert: "CertificateRenewalOverdue",
          expr: `${expiration} - time() < (${expiration} - ${renewal}) / 2`,
          for: "15m",
          labels: { severity: "warning" },
          annotations: {
            summary: "The certificate {{ $labels.namespace }}/{{ $labels.name }} is not renewed",
            description:
              "It was to be renewed and was not, and expires in {{ $value | humanizeDuration }}: " +
              "kubectl -n {{ $labels.namespace }} describe certificate {{ $labels.name }}",
          },
        },
        {
          alert: "CertificateNotReady",
          expr: `${certificateMetric('ready_status{condition="True"}')} == 0`,
          for: "15m",
          labels: { severity: "critical" },
          annotations: {
            summary: "The certificate {{ $labels.namespace }}/{{ $labels.name }} is not ready",
            description:
              "It was not issued, has expired, or is not what is asked for: " +
              "kubectl -n {{ $labels.namespace }} describe certificate {{ $labels.name }}",
          },
        },
        {
          alert: "CertificateMetricsMissing",
          expr: "absent(certmanager_certificate_ready_status)",
          for: "15m",
          labels: { severity: "warning" },
          annotations: {
            summary: "Nobody watches over the certificates",
            description:
              "Prometheus has no metric of any certificate, so that no other alert would be raised: " +
              "kubectl -n cert-manager get pods,servicemonitors",
          },
        },
      ],
    },
  ],
};
