import { isRecord, text } from "./values";

/** Finds the values at a path: none, one or, after `[*]` and filters, several. */
export type JsonPath = (value: unknown) => readonly unknown[];

const STEP =
  /^(?:\.((?:[^.[\]\\]|\\.)+)|\[(['"])(.+?)\2\]|\[(\d+)\]|(\[\*\])|\[\?\(\s*@\.([\w.-]+)\s*==\s*(['"])(.*?)\7\s*\)\])/;

const child =
  (key: string): JsonPath =>
  (value) =>
    isRecord(value) && key in value ? [value[key]] : [];

const elements: JsonPath = (value) => (Array.isArray(value) ? value : []);

function parseStep(match: RegExpExecArray): JsonPath {
  const [, field, , quoted, index, all, filterKey, , wanted] = match;
  if (field !== undefined) return child(field.replaceAll(/\\(.)/g, "$1"));
  if (quoted !== undefined) return child(quoted);
  if (index !== undefined) return (value) => elements(value).slice(Number(index), Number(index) + 1);
  if (all !== undefined) return elements;
  const keys = (filterKey ?? "").split(".").map(child);
  return (value) =>
    elements(value).filter((element) =>
      keys
        .reduce<readonly unknown[]>((found, key) => found.flatMap(key), [element])
        .some((e) => text(e) === wanted),
    );
}

/**
 * The part of kubectl's JSONPath that waiting needs: `.a.b`, `['a.b']`, `[0]`, `[*]` and `[?(@.type=="Ready")]`.
 * Anything else is an error.
 */
export function parseJsonPath(expression: string): JsonPath {
  const steps: JsonPath[] = [];
  let rest = expression.startsWith("$") ? expression.slice(1) : expression;
  while (rest !== "") {
    const match = STEP.exec(rest);
    if (match === null)
      throw new Error(`the stand-in does not understand the JSONPath "${expression}" from "${rest}" on`);
    steps.push(parseStep(match));
    rest = rest.slice(match[0].length);
  }
  return (value) => steps.reduce<readonly unknown[]>((found, step) => found.flatMap(step), [value]);
}
