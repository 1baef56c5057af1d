import * as pulumi from "@pulumi/pulumi";

interface Metadata {
  readonly annotations?: pulumi.Input<Readonly<Record<string, string>>>;
}

/**
 * Transformation that sets `pulumi.com/skipAwait` on every Kubernetes resource. For a cluster whose controllers do not
 * run, where nothing becomes ready; Helm hooks are skipped too, since they are Jobs.
 */
export const skipAwait: pulumi.ResourceTransformation = ({ type, props, opts }) => {
  if (!type.startsWith("kubernetes:")) return undefined;
  const inputs = props as Readonly<Record<string, unknown>>;
  if (type === "kubernetes:helm.sh/v3:Release") {
    // `atomic` waits despite `skipAwait`.
    return { props: { ...inputs, atomic: false, skipAwait: true, disableWebhooks: true }, opts };
  }
  const metadata = (inputs.metadata ?? {}) as Metadata;
  const annotations = pulumi.output(metadata.annotations ?? {}).apply((given) => {
    const kept = Object.entries(given).filter(([key]) => key !== "pulumi.com/waitFor");
    return { ...Object.fromEntries(kept), "pulumi.com/skipAwait": "true" };
  });
  return { props: { ...inputs, metadata: { ...metadata, annotations } }, opts };
};
