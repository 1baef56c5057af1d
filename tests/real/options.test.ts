import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { SandboxError } from "../../sandbox/sandbox-error";
import { temporary } from "../sandbox-unit/temporary";
import { parseOptions } from "./options";

describe("The arguments of test:real", () => {
  const folder = temporary("real-");
  /** A folder with one real plugin, relative to the present one. */
  const plugins = () => {
    const dir = folder();
    fs.writeFileSync(path.join(dir, "pulumi-resource-tls"), "", { mode: 0o755 });
    return path.relative(process.cwd(), dir);
  };

  it("are the folder of the plugins, and as absolute paths that of the charts and the kubeconfig", () => {
    const relative = plugins();
    const dir = path.resolve(relative);
    const all = parseOptions(["--plugins", relative, "--charts", relative, "--kubeconfig", relative]);
    assert.deepEqual(all, { plugins: dir, charts: dir, kubeconfig: dir });
  });

  for (const [args, message] of [
    [[], /^required option '--plugins <dir>' not specified\. See "npm run test:real/],
    [["--plugins", "/nowhere"], /^--plugins: got \/nowhere, want a path/],
    [["--plugins", __dirname], /no executable pulumi-resource-<name>/],
    [["--plugins", __dirname, "--stack", "dev"], /unknown option '--stack'/],
  ] as const)
    it(`are refused: ${args.join(" ")}`, () =>
      assert.throws(
        () => parseOptions(args),
        (error) => error instanceof SandboxError && message.test(error.message),
      ));
});
