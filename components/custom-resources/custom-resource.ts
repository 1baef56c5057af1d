import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

type Metadata = pulumi.Unwrap<kubernetes.types.input.meta.v1.ObjectMeta>;

/** Metadata of an object: a fixed name, and a namespace unless the kind is cluster-scoped. */
export interface ObjectMetadata {
  readonly name: pulumi.Input<string>;
  readonly namespace?: pulumi.Input<string>;
  readonly labels?: NonNullable<Metadata["labels"]>;
  readonly annotations?: pulumi.Input<NonNullable<Metadata["annotations"]>>;
}

/** Creates a custom resource of one kind. */
export type CustomResourceFactory<Spec> = (
  name: string,
  metadata: ObjectMetadata,
  spec: pulumi.Input<Spec>,
  opts: pulumi.CustomResourceOptions,
) => kubernetes.apiextensions.CustomResource;

/**
 * Defines a kind of custom resource: its API version and the type of its spec.
 *
 * @param groupVersionKind Such as `cert-manager.io/v1/Certificate`.
 */
export function customResource<Spec extends object>(
  groupVersionKind: `${string}/${string}/${string}`,
): CustomResourceFactory<Spec> {
  const at = groupVersionKind.lastIndexOf("/");
  const type = { apiVersion: groupVersionKind.slice(0, at), kind: groupVersionKind.slice(at + 1) };
  return (name, metadata, spec, opts) =>
    new kubernetes.apiextensions.CustomResource(name, { ...type, metadata: { ...metadata }, spec }, opts);
}
