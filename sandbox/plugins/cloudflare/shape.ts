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

/** An object with these fields, in the SDK's spelling; `!` marks those that must be given, `parts` those with parts. */
export function object(names: string, parts: Readonly<Record<string, Shape>> = {}): Fields {
  const marked = names.split(" ").filter((name) => name !== "");
  const fields = Object.fromEntries(marked.map((name) => [name.replace("!", ""), plain] as const));
  const required = marked.filter((name) => name.endsWith("!")).map((name) => name.slice(0, -1));
  return { fields: { ...fields, ...parts }, required };
}

export const keyed = (each: Shape): Keyed => ({ each });

/** Where the SDK has the plural of what the API calls it. */
const irregular: Readonly<Record<string, string>> = {
  checkPresences: "check_presence",
  includes: "include",
  ins: "in",
  lists: "list",
  notIns: "not_in",
  statusCodeTtls: "status_code_ttl",
};

const toApiName = (name: string): string =>
  irregular[name] ?? name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** A value of the program, as the API spells it. */
export function toApi(value: unknown, shape: Shape): unknown {
  if (Array.isArray(value)) return value.map((item) => toApi(item, shape));
  if (!isObject(value) || shape === plain) return value;
  const entries = Object.entries(value);
  if ("each" in shape)
    return Object.fromEntries(entries.map(([key, item]) => [key, toApi(item, shape.each)] as const));
  return Object.fromEntries(
    entries.map(([key, item]) => [toApiName(key), toApi(item, shape.fields[key] ?? plain)] as const),
  );
}

/** A value of the API, as the SDK spells it. Null is absent; so is what the SDK does not know. */
export function fromApi(value: unknown, shape: Shape): unknown {
  if (Array.isArray(value)) return value.map((item) => fromApi(item, shape));
  if (!isObject(value) || shape === plain) return value;
  if ("each" in shape)
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, fromApi(item, shape.each)] as const),
    );
  return Object.fromEntries(
    Object.entries(shape.fields)
      .map(([key, part]) => [key, fromApi(value[toApiName(key)] ?? undefined, part)] as const)
      .filter(([, item]) => item !== undefined),
  );
}

/** Fields that the SDK does not have, or that are missing, at every depth. */
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
 * What was found, in the program's words where both mean the same: an empty object or list is as good as none. So an
 * answer that fills in what was left out is no drift, and anything else is.
 */
export function withoutEmptyDifferences(said: unknown, found: unknown): unknown {
  if (Array.isArray(found) && Array.isArray(said))
    return found.length === said.length
      ? found.map((item, index) => withoutEmptyDifferences(said[index], item))
      : found;
  if (!isObject(found) || Array.isArray(found)) return found;
  const words = isObject(said) && !Array.isArray(said) ? said : {};
  return Object.fromEntries([
    ...Object.entries(found)
      .filter(([key, item]) => words[key] !== undefined || !isEmpty(item))
      .map(([key, item]) => [key, withoutEmptyDifferences(words[key], item)] as const),
    ...Object.entries(words).filter(([key, item]) => found[key] === undefined && isEmpty(item)),
  ]);
}

const isObject = (value: unknown): value is Props => typeof value === "object" && value !== null;

const isEmpty = (value: unknown) => isObject(value) && Object.keys(value).length === 0;
