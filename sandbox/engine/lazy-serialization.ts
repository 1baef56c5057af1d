/**
 * Has Pulumi's SDK load the serialization of functions at its first use. It brings TypeScript and npm's dependency
 * resolver, three quarters of the time in which the SDK is loaded, and the program serializes no function. To be
 * imported before the SDK.
 */
import Module, { createRequire } from "node:module";

const load = createRequire(__filename);

/** The modules that serialize functions, with the exports that the SDK reads when it is loaded. */
const modules = {
  serializeClosure: ["serializeFunction", "serializeFunctionAsync"],
  codePaths: ["computeCodePaths"],
};

type Functions = Record<string, (...args: unknown[]) => unknown>;

for (const [name, functions] of Object.entries(modules)) {
  const file = load.resolve(`@pulumi/pulumi/runtime/closure/${name}`);
  const lazy = Object.assign(new Module(file), { filename: file, loaded: true });
  const real = (): Functions => {
    if (load.cache[file] === lazy) Reflect.deleteProperty(load.cache, file);
    return load(file) as Functions;
  };
  const exported = functions.map((each) => [each, (...args: unknown[]) => real()[each]?.(...args)] as const);
  lazy.exports = Object.fromEntries(exported);
  load.cache[file] ??= lazy;
}
