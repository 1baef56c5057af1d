import assert from "node:assert/strict";
import { runInThisContext } from "node:vm";

import { disableResourceStackTraces } from "../../sandbox/engine/resource-stack-traces";

describe("Where a resource came from", () => {
  const { prepareStackTrace } = Object.getOwnPropertyDescriptors(Error);
  afterEach(() => Object.defineProperty(Error, "prepareStackTrace", prepareStackTrace));

  /** The stack of an error that is made in this file. */
  const stackIn = (filename: string): unknown => runInThisContext("new Error('why').stack", { filename });

  for (const file of ["resource.js", "runtime/debuggable.js"])
    it(`is not answered to ${file} of the SDK, which asks each time`, () => {
      const asking = `/home/node_modules/@pulumi/pulumi/${file}`;
      assert.match(String(stackIn(asking)), /^Error: why\n +at /);
      disableResourceStackTraces();
      assert.equal(stackIn(asking), "Error: why");
    });

  it("is kept in every other error, with the line as it was written", () => {
    const here = () => new Error("here").stack?.split("\n")[1];
    const before = here();
    disableResourceStackTraces();
    assert.equal(here(), before);
    for (const file of ["/home/node_modules/@pulumi/pulumi/output.js", "/home/components/mesh.ts"])
      assert.match(String(stackIn(file)), new RegExp(`^Error: why\\n +at ${file}:1:1\\n`));
  });
});
