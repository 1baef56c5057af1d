import * as assert from "node:assert/strict";

import { id, type Resources } from "./resources";

/** A destroy begins with resources without dependents: the only one is Protection, protected if the stack is. */
export function assertProtectionDeletedFirst(resources: Resources, protect: boolean): void {
  const [last, ...others] = resources.filter(({ type }) => type.endsWith(":Protection"));
  assert.ok(last !== undefined && others.length === 0, "one Protection");
  assert.equal(last.protect, protect);
  const dependencies = new Set(last.dependencies);
  for (const each of resources)
    if (each.custom)
      assert.ok(dependencies.has(id(each)), `${id(each)} is deleted before the protection check`);
}
