"use strict";

// Has Node take TypeScript as ts-node does, and keeps what ts-node makes of a file for as long as the file is the same.
// One run of the sandbox is six processes: each would need a second or more to compile its files, and all get the same.

const { createHash } = require("node:crypto");
const fs = require("node:fs");
const { SourceMap } = require("node:module");
const path = require("node:path");

const root = path.resolve(__dirname, "..");
const folder = path.join(root, ".sandbox", "compiled");

/** What decides, beside the file itself, what becomes of it. */
const rules = [
  require("typescript/package.json").version,
  require("ts-node/package.json").version,
  fs.readFileSync(path.join(root, "tsconfig.json"), "utf8"),
].join("\n");

let compiler;
/** By file. */
const loaded = new Map();

/** The JavaScript of a TypeScript file, with its map in the last comment but one. */
function compiled(file) {
  const source = fs.readFileSync(file, "utf8");
  const mark = `\n//${createHash("sha256").update(rules).update(source).digest("hex")}\n`;
  const known = loaded.get(file);
  if (known?.code.endsWith(mark)) return known.code;

  const inRoot = path.relative(root, file);
  const kept = inRoot.startsWith("..") ? undefined : path.join(folder, `${inRoot}.js`);
  let code = kept && fs.existsSync(kept) ? fs.readFileSync(kept, "utf8") : "";
  if (!code.endsWith(mark)) {
    compiler ??= require("ts-node").create({ transpileOnly: true, cwd: root });
    code = compiler.compile(source, file) + mark;
    if (kept) keep(kept, code);
  }
  loaded.set(file, { code });
  return code;
}

/** Two processes may compile the same file at the same time. */
function keep(kept, code) {
  fs.mkdirSync(path.dirname(kept), { recursive: true });
  const draft = `${kept}.${process.pid}`;
  fs.writeFileSync(draft, code);
  fs.renameSync(draft, kept);
}

/** A line of a stack, with the place in the TypeScript file. */
function frame(site) {
  const told = String(site);
  const known = loaded.get(site.getFileName());
  if (known === undefined) return told;
  known.map ??= new SourceMap(mapIn(known.code));
  const [line, column] = [site.getLineNumber(), site.getColumnNumber()];
  const { originalLine, originalColumn } = known.map.findEntry(line - 1, column - 1);
  if (originalLine === undefined) return told;
  return told.replace(`:${line}:${column}`, `:${originalLine + 1}:${originalColumn + 1}`);
}

function mapIn(code) {
  const [, base64] = /\n\/\/# sourceMappingURL=data:application\/json;charset=utf-8;base64,(\S+)\n/.exec(
    code,
  );
  return JSON.parse(Buffer.from(base64, "base64").toString("utf8"));
}

require.extensions[".ts"] = (module, file) => module._compile(compiled(file), file);
Error.prepareStackTrace = (error, sites) =>
  [Error.prototype.toString.call(error), ...sites.map(frame)].join("\n    at ");
