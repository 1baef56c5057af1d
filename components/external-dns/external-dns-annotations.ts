/**
 * The prefix of external-dns' annotations. Also set in the chart values: its default changed in v0.22, and an external-dns
 * that ignores our annotations would manage names of Pulumi.
 *
 * @see https://kubernetes-sigs.github.io/external-dns/latest/docs/annotations/annotations/
 */
export const externalDnsAnnotationPrefix = "external-dns.kubernetes.io/";

/**
 * Annotation of objects whose DNS records Pulumi manages: external-dns ignores objects with a controller other than its
 * own, `dns-controller`.
 */
export const ignoredByExternalDns: Readonly<Record<string, string>> = {
  [`${externalDnsAnnotationPrefix}controller`]: "pulumi",
};
