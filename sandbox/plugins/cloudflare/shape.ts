import { UNKNOWN, type InputError, type Props } from "../fake-provider";

/** The shape of a value of the SDK. A list has the shape of its items. */
export type Shape = typeof plain | Fields | Keyed;

/** A value that is the same in the SDK and in the API. */
export const plain = "plain";

interface Fields {
  readonly fields: Readonly<Record<string, Shape>>;
  readonly required: readonly string[];
}

/** An object whose keys are the program's own, such as the names of headers. */
interface Keyed {
  readonly each: Shape;
}

/** An object with these fields, in the SDK's spelling; `!` marks required ones, `parts` has those with parts. */
export function object(names: string, parts: Readonly<Record<string, Shape>> = {}): Fields {
  const marked = names.split(" ").filter((name) => name !== "");
  const fields = Object.fromEntries(marked.map((name) => [name.replace("!", ""), plain] as const));
  const required = marked.filter((name) => name.endsWith("!")).map((name) => name.slice(0, -1));
  return { fields: { ...fields, ...parts }, required };
}

export const keyed = (each: Shape): Keyed => ({ each });

/** `ipv4Only` -> `ipv4_only`. */
const toSnake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** The value with the keys of all objects in the SDK's spelling, `ipv4_only` -> `ipv4Only`, without nulls. */
export function toCamel(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toCamel);
  if (!isObject(value)) return value;
  const rename = (key: string) => key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  const kept = Object.entries(value).filter(([, item]) => item !== null);
  return Object.fromEntries(kept.map(([key, item]) => [rename(key), toCamel(item)] as const));
}

/** A value of the program in the API's spelling. */
export function toApi(value: unknown, shape: Shape): unknown {
  if (Array.isArray(value)) return value.map((item) => toApi(item, shape));
  if (!isObject(value) || shape === plain) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) =>
      "each" in shape
        ? [key, toApi(item, shape.each)]
        : [toSnake(key), toApi(item, shape.fields[key] ?? plain)],
    ),
  );
}

/** A value of the API in the SDK's spelling, without nulls and fields that the shape does not have. */
export function fromApi(value: unknown, shape: Shape): unknown {
  if (Array.isArray(value)) return value.map((item) => fromApi(item, shape));
  if (!isObject(value) || shape === plain) return value;
  const entries =
    "each" in shape
      ? Object.entries(value).map(([key, item]) => [key, fromApi(item, shape.each)] as const)
      : Object.entries(shape.fields).map(
          ([key, part]) => [key, fromApi(value[toSnake(key)] ?? undefined, part)] as const,
        );
  return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
}

/** Errors for fields that the shape does not have, or that are missing, at every depth. */
export function validateShape(value: unknown, shape: Shape, path: string): readonly InputError[] {
  if (Array.isArray(value))
    return value.flatMap((item, index) => validateShape(item, shape, `${path}[${index}]`));
  if (shape === plain || value === undefined || value === UNKNOWN) return [];
  if (!isObject(value)) return [{ property: path, reason: `${JSON.stringify(value)} given, want an object` }];
  if ("each" in shape)
    return Object.entries(value).flatMap(([key, item]) => validateShape(item, shape.each, `${path}.${key}`));
  return [
    ...shape.required
      .filter((key) => value[key] === undefined)
      .map((key) => ({ property: `${path}.${key}`, reason: "missing required input" })),
    ...Object.entries(value).flatMap(([key, item]) => {
      const part = shape.fields[key];
      const property = `${path}.${key}`;
      return part === undefined
        ? [{ property, reason: "the stand-in does not know this input" }]
        : validateShape(item, part, property);
    }),
  ];
}

/**
 * The live value, as the last inputs have it where both mean the same: an empty object or list is as good as none. So a
 * response that fills in absent fields is no drift.
 */
export function withoutEmptyDifferences(last: unknown, live: unknown): unknown {
  if (Array.isArray(live) && Array.isArray(last))
    return live.length === last.length
      ? live.map((item, index) => withoutEmptyDifferences(last[index], item))
      : live;
  if (!isObject(live) || Array.isArray(live)) return live;
  const known = isObject(last) && !Array.isArray(last) ? last : {};
  return Object.fromEntries([
    ...Object.entries(live)
      .filter(([key, item]) => known[key] !== undefined || !isEmpty(item))
      .map(([key, item]) => [key, withoutEmptyDifferences(known[key], item)] as const),
    ...Object.entries(known).filter(([key, item]) => live[key] === undefined && isEmpty(item)),
  ]);
}

export const isObject = (value: unknown): value is Props => typeof value === "object" && value !== null;

const isEmpty = (value: unknown) => isObject(value) && Object.keys(value).length === 0;

/** An input that must satisfy a condition once it is known. */
export type Check = readonly [property: string, isValid: (value: unknown) => boolean, want: string];

/** The condition of a zone's id, which the real provider checks in preview. */
export const zoneIdCheck: Check = [
  "zoneId",
  (value) => /^[0-9a-f]{32}$/.test(String(value)),
  "32 hexadecimal digits",
];

/** The errors of the inputs that are given and known. */
export const validateInputs = (inputs: Props, checks: readonly Check[]): readonly InputError[] =>
  checks
    .filter(([property, isValid]) => {
      const value = inputs[property];
      return value !== undefined && value !== UNKNOWN && !isValid(value);
    })
    .map(([property, , want]) => ({
      property,
      reason: `${JSON.stringify(inputs[property])} given, want ${want}`,
    }));
