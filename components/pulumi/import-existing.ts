import * as pulumi from "@pulumi/pulumi";

/** What of the clouds is taken over, by the name of the resource: the id to import it by. */
export type ImportIds = Readonly<Record<string, string>>;

/** The command by which a user takes over what is there already. */
export const importCommand = (resource: string, importId: string): string =>
  `pulumi config set --path 'platform-networking:import["${resource}"]' ${importId}`;

/** What is there already and can be taken over. */
export interface ExistingResource {
  /** The logical name of the resource that is about to be made. */
  readonly resource: string;
  /** Absence means that this stack did not make it, so that it is not in the one command. */
  readonly importId: string | undefined;
  /** What it is, whose it is, and what can be done. */
  readonly message: string;
}

/** All that one run of a program has found, by its stack: a process may run several, one after the other. */
const importIdsByStack = new WeakMap<pulumi.Resource, Map<string, string>>();

/**
 * Refuses to make what is there already. In a preview all of them are reported, and the last report of what
 * this stack made has the one command that takes over all of that; without a preview the first one ends the update.
 *
 * @throws {Error} Outside a preview.
 */
export function reportExisting({ resource, importId, message }: ExistingResource): void {
  const stack = pulumi.runtime.getStackResource();
  if (!pulumi.runtime.isDryRun() || stack === undefined) throw new Error(message);
  const all = importIdsByStack.get(stack) ?? new Map<string, string>();
  importIdsByStack.set(stack, all);
  if (importId !== undefined) all.set(resource, importId);
  const entries = [...all].map(([name, id]) => `--plaintext 'platform-networking:import["${name}"]=${id}'`);
  const together =
    all.size > 1
      ? `\nTo take over all ${all.size} that an interrupted run of this stack made, as far as found: pulumi config set-all --path ${entries.join(" ")}`
      : "";
  // Not awaited: the SDK writes messages in order, and an earlier one may wait for a resource that waits for this hook.
  void pulumi.log.error(message + together);
}

/**
 * Takes over what the clouds hold already, and namespaces of the cluster: the named resources are imported and then brought to what the
 * program says, in one `up`. Afterwards the entry may stay or go.
 */
export class Imports {
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
  assertAllUsed(): void {
    const [name] = this.#unused;
    if (name !== undefined)
      throw new pulumi.RunError(
        `import: got ${[...this.#unused].join(", ")}, want names of resources at Hetzner or Cloudflare as the preview shows ` +
          "them, such as dns-example.com.",
      );
  }
}
