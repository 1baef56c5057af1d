import * as pulumi from "@pulumi/pulumi";

import { shellQuote } from "./shell-quote";

/**
 * Existing resources to import: Pulumi resource name → import ID; `<type>::<name>` for Kubernetes objects other than
 * namespaces, since objects of several kinds have one name.
 */
export type ImportIds = Readonly<Record<string, string>>;

/** A resource in the setting `import`, as a path of `pulumi config`. */
const importPath = (resource: string): string =>
  `platform-networking:import["${resource.replaceAll('"', '\\"')}"]`;

/** The command that adds a resource to the setting `import`. */
export const importCommand = (resource: string, importId: string): string =>
  `pulumi config set --path ${shellQuote(importPath(resource))} ${importId}`;

/** An existing cloud resource that conflicts with one that is about to be created. */
export interface ExistingResource {
  /** The logical name of the Pulumi resource. */
  readonly resource: string;
  /** Undefined if this stack did not create it: then it is left out of the combined command. */
  readonly importId: string | undefined;
  /** What exists, who created it, and what to do. */
  readonly message: string;
}

/** The resources reported so far, by stack: one process may run several programs in turn (Automation API). */
const importIdsByStack = new WeakMap<pulumi.Resource, Map<string, string>>();

/**
 * Reports a resource that exists already. In a preview every conflict is logged, and the last message contains one
 * command that imports all that this stack created; an update without a preview fails at the first.
 *
 * @throws {pulumi.RunError} Outside a preview.
 */
export function reportExisting({ resource, importId, message }: ExistingResource): void {
  const stack = pulumi.runtime.getStackResource();
  if (!pulumi.runtime.isDryRun() || stack === undefined) throw new pulumi.RunError(message);
  const all = importIdsByStack.get(stack) ?? new Map<string, string>();
  importIdsByStack.set(stack, all);
  if (importId !== undefined) all.set(resource, importId);
  const entries = [...all].map(([name, id]) => `--plaintext ${shellQuote(`${importPath(name)}=${id}`)}`);
  const together =
    all.size > 1
      ? `\nTo import all ${all.size} resources found so far that an interrupted run of this stack created: pulumi config set-all --path ${entries.join(" ")}`
      : "";
  // Not awaited: the SDK logs in order, and an earlier message may wait for a resource that waits for this hook.
  void pulumi.log.error(message + together);
}

/**
 * The setting `import`: imports existing cloud resources and Kubernetes objects and updates them to the program's
 * inputs, in one `up`. Entries may stay in the settings afterwards.
 */
export class Imports {
  /** For every component that creates cloud resources or Kubernetes objects. */
  readonly transformation: pulumi.ResourceTransformation;
  readonly #unused: Set<string>;

  constructor(ids: ImportIds) {
    this.#unused = new Set(Object.keys(ids));
    this.transformation = ({ type, name, props, opts }) => {
      const isNamedAlone = /^(hcloud:|cloudflare:|kubernetes:core\/v1:Namespace$)/.test(type);
      const isObject = type.startsWith("kubernetes:") && type !== "kubernetes:helm.sh/v3:Release";
      const key = isNamedAlone ? name : isObject ? `${type}::${name}` : "";
      const id = ids[key];
      if (id === undefined) return undefined;
      this.#unused.delete(key);
      const { hooks } = opts as pulumi.CustomResourceOptions;
      // Skip the conflict checks: the resource they would find is the one to import.
      return { props, opts: { ...opts, import: id, hooks: { ...hooks, beforeCreate: [] } } };
    };
  }

  /**
   * To be called after all resources are registered.
   *
   * @throws {pulumi.RunError} An entry matches no resource.
   */
  assertAllUsed(): void {
    const [name] = this.#unused;
    if (name !== undefined)
      throw new pulumi.RunError(
        `import: got ${[...this.#unused].join(", ")}, want names of Hetzner, Cloudflare or Namespace resources as shown in ` +
          "the preview, such as dns-example.com, or <type>::<name> of another Kubernetes object.",
      );
  }
}
