import * as pulumi from "@pulumi/pulumi";

interface Metadata {
  readonly annotations?: pulumi.Input<Readonly<Record<string, string>>>;
}

/**
 * Makes every Kubernetes object below a component count as done once the API server has it. For a cluster whose
 * controllers do not run, where nothing ever becomes ready: hooks are skipped too, since they are Jobs.
 */
export const skipAwait: pulumi.ResourceTransformation = ({ type, props, opts }) => {
  if (!type.startsWith("kubernetes:")) return undefined;
  const inputs = props as Readonly<Record<string, unknown>>;
  if (type === "kubernetes:helm.sh/v3:Release") {
    // `atomic` would wait in spite of `skipAwait`.
    return { props: { ...inputs, atomic: false, skipAwait: true, disableWebhooks: true }, opts };
  }
  const metadata = (inputs.metadata ?? {}) as Metadata;
  const annotations = pulumi.output(metadata.annotations ?? {}).apply((given) => {
    const kept = Object.entries(given).filter(([key]) => key !== "pulumi.com/waitFor");
    return { ...Object.fromEntries(kept), "pulumi.com/skipAwait": "true" };
  });
  return { props: { ...inputs, metadata: { ...metadata, annotations } }, opts };
};
