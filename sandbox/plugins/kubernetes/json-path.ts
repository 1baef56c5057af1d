import { isRecord } from "./values";

/** Finds the values at a path: none, one or, after a filter, several. */
export type JsonPath = (value: unknown) => readonly unknown[];

const STEP = /^(?:\.([\w-]+)|\[(\d+)\]|\[\?\(@\.(\w+)=="([^"]*)"\)\])/;

/**
 * The part of kubectl's JSONPath that the program waits by: `.a.b`, `[0]` and `[?(@.type=="Ready")]`.
 *
 * @throws {Error} it has anything else.
 */
export function parseJsonPath(expression: string): JsonPath {
  const steps: JsonPath[] = [];
  for (let rest = expression; rest !== "";) {
    const [step, field, index, key = "", wanted] = STEP.exec(rest) ?? [];
    if (step === undefined)
      throw new Error(`the stand-in does not understand the JSONPath "${expression}" from "${rest}" on`);
    steps.push((value) => {
      if (field !== undefined) return isRecord(value) && field in value ? [value[field]] : [];
      if (!Array.isArray(value)) return [];
      if (index !== undefined) return value.slice(Number(index), Number(index) + 1);
      return value.filter((element) => isRecord(element) && element[key] === wanted);
    });
    rest = rest.slice(step.length);
  }
  return (value) => steps.reduce<readonly unknown[]>((found, step) => found.flatMap(step), [value]);
}
