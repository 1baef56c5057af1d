import * as pulumi from "@pulumi/pulumi";

/** A list that collects every resource registered after this call, in order of registration. */
export function declaredResources(): readonly pulumi.Resource[] {
  const declared: pulumi.Resource[] = [];
  pulumi.runtime.registerStackTransformation(({ resource }) => {
    declared.push(resource);
    return undefined;
  });
  return declared;
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
