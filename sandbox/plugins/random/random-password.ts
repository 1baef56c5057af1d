import { randomInt } from "node:crypto";

import { genSaltSync, hash } from "bcryptjs";

import { UNKNOWN, type InputError, type ResourceType } from "../fake-provider";

const alphabets = {
  numeric: "0123456789",
  lower: "abcdefghijklmnopqrstuvwxyz",
  upper: "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
  special: "!@#$%&*()-_=+[]{}<>:?",
} as const;
type Alphabet = keyof typeof alphabets;
const names = Object.keys(alphabets) as readonly Alphabet[];

/** Inputs that the real provider fills in; the stand-in has no other value. */
const fixedInputs = { minLower: 0, minUpper: 0, minNumeric: 0, minSpecial: 0 } as const;

const inputs = {
  length: "required",
  lower: "optional",
  minLower: "optional",
  minNumeric: "optional",
  minSpecial: "optional",
  minUpper: "optional",
  number: "optional",
  numeric: "optional",
  special: "optional",
  upper: "optional",
} as const;

/** `random:index/randomPassword:RandomPassword`: its id is always "none". Every input replaces it. */
export const randomPassword: ResourceType = {
  inputs,
  computed: ["result", "bcryptHash"],
  replaceOn: Object.keys(inputs),
  // `number` is the older name of `numeric`.
  withDefaults: (given) => ({
    lower: true,
    upper: true,
    special: true,
    numeric: true,
    number: given.numeric ?? true,
    ...fixedInputs,
    ...given,
  }),
  validate(given): readonly InputError[] {
    const error = (property: string, want: string): InputError => ({
      property,
      reason: `got ${JSON.stringify(given[property])}, want ${want}`,
    });
    const { length } = given;
    const isLength = Number.isSafeInteger(length) && Number(length) >= 1;
    return [
      ...(isLength || length === UNKNOWN ? [] : [error("length", "a whole number from 1")]),
      ...[...names, "number"]
        .filter((name) => typeof given[name] !== "boolean" && given[name] !== UNKNOWN)
        .map((name) => error(name, "true or false")),
      ...Object.entries(fixedInputs)
        .filter(([name, value]) => given[name] !== value)
        .map(([name, value]) => error(name, `${value}: the stand-in has no other value`)),
      ...(names.some((name) => given[name] !== false)
        ? []
        : [error("lower", "one of lower, upper, numeric and special to be true")]),
    ];
  },
  async create(given) {
    const characters = names.map((name) => (given[name] === true ? alphabets[name] : "")).join("");
    const draw = () => characters[randomInt(characters.length)] ?? "";
    const result = Array.from({ length: Number(given.length) }, draw).join("");
    // The library marks its hashes 2b, the real provider 2a; for short passwords both are the same function.
    const bcryptHash = await hash(result, genSaltSync(10).replace(/^\$2b\$/, "$2a$"));
    return { id: "none", outputs: { result, bcryptHash } };
  },
  read: (_id, last) => Promise.resolve(last),
  update: () => Promise.reject(new Error("a random value cannot be updated: every input replaces it")),
  delete: () => Promise.resolve(),
};
