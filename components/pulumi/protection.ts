import * as pulumi from "@pulumi/pulumi";

/**
 * A list that collects every resource without a parent registered after this call, in order of registration. A dependency
 * on a component is one on all of its children.
 */
export function rootResources(): readonly pulumi.Resource[] {
  const stack = pulumi.runtime.getStackResource();
  const roots: pulumi.Resource[] = [];
  pulumi.runtime.registerStackTransformation(({ resource, opts: { parent } }) => {
    if (parent === undefined || parent === stack) roots.push(resource);
    return undefined;
  });
  return roots;
}

/**
 * Protects the whole stack. It depends on all other resources, so `pulumi destroy` deletes it first; if it is protected,
 * the engine refuses that deletion and stops before anything else is deleted, with or without a preview.
 *
 * Declare it with `protect: false` too: the engine refuses to delete a protected resource that is no longer declared.
 * It is a component because no provider has to delete it and replacing a dependency does not replace it.
 */
export class Protection extends pulumi.ComponentResource {
  constructor(name: string, opts: Required<Pick<pulumi.ComponentResourceOptions, "protect" | "dependsOn">>) {
    super("platform:networking:Protection", name, {}, opts);
    this.registerOutputs({});
  }
}
