import fs from "node:fs";
import * as path from "node:path";

// Adds the example to the registry as a contributor would: its folder, one import and one name in one line. Modules that
// are loaded after this file get four controllers.
const registry = path.resolve(__dirname, "../../../../components/ingress/controllers/index.ts");
const example = path.join(__dirname, "example");
const readFileSync = fs.readFileSync.bind(fs);
const patched = (text: string): string =>
  `import { example } from ${JSON.stringify(example)};\n` +
  text.replace("{ traefik, nginx, gateway } as const", "{ traefik, nginx, gateway, example } as const");
Reflect.set(fs, "readFileSync", (...args: Parameters<typeof fs.readFileSync>) => {
  const content = readFileSync(...args);
  return args[0] === registry && typeof content === "string" ? patched(content) : content;
});
