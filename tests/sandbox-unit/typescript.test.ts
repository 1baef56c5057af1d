import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

import { root } from "../../sandbox/paths";
import { temporary } from "./temporary";

const program = `interface Answer {
  readonly what: string;
}

export function answer(): Answer {
  return { what: process.argv[2] ?? fail() };
}

function fail(): never {
  throw new TypeError("no answer");
}

console.log(answer().what, Object.keys(require.cache).some((file) => /typescript\\.js$/.test(file)));
`;

describe("TypeScript in the sandbox", () => {
  const folder = temporary("typescript-");

  /** A repository with a program in it, and what runs it. */
  function repository(text = program) {
    const home = folder();
    fs.mkdirSync(path.join(home, "sandbox", "deep"), { recursive: true });
    for (const file of ["sandbox/typescript.cjs", "tsconfig.json"])
      fs.copyFileSync(path.join(root, file), path.join(home, file));
    fs.writeFileSync(path.join(home, "package.json"), "{}");
    fs.symlinkSync(path.join(root, "node_modules"), path.join(home, "node_modules"));
    const source = path.join(home, "sandbox", "deep", "main.ts");
    fs.writeFileSync(source, text);
    const run = (...args: string[]) => {
      const all = ["--require", "./sandbox/typescript.cjs", source, ...args];
      const { stdout, stderr } = spawnSync(process.execPath, all, { cwd: home, encoding: "utf8" });
      return { stdout, stderr };
    };
    return { run, source, kept: path.join(home, ".sandbox", "compiled", "sandbox", "deep", "main.ts.js") };
  }

  it("is compiled once, and anew when the file has changed or what was kept of it is cut off", () => {
    const { run, source, kept } = repository();
    // True where the compiler was loaded.
    assert.deepEqual(run("first"), { stdout: "first true\n", stderr: "" });
    assert.deepEqual(run("second"), { stdout: "second false\n", stderr: "" });
    fs.writeFileSync(source, program.replace("answer().what", "1 + 1"));
    assert.equal(run("third").stdout, "2 true\n");
    fs.truncateSync(kept, fs.statSync(kept).size - 1);
    assert.equal(run("fourth").stdout, "2 true\n");
    assert.equal(run("fifth").stdout, "2 false\n");
  });

  it("is what the lines of a stack speak of, compiled or kept", () => {
    const { run, source } = repository();
    for (const { stderr } of [run(), run()]) {
      assert.match(stderr, /TypeError: no answer\n/);
      assert.ok(stderr.includes(`at fail (${source}:10:9)`), stderr);
      assert.ok(stderr.includes(`at answer (${source}:6:37)`), stderr);
    }
  });
});
