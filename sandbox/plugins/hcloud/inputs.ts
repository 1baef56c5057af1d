import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";

import { z } from "zod";

import {
  NotReady,
  UNKNOWN,
  type InputError,
  type ResourceType,
  type ReadResult,
  type Props,
} from "../fake-provider";

/** A whole number, also when the engine sends it as a string of digits. */
export const wholeNumber = z.preprocess(
  (value) => (typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value),
  z.int(),
);

/** A boolean, also when the engine sends "true" or "false". */
export const flag = z.preprocess(
  (value) => (value === "true" ? true : value === "false" ? false : value),
  z.boolean(),
);

/** An id that the API counts with numbers and the SDK types as string. */
export const idText = z.preprocess(
  (value) => (typeof value === "number" ? String(value) : value),
  z.string().regex(/^\d+$/, "want the number of a load balancer"),
);

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

/** Top-level inputs in the type that the schema gives them, where they are known. */
export function coerceInputs(schema: Shape, inputs: Props): Props {
  return Object.fromEntries(
    Object.entries(inputs).map(([key, value]) => {
      const parsed = (schema.shape[key] as z.ZodType | undefined)?.safeParse(value);
      return [key, parsed?.success === true ? parsed.data : value];
    }),
  );
}

/**
 * Fills what the program leaves out from the last inputs: the provider takes such inputs from the cloud, so leaving
 * one out changes nothing. Not across a change of the `identity`, which creates another resource.
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

const GENERATED = /-[0-9a-f]{7}$/;

/** A name for a resource that the program does not name, kept from run to run. */
export function withName(inputs: Props, logicalName: string, olds: Props | undefined): Props {
  if (inputs.name !== undefined) return inputs;
  const kept = typeof olds?.name === "string" ? olds.name : undefined;
  return { ...inputs, name: kept ?? `${logicalName}-${randomBytes(4).toString("hex").slice(0, 7)}` };
}

/** Whether two of it can live side by side for a moment: not with a name that the program chose. */
export function hasProgramName(inputs: Props): boolean {
  return typeof inputs.name === "string" && !GENERATED.test(inputs.name);
}

/**
 * What {@link ResourceType.create} answers, once the cloud has made it and the rest is done. Should the rest fail, the engine
 * keeps the resource, and the next run completes it in an update: nothing is created twice.
 *
 * @throws {NotReady} the rest failed.
 */
export async function finishCreate(
  id: string,
  inputs: Props,
  rest: () => Promise<Props>,
): Promise<CreateResult> {
  try {
    return { id, outputs: await rest() };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new NotReady(`created as ${id}, but not complete; the next run continues: ${reason}`, id, inputs);
  }
}

interface CreateResult {
  readonly id: string;
  readonly outputs: Props;
}

/**
 * What {@link ResourceType.read} answers. The inputs are those that the program said, with what the cloud says now; in an
 * import, all of them. Inside the `blocks` too only what was said counts.
 */
export function toReadResult(
  live: Props,
  outputs: Props,
  last: ReadResult,
  blocks: readonly string[] = [],
): ReadResult {
  const said = Object.keys(last.inputs);
  const all = omitUndefined({ ...live, ...outputs });
  if (said.length === 0) return { inputs: omitUndefined(live), outputs: all };
  const inputs = Object.fromEntries(
    said.map((key) => [key, blocks.includes(key) ? pickLike(live[key], last.inputs[key]) : live[key]]),
  );
  return { inputs: omitUndefined(inputs), outputs: all };
}

function pickLike(live: unknown, said: unknown): unknown {
  if (!isRecord(live) || !isRecord(said)) return live;
  return omitUndefined(
    Object.fromEntries(Object.keys(said).map((key) => [key, pickLike(live[key], said[key])])),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function omitUndefined(props: Props): Props {
  return Object.fromEntries(Object.entries(props).filter(([, value]) => value !== undefined));
}
