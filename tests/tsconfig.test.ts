import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import ts from "typescript";

import { root, yamlFile } from "./config";

/** The options that a file itself sets. Pulumi reads these only: it does not follow `extends`. */
const ownOptions = (file: string) => {
  const { config } = ts.parseConfigFileTextToJson(file, fs.readFileSync(path.join(root, file), "utf8")) as {
    config: { compilerOptions: Record<string, unknown> };
  };
  return config.compilerOptions;
};

describe("tsconfig.pulumi.json", () => {
  const { runtime } = yamlFile("Pulumi.yaml") as { runtime: { options: { tsconfig: string } } };
  const { noCheck, target } = ownOptions(runtime.options.tsconfig);

  it("runs the program without a type check", () => assert.equal(noCheck, true));

  it("compiles for the same JavaScript version as the type check assumes", () =>
    assert.equal(target, ownOptions("tsconfig.json").target));
});
