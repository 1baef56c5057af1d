import { randomInt } from "node:crypto";

import { UNKNOWN, type Fault, type Props } from "../stand-in";

const alphabets = {
  numeric: "0123456789",
  lower: "abcdefghijklmnopqrstuvwxyz",
  upper: "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
  special: "!@#$%&*()-_=+[]{}<>:?",
} as const;
type Alphabet = keyof typeof alphabets;

const names = Object.keys(alphabets) as readonly Alphabet[];

const least = { numeric: "minNumeric", lower: "minLower", upper: "minUpper", special: "minSpecial" } as const;

/** The inputs that RandomPassword and RandomString share. `number` is the older name of `numeric`. */
export const textInputs = {
  keepers: "optional",
  length: "required",
  lower: "optional",
  minLower: "optional",
  minNumeric: "optional",
  minSpecial: "optional",
  minUpper: "optional",
  number: "optional",
  numeric: "optional",
  overrideSpecial: "optional",
  special: "optional",
  upper: "optional",
} as const;

/** Every kind of character is allowed and none is demanded, unless said otherwise. */
export function withTextDefaults(inputs: Props): Props {
  const numeric = inputs.numeric ?? inputs.number ?? true;
  return {
    lower: true,
    upper: true,
    special: true,
    minLower: 0,
    minUpper: 0,
    minNumeric: 0,
    minSpecial: 0,
    ...inputs,
    numeric,
    number: inputs.number ?? numeric,
  };
}

/** What is wrong with the inputs, defaults filled in. */
export function textFaults(inputs: Props): readonly Fault[] {
  const isKnown = (property: string) => inputs[property] !== undefined && inputs[property] !== UNKNOWN;
  const faultsOf = (properties: readonly string[], isRight: (value: unknown) => boolean, want: string) =>
    properties
      .filter((property) => isKnown(property) && !isRight(inputs[property]))
      .map((property) => ({ property, reason: `${JSON.stringify(inputs[property])} given, want ${want}` }));
  const types = [
    ...faultsOf([...names, "number"], (value) => typeof value === "boolean", "true or false"),
    ...faultsOf(Object.values(least), (value) => isCount(value, 0), "a whole number from 0"),
    ...faultsOf(["length"], (value) => isCount(value, 1), "a whole number from 1"),
    ...faultsOf(["overrideSpecial"], (value) => typeof value === "string", "text"),
    ...faultsOf(["keepers"], isTexts, "an object of texts"),
  ];
  if (types.length > 0 || Object.values(inputs).includes(UNKNOWN)) return types;
  const demanded = Object.values(least).reduce((sum, key) => sum + Number(inputs[key]), 0);
  const faults: Fault[] = [];
  if (Number(inputs.length) < demanded)
    faults.push({
      property: "length",
      reason: `${Number(inputs.length)} given, want ${demanded}: the sum of the min...`,
    });
  if (inputs.number !== inputs.numeric)
    faults.push({
      property: "number",
      reason: "number and numeric differ: number is the older name, give numeric only",
    });
  if (Number(inputs.length) > demanded && allowedOf(inputs).length === 0)
    faults.push({
      property: "length",
      reason: "no character is allowed: set lower, upper, numeric or special",
    });
  return faults;
}

/**
 * A text of `length` characters that holds the demanded number of each kind, even of a kind that is otherwise not
 * allowed, in an order without pattern. Every choice is fair: it draws from the system's generator without a modulus.
 */
export function randomText(inputs: Props): string {
  const demanded = names.flatMap((name) => draw(alphabetOf(inputs, name), Number(inputs[least[name]])));
  const rest = draw(allowedOf(inputs), Number(inputs.length) - demanded.length);
  return shuffled([...demanded, ...rest]).join("");
}

function allowedOf(inputs: Props): readonly string[] {
  return names.filter((name) => inputs[name] === true).flatMap((name) => alphabetOf(inputs, name));
}

function alphabetOf({ overrideSpecial }: Props, name: Alphabet): readonly string[] {
  const replaced = name === "special" && typeof overrideSpecial === "string" && overrideSpecial !== "";
  return Array.from(replaced ? overrideSpecial : alphabets[name]);
}

function draw(characters: readonly string[], count: number): readonly string[] {
  return Array.from({ length: count }, () => characters[randomInt(characters.length)] ?? "");
}

function shuffled(characters: string[]): readonly string[] {
  for (let last = characters.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [characters[last], characters[other]] = [characters[other] ?? "", characters[last] ?? ""];
  }
  return characters;
}

const isCount = (value: unknown, from: number) => Number.isSafeInteger(value) && Number(value) >= from;

const isTexts = (value: unknown) =>
  typeof value === "object" &&
  value !== null &&
  Object.values(value).every((item) => typeof item === "string");
