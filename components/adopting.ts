import * as pulumi from "@pulumi/pulumi";

/** What of the clouds is taken over, by the name of the resource: the id to import it by. */
export type ImportIds = Readonly<Record<string, string>>;

/** The command by which a user takes over what is there already. */
export const adoptCommand = (resource: string, importId: string): string =>
  `pulumi config set --path 'platform-networking:adopt["${resource}"]' ${importId}`;

/**
 * Takes over what the clouds hold already, and namespaces of the cluster: the named resources are imported and then brought to what the
 * program says, in one `up`. Afterwards the entry may stay or go.
 */
export class Adoption {
  /** To be given to every component that makes something at a cloud. */
  readonly transformation: pulumi.ResourceTransformation;
  readonly #unused: Set<string>;

  constructor(ids: ImportIds) {
    this.#unused = new Set(Object.keys(ids));
    this.transformation = ({ type, name, props, opts }) => {
      const id = ids[name];
      if (id === undefined || !/^(hcloud:|cloudflare:|kubernetes:core\/v1:Namespace$)/.test(type))
        return undefined;
      this.#unused.delete(name);
      const { hooks } = opts as pulumi.CustomResourceOptions;
      // What would look for things that are in the way would find what is meant to be there.
      return { props, opts: { ...opts, import: id, hooks: { ...hooks, beforeCreate: [] } } };
    };
  }

  /**
   * To be called when all resources are made.
   *
   * @throws {pulumi.RunError} A name that no resource has.
   */
  refuseUnused(): void {
    const [name] = this.#unused;
    if (name !== undefined)
      throw new pulumi.RunError(
        `adopt: got ${[...this.#unused].join(", ")}, want names of resources at Hetzner or Cloudflare as the preview shows ` +
          "them, such as dns-example.com.",
      );
  }
}
