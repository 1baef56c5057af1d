import * as assert from "node:assert/strict";

import { kube } from "./deployment";
import { until } from "./wait-until";

/** Must fail: a check that holds on a broken path proves nothing. */
export const assertFails = (check: () => Promise<unknown>): Promise<void> => assert.rejects(check());

/** Must fail within a while, in which a change reaches the controller. */
export const assertFailsSoon = (check: () => Promise<unknown>): Promise<boolean> =>
  until(
    "the failure of what is broken on purpose",
    async () => {
      await assertFails(check);
      return true;
    },
    20,
  );

/** A merge patch of the object that lies there. */
export interface Change {
  readonly at: string;
  readonly change: object;
}

interface Live {
  readonly apiVersion: string;
  readonly kind: string;
  readonly spec: object;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: object;
    readonly labels?: object;
    readonly managedFields: readonly { readonly manager: string; readonly operation: string }[];
  };
}

/** Changes objects. @returns what puts back all that was there. */
export async function applyChanges(changes: readonly Change[]): Promise<() => Promise<void>> {
  const before = await Promise.all(changes.map(({ at }) => kube(at)));
  const patch = (at: string, body: object) =>
    kube(at, { method: "PATCH", type: "application/merge-patch+json", body });
  for (const { at, change } of changes) await patch(at, change);
  return async () => {
    for (const [index, { at, change }] of changes.entries()) {
      await applyAsProgram(at, before[index] as Live);
      await patch(at, invertPatch(before[index] as Tree, change as Tree));
    }
  };
}

/** Applies an object as the program did, so that the changed fields are its own again. Added ones stay. */
async function applyAsProgram(at: string, { apiVersion, kind, spec, metadata }: Live): Promise<void> {
  const { name, namespace, annotations, labels, managedFields } = metadata;
  const manager = managedFields.find(({ operation }) => operation === "Apply")?.manager ?? "";
  await kube(`${at}?fieldManager=${manager}&force=true`, {
    method: "PATCH",
    body: { apiVersion, kind, metadata: { name, namespace, annotations, labels }, spec },
  });
}

type Tree = { readonly [key: string]: unknown };

const isTree = (value: unknown): value is Tree =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The merge patch that undoes another: null takes away what was not there. */
function invertPatch(before: Tree, change: Tree): Tree {
  return Object.fromEntries(
    Object.entries(change).map(([key, value]) => {
      const was = before[key];
      return [key, isTree(value) && isTree(was) ? invertPatch(was, value) : (was ?? null)];
    }),
  );
}

/** Where an app's Ingress lies. */
export const ingress = (name: string): string =>
  `/apis/networking.k8s.io/v1/namespaces/production/ingresses/${name}`;

/** A change of annotations; null takes one away. */
export const annotations = (values: Readonly<Record<string, string | null>>): object => ({
  metadata: { annotations: values },
});
