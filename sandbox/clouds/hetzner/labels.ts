import type { Labels } from "./state";

const WORD = "[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?";
const KEY = new RegExp(`^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?/)?${WORD}$`);
const VALUE = new RegExp(`^(?:${WORD})?$`);

/**
 * The errors of labels: a key is `[prefix/]name`, name and value have at most 63 of
 * letters, digits, `-`, `_` and `.`, with a letter or digit at both ends; a value may be empty.
 */
export function validateLabels(labels: Labels): string[] {
  return Object.entries(labels).flatMap(([key, value]) => [
    ...(KEY.test(key) ? [] : [`label key '${key}' is not correctly formatted`]),
    ...(VALUE.test(value) ? [] : [`label value '${value}' (key: ${key}) is not correctly formatted`]),
  ]);
}

type Term = (labels: Labels) => boolean;

/**
 * A label selector as a predicate: `key`, `!key`, `key=value`, `key==value`, `key!=value`, `key in (a,b)`,
 * `key notin (a,b)`, joined by commas that all hold. Undefined when it cannot be read.
 */
export function parseSelector(text: string): Term | undefined {
  const terms = text.split(/,(?![^(]*\))/).map((part) => parseTerm(part.trim()));
  if (terms.some((one) => one === undefined)) return undefined;
  return (labels) => terms.every((holds) => holds?.(labels));
}

function parseTerm(text: string): Term | undefined {
  const set = /^(\S+) +(in|notin) *\(([^()]*)\)$/.exec(text);
  const comparison = /^([^=!\s]+) *(==|=|!=) *([^=!\s]*)$/.exec(text);
  const presence = /^(!?) *([^=!\s]+)$/.exec(text);
  const [, key = "", operator = "", operand = ""] =
    set ?? comparison ?? (presence ? ["", presence[2], presence[1] === "!" ? "absent" : "present"] : []);
  const values = operand.split(",").map((value) => value.trim());
  if (!KEY.test(key) || !values.every((value) => VALUE.test(value))) return undefined;

  const among: Term = (labels) => labels[key] !== undefined && values.includes(labels[key]);
  if (operator === "present") return (labels) => key in labels;
  if (operator === "absent") return (labels) => !(key in labels);
  if (operator === "notin" || operator === "!=") return (labels) => !among(labels);
  return among;
}
