import * as pulumi from "@pulumi/pulumi";

/** The full name of the stack: `<organization>/<project>/<stack>`. */
export const fullStackName = (): string =>
  `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;

/**
 * The comment or description of this stack's Cloudflare resources. At most 100 characters, the limit of a DNS record's
 * comment on the Free plan.
 *
 * @see https://developers.cloudflare.com/dns/reference/limits/
 */
export const stackComment = (): string => `Made by Pulumi: ${fullStackName()}`.slice(0, 100);

/** The key of the label that identifies a stack's resources at Hetzner. */
const labelKey = "pulumi-stack";

/**
 * The label of this stack's Hetzner resources. A label value has no slash and at most 63 characters.
 *
 * @see https://docs.hetzner.cloud/reference/cloud#labels
 */
export const stackLabel = (): Readonly<Record<string, string>> => ({
  [labelKey]: fullStackName()
    .replaceAll(/[^A-Za-z0-9._-]/g, ".")
    .slice(-63)
    .replaceAll(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, ""),
});

/** Whether a resource with these labels was created by this stack. */
export const hasStackLabel = (labels: Readonly<Record<string, string>>): boolean =>
  labels[labelKey] === stackLabel()[labelKey];
