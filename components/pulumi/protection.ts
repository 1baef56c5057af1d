import * as pulumi from "@pulumi/pulumi";

/** Collects every resource that the program declares after this call, in the order of their declaration. */
export function declaredResources(): readonly pulumi.Resource[] {
  const declared: pulumi.Resource[] = [];
  pulumi.runtime.registerStackTransformation(({ resource }) => {
    declared.push(resource);
    return undefined;
  });
  return declared;
}

/**
 * Depends on all resources of the stack, so that `pulumi destroy` deletes it before anything else. Where it is protected,
 * the engine refuses that deletion and stops, with or without a preview: nothing is deleted.
 *
 * It must be declared with `protect: false` too: the engine refuses to delete a protected resource that is no longer
 * declared. A component, since no provider has to delete it and no replacement of a dependency replaces it.
 */
export class Protection extends pulumi.ComponentResource {
  constructor(name: string, opts: Required<Pick<pulumi.ComponentResourceOptions, "protect" | "dependsOn">>) {
    super("platform:networking:Protection", name, {}, opts);
    this.registerOutputs({});
  }
}
