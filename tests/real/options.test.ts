import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { SandboxError } from "../../sandbox/sandbox-error";
import { temporary } from "../sandbox-unit/temporary";
import { parseOptions } from "./options";

describe("The arguments of test:real", () => {
  const folder = temporary("real-");
  /** Real plugins of which there is one. */
  const plugins = () => {
    const dir = folder();
    fs.writeFileSync(path.join(dir, "pulumi-resource-tls"), "", { mode: 0o755 });
    return dir;
  };

  it("are the folder of the plugins, and as absolute paths that of the charts and the kubeconfig", () => {
    const dir = plugins();
    const relative = path.relative(process.cwd(), dir);
    assert.deepEqual(parseOptions(["--plugins", relative]), { plugins: dir });
    const all = parseOptions(["--plugins", relative, "--charts", relative, "--kubeconfig", relative]);
    assert.deepEqual(all, { plugins: dir, charts: dir, kubeconfig: dir });
  });

  const faults: readonly [string, () => readonly string[], RegExp][] = [
    ["no --plugins", () => [], /^required option '--plugins <dir>' not specified\. See "npm run test:real/],
    ["--plugins without its value", () => ["--plugins"], /argument missing/],
    ["a folder that is not there", () => ["--plugins", "/nowhere"], /^--plugins: got \/nowhere, want a path/],
    ["a folder without plugins", () => ["--plugins", __dirname], /no executable pulumi-resource-<name>/],
    ["charts that are not there", () => ["--plugins", plugins(), "--charts", "/nowhere"], /^--charts: got/],
    ["an unknown option", () => ["--plugins", plugins(), "--stack", "dev"], /unknown option '--stack'/],
  ];
  for (const [what, args, message] of faults)
    it(`are refused in one line: ${what}`, () => {
      assert.throws(
        () => parseOptions(args()),
        (error) =>
          error instanceof SandboxError && message.test(error.message) && !error.message.includes("\n"),
      );
    });
});
