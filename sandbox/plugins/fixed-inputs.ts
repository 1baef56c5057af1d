import { isDeepStrictEqual } from "node:util";

import type { InputError, Props } from "./fake-provider";

/** Errors of inputs that the program gives as the real provider's default, or that have one supported value. */
export const validateFixedInputs = (inputs: Props, fixed: Props): readonly InputError[] =>
  Object.entries(fixed)
    .filter(([property, value]) => !isDeepStrictEqual(inputs[property], value))
    .map(([property, value]) => ({
      property,
      reason: `got ${JSON.stringify(inputs[property])}, the stand-in has ${JSON.stringify(value)} only`,
    }));

/** Errors of the arguments of a provider that has none. */
export const refuseArguments = (args: Props): readonly InputError[] =>
  Object.keys(args)
    .filter((property) => !["version", "pluginDownloadURL"].includes(property))
    .map((property) => ({ property, reason: "the stand-in has no arguments" }));
