import fs from "node:fs";
import * as path from "node:path";

// Adds the example to the registry as a contributor would: its folder, one import and one name in one line. Modules that
// are loaded after this file get four controllers.
const registry = path.resolve(__dirname, "../../../../components/ingress/controllers/index.ts");
const example = path.join(__dirname, "example");
const readFileSync = fs.readFileSync.bind(fs);
function addExample(text: string): string {
  const added = text.replace(/(const controllers = \{[^}]*?),?\s*\}/, "$1, example }");
  if (added === text) throw new Error(`${registry} has no object of controllers`);
  return `import { example } from ${JSON.stringify(example)};\n${added}`;
}
Reflect.set(fs, "readFileSync", (...args: Parameters<typeof fs.readFileSync>) => {
  const content = readFileSync(...args);
  return args[0] === registry && typeof content === "string" ? addExample(content) : content;
});
