"use strict";

// Has Node take TypeScript as ts-node does, and keeps what ts-node makes of a file for as long as the file is the same.
// One run of the sandbox is six processes: each would need a second or more to compile its files, and all get the same.

const { createHash } = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");

const root = path.resolve(__dirname, "..");
const folder = path.join(root, ".sandbox", "compiled");

/** What decides, beside the file itself, what becomes of it. */
const rules = [
  require("typescript/package.json").version,
  require("ts-node/package.json").version,
  require("@swc/core/package.json").version,
  fs.readFileSync(path.join(root, "tsconfig.json"), "utf8"),
].join("\n");

let compiler;

/** The JavaScript of a TypeScript file, with its map in the last comment but one. */
function compiled(file) {
  const source = fs.readFileSync(file, "utf8");
  const mark = `\n//${createHash("sha256").update(rules).update(source).digest("hex")}\n`;

  const inRoot = path.relative(root, file);
  const kept = inRoot.startsWith("..") ? undefined : path.join(folder, `${inRoot}.js`);
  let code = kept && fs.existsSync(kept) ? fs.readFileSync(kept, "utf8") : "";
  if (!code.endsWith(mark)) {
    compiler ??= require("ts-node").create({ swc: true, cwd: root });
    code = compiler.compile(source, file) + mark;
    if (kept) keep(kept, code);
  }
  return code;
}

/** Two processes may compile the same file at the same time. */
function keep(kept, code) {
  fs.mkdirSync(path.dirname(kept), { recursive: true });
  const draft = `${kept}.${process.pid}`;
  fs.writeFileSync(draft, code);
  fs.renameSync(draft, kept);
}

require.extensions[".ts"] = (module, file) => module._compile(compiled(file), file);
// Lines of a stack are told as they are in the TypeScript file.
process.setSourceMapsEnabled(true);
