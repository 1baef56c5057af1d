import { randomInt } from "node:crypto";

import { genSaltSync, hash } from "bcryptjs";

import { UNKNOWN, type ResourceType } from "../fake-provider";
import { validateFixedInputs } from "../fixed-inputs";

const characters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/** The values that the program gives or that the real provider fills in. `number` is the older name of `numeric`. */
const fixed = {
  ...{ lower: true, upper: true, numeric: true, number: true, special: false },
  ...{ minLower: 0, minUpper: 0, minNumeric: 0, minSpecial: 0 },
} as const;

const inputs = {
  length: "required",
  ...Object.fromEntries(Object.keys(fixed).map((name) => [name, "optional"] as const)),
} as const;

/** `random:index/randomPassword:RandomPassword` of letters and digits: its id is always "none". Every input replaces it. */
export const randomPassword: ResourceType = {
  inputs,
  computed: ["result", "bcryptHash"],
  replaceOn: Object.keys(inputs),
  // The real provider's default of `special`, which is not supported.
  withDefaults: (given) => ({ ...fixed, special: true, ...given }),
  validate: (given) => [
    ...(given.length === UNKNOWN || (Number.isSafeInteger(given.length) && Number(given.length) >= 1)
      ? []
      : [{ property: "length", reason: `got ${JSON.stringify(given.length)}, want a whole number from 1` }]),
    ...validateFixedInputs(given, fixed),
  ],
  async create({ length }) {
    const draw = () => characters[randomInt(characters.length)] ?? "";
    const result = Array.from({ length: Number(length) }, draw).join("");
    // The library marks its hashes 2b, the real provider 2a; for short passwords both are the same function.
    const bcryptHash = await hash(result, genSaltSync(10).replace(/^\$2b\$/, "$2a$"));
    return { id: "none", outputs: { result, bcryptHash } };
  },
  read: (_id, last) => Promise.resolve(last),
  update: () => Promise.reject(new Error("a random value cannot be updated: every input replaces it")),
  delete: () => Promise.resolve(),
};
