import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as path from "node:path";
import { runInThisContext } from "node:vm";

import { root } from "../../config";
import { disableResourceStackTraces } from "../../../components/pulumi/resource-stack-traces";

describe("disableResourceStackTraces", () => {
  const { prepareStackTrace } = Object.getOwnPropertyDescriptors(Error);
  afterEach(() => Object.defineProperty(Error, "prepareStackTrace", prepareStackTrace));

  /** The stack trace of an error that is created in this file. */
  const stackIn = (filename: string, message = ""): string =>
    String(runInThisContext(`new Error("${message}").stack`, { filename }));
  const sdk = "/home/node_modules/@pulumi/pulumi";

  for (const file of ["resource.js", "runtime/debuggable.js"])
    it(`leaves out the trace that ${file} of the SDK reads, and not its errors`, () => {
      assert.match(stackIn(`${sdk}/${file}`), /^Error\n +at /);
      disableResourceStackTraces();
      assert.equal(stackIn(`${sdk}/${file}`), "Error");
      assert.match(stackIn(`${sdk}/${file}`, "why"), /^Error: why\n +at /);
    });

  it("keeps every other trace, with the lines of the TypeScript file", () => {
    const here = () => new Error().stack?.split("\n")[1];
    const before = here();
    disableResourceStackTraces();
    assert.equal(here(), before);
    for (const file of [`${sdk}/output.js`, "/home/components/mesh.ts"])
      assert.match(stackIn(file), new RegExp(`^Error\\n +at ${file}:1:1\\n`));
  });

  for (const [where, line] of [
    ["component", 9],
    ["apply", 11],
  ] as const)
    it(`leaves the line of an error in ${where === "apply" ? "an" : "a"} ${where}, under ts-node as Pulumi starts it`, () => {
      const file = path.join(__dirname, "failing-program.ts");
      const env = { ...process.env, TS_NODE_PROJECT: "tsconfig.pulumi.json" };
      const options = { cwd: root, encoding: "utf8", env } as const;
      const { stderr } = spawnSync(process.execPath, ["--require", "ts-node/register", file, where], options);
      assert.match(stderr, new RegExp(`Error: in an? ${where}[^\\n]*\\n +at .*failing-program.ts:${line}:`));
    });
});
