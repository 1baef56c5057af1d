/**
 * What every annotation that external-dns reads begins with. Said to it as well: its default changed at v0.22, and an
 * external-dns that reads other annotations than we write would take over names that are not its own.
 *
 * @see https://kubernetes-sigs.github.io/external-dns/latest/docs/annotations/annotations/
 */
export const externalDnsAnnotationPrefix = "external-dns.kubernetes.io/";

/**
 * On an object whose names Pulumi has in DNS: external-dns leaves alone what names a controller other than its own
 * `dns-controller`.
 */
export const ignoredByExternalDns: Readonly<Record<string, string>> = {
  [`${externalDnsAnnotationPrefix}controller`]: "pulumi",
};
