import * as pulumi from "@pulumi/pulumi";

/** The full name of the stack: `<organization>/<project>/<stack>`. */
export const fullStackName = (): string =>
  `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;

/**
 * What this stack writes into the comment or description of what it makes at Cloudflare, 100 characters at most, which
 * is the limit of a DNS record's comment on the Free plan.
 *
 * @see https://developers.cloudflare.com/dns/reference/limits/
 */
export const stackComment = (): string => `Made by Pulumi: ${fullStackName()}`.slice(0, 100);

/** The key of the label by which a stack knows its load balancer at Hetzner. */
const labelKey = "pulumi-stack";

/**
 * The label of what this stack makes at Hetzner. A label's value has no slash and 63 characters at most.
 *
 * @see https://docs.hetzner.cloud/reference/cloud#labels
 */
export const stackLabel = (): Readonly<Record<string, string>> => ({
  [labelKey]: fullStackName()
    .replaceAll(/[^A-Za-z0-9._-]/g, ".")
    .slice(-63)
    .replaceAll(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, ""),
});

/** Whether the labels are those of something that this stack made. */
export const hasStackLabel = (labels: Readonly<Record<string, string>>): boolean =>
  labels[labelKey] === stackLabel()[labelKey];
