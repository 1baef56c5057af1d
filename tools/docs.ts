import * as fs from "node:fs";
import * as path from "node:path";

import * as prettier from "prettier";
import { parseDocument, stringify } from "yaml";

import { readKeys, type Key } from "./configuration";

const root = path.resolve(__dirname, "..");
const introduction = `<!-- Written by \`npm run docs\` from settings/: change the docstrings there. -->

# Configuration

All keys are set under \`platform-networking:\` in \`Pulumi.<stack>.yaml\`. An unknown key is an error, and so is a
combination of keys that cannot work: all errors are reported at once, before anything is changed. The secrets are in
[getting-started.md](getting-started.md#the-tokens).
`;

/** An object with at least so many keys inside has a section of its own. */
const sectionSize = 8;

const size = (keys: readonly Key[]): number => keys.reduce((sum, each) => sum + 1 + size(each.keys), 0);

/** docs/configuration.md */
async function renderReference(keys: readonly Key[]): Promise<string> {
  const text = [introduction, ...keys.map((key) => renderSection(key, inside(key)))].join("\n\n");
  const options = await prettier.resolveConfig(path.join(root, "README.md"));
  return prettier.format(text, { ...options, parser: "markdown" });
}

/** The path of the keys inside of a list or map: `apps.<name>` for `apps`. */
const inside = ({ path: own, keys }: Key): string => {
  const [first] = keys;
  return first === undefined ? own : first.path.slice(0, first.path.lastIndexOf("."));
};

function renderSection(section: Key, prefix: string): string {
  const own: string[] = [];
  const further: string[] = [];
  const add = (key: Key): void => {
    const isSection = size(key.keys) >= sectionSize;
    own.push(renderKey(key, key.path.slice(prefix.length + 1), isSection));
    if (isSection) further.push(renderSection(key, inside(key)));
    else key.keys.forEach(add);
  };
  section.keys.forEach(add);
  const isTop = !section.path.includes(".");
  const heading = `${isTop ? "##" : "###"} \`${prefix}\``;
  return [heading, facts(section), section.meaning, change(section), own.join("\n"), ...further]
    .filter((text) => text !== "")
    .join("\n\n");
}

function renderKey(key: Key, name: string, isSection: boolean): string {
  const variants = key.variants === undefined || key.variants === ": " ? "" : ` (${key.variants})`;
  const link = isSection ? ` See [${inside(key)}](#${anchor(inside(key))}).` : "";
  const lines = [
    `\`${name}\`${variants}: ${facts(key)}${link}`,
    ...(isSection ? [] : [key.meaning, change(key)]),
  ];
  return `- ${lines
    .filter((text) => text !== "")
    .join("\n\n")
    .replaceAll("\n", "\n  ")}`;
}

/** GitHub's anchor of a heading. */
const anchor = (heading: string): string => heading.toLowerCase().replace(/[^a-z0-9_-]/g, "");

function facts({ values, isRequired, preset }: Key): string {
  if (isRequired) return `${values}. Required.`;
  if (preset === undefined) return `${values}. Optional.`;
  const isEmpty = typeof preset === "object" ? Object.keys(preset ?? {}).length === 0 : preset === "";
  if (isEmpty) return `${values}. Default: none.`;
  const text = typeof preset === "string" ? preset : JSON.stringify(preset);
  if (text.length <= 80) return `${values}. Default: \`${text}\`.`;
  return `${values}. Default:\n\n\`\`\`yaml\n${stringify(preset, { lineWidth: 0 })}\`\`\`\n`;
}

const change = (key: Key): string => (key.change === undefined ? "" : `_On change:_ ${key.change}`);

/** Pulumi.yaml, with the first sentence of each section's docstring as the description of the key. */
function renderProject(keys: readonly Key[]): string {
  const document = parseDocument(fs.readFileSync(path.join(root, "Pulumi.yaml"), "utf8"));
  for (const { path: name, meaning } of keys) {
    const [sentence = ""] = /^.*?\.(?=\s|$)/s.exec(meaning) ?? [];
    if (sentence === "") continue;
    document.setIn(["config", name, "description"], sentence.replaceAll("\n", " "));
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

const missing = (keys: readonly Key[]): string[] =>
  keys.flatMap((key) => [...(key.meaning === "" ? [key.path] : []), ...missing(key.keys)]);

async function main(): Promise<void> {
  const keys = readKeys();
  const files = { "docs/configuration.md": await renderReference(keys), "Pulumi.yaml": renderProject(keys) };
  const undocumented = [...new Set(missing(keys))];
  for (const name of undocumented) console.error(`${name}: has no docstring in settings/`);
  let isStale = false;
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(root, name);
    if (fs.existsSync(file) && fs.readFileSync(file, "utf8") === text) continue;
    isStale = true;
    if (process.argv.includes("--check")) console.error(`${name} is out of date: npm run docs`);
    else fs.writeFileSync(file, text);
  }
  if (undocumented.length > 0 || (isStale && process.argv.includes("--check"))) process.exitCode = 1;
}

void main();
