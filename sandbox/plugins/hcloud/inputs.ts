import { isDeepStrictEqual } from "node:util";

import type { z } from "zod";

import {
  NotReady,
  UNKNOWN,
  type InputError,
  type ResourceType,
  type ReadResult,
  type Props,
} from "../fake-provider";

type Shape = z.ZodObject<z.ZodRawShape>;

/** The inputs of the schema as {@link ResourceType} declares them. */
export function toInputDeclaration(schema: Shape): ResourceType["inputs"] {
  return Object.fromEntries(
    Object.entries(schema.shape).map(([key, type]) => [
      key,
      (type as z.ZodType).safeParse(undefined).success ? "optional" : "required",
    ]),
  );
}

/**
 * The schema's errors for inputs that may hold {@link UNKNOWN} anywhere. Top-level inputs that are missing
 * or not known are left to the server, which finds them in every provider.
 */
export function validateTypes(schema: Shape, inputs: Props): InputError[] {
  const issues = schema.safeParse(inputs).error?.issues ?? [];
  return issues.flatMap((issue) => {
    const [top] = issue.path;
    if (top === undefined || inputs[String(top)] === undefined || hasUnknown(inputs, issue.path)) return [];
    const property = issue.path.map(String).join(".");
    if (issue.code === "unrecognized_keys")
      return issue.keys.map((key) => ({
        property: `${property}.${key}`,
        reason: "the stand-in does not know this input",
      }));
    return [{ property, reason: issue.message }];
  });
}

function hasUnknown(inputs: Props, path: readonly PropertyKey[]): boolean {
  let value: unknown = inputs;
  for (const key of path) {
    value = (value as Record<PropertyKey, unknown> | null | undefined)?.[key];
    if (value === UNKNOWN) return true;
  }
  return false;
}

/**
 * The inputs, with absent ones from the last inputs: such inputs are computed, so that leaving one out changes nothing.
 * Not across a change of the `identity`, which creates another resource.
 */
export function keepOldInputs(
  inputs: Props,
  olds: Props | undefined,
  keys: readonly string[],
  identity: readonly string[],
): Props {
  const same = (key: string) => inputs[key] === undefined || isDeepStrictEqual(inputs[key], olds?.[key]);
  if (olds === undefined || !identity.every(same)) return inputs;
  const missing = keys.filter((key) => inputs[key] === undefined && olds[key] !== undefined);
  return { ...inputs, ...Object.fromEntries(missing.map((key) => [key, olds[key]])) };
}

/**
 * The result of {@link ResourceType.create} once the resource exists and the rest is done. If the rest fails, the
 * engine keeps the resource, and the next run completes it in an update: nothing is created twice.
 *
 * @throws {NotReady} the rest failed.
 */
export async function finishCreate(
  id: string,
  inputs: Props,
  rest: () => Promise<Props>,
): Promise<{ readonly id: string; readonly outputs: Props }> {
  try {
    return { id, outputs: await rest() };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new NotReady(`created as ${id}, but not complete; the next run continues: ${reason}`, id, inputs);
  }
}

/** The result of {@link ResourceType.read}: the inputs that the program gives, in an import all, with their live values. */
export function toReadResult(live: Props, outputs: Props, last: ReadResult): ReadResult {
  const given = Object.keys(last.inputs);
  const inputs = given.length === 0 ? live : Object.fromEntries(given.map((key) => [key, live[key]]));
  return { inputs: omitUndefined(inputs), outputs: omitUndefined({ ...live, ...outputs }) };
}

function omitUndefined(props: Props): Props {
  return Object.fromEntries(Object.entries(props).filter(([, value]) => value !== undefined));
}
