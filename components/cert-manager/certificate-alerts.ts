import type { PrometheusRuleSpec } from "../custom-resources/prometheus-resources";

/** A metric of each certificate, without the name of the controller's pod: another pod would begin each wait anew. */
const certificateMetric = (metric: string): string =>
  `max by (namespace, name) (certmanager_certificate_${metric})`;

/** Zero, for a certificate that was never issued or is never renewed, is no time. */
const expiration = certificateMetric("expiration_timestamp_seconds > 0");
const renewal = certificateMetric("renewal_timestamp_seconds > 0");

/**
 * What Prometheus tells of certificates while there is still time. How much that is follows from each certificate's own
 * plan, as they live from two days (Linkerd's issuer) to ten years (its anchor): half of what lies between the planned
 * renewal and the end, which is 15 days for Let's Encrypt's 90.
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
