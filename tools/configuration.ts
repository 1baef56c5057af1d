import * as path from "node:path";

import ts from "typescript";
import { z } from "zod";

import { schema } from "../settings/schema";

/**
 * The config's two types, whose properties carry the docstrings. The input type of a preprocessed value is unknown, and
 * the output type of a transformed one has no docstrings, so each key is looked up in both.
 *
 * @public Read from this file by {@link readKeys}.
 */
export type Input = z.input<typeof schema>;
/** @public Likewise. */
export type Output = z.output<typeof schema>;

/** One key of the config. */
export interface Key {
  /** From the top: `loadBalancer.services[].listenPort`, `apps.<name>.port`. */
  readonly path: string;
  /** The permitted values in words: `whole number, 1 to 65535`. */
  readonly values: string;
  /** The default value, undefined if there is none. */
  readonly preset: unknown;
  readonly isRequired: boolean;
  /** The docstring, empty if there is none. */
  readonly meaning: string;
  /** The effect of a change on a deployed stack, from the docstring's tag `@change`. */
  readonly change: string | undefined;
  /** The variants of a discriminated union that have the key, undefined if all do: `type: SRV`. */
  readonly variants: string | undefined;
  /** The keys inside of an object, of the items of a list, or of the values of a map. */
  readonly keys: readonly Key[];
}

type Types = readonly ts.Type[];

const root = path.resolve(__dirname, "..");

/** Reads all keys of the config from the zod schema and the docstrings beside it. */
export function readKeys(): Key[] {
  const { config } = ts.readConfigFile(path.join(root, "tsconfig.json"), (file) => ts.sys.readFile(file)) as {
    config: unknown;
  };
  const program = ts.createProgram([__filename], ts.parseJsonConfigFileContent(config, ts.sys, root).options);
  const checker = program.getTypeChecker();
  const types = (program.getSourceFile(__filename)?.statements ?? []).flatMap((each) =>
    ts.isTypeAliasDeclaration(each) && ["Input", "Output"].includes(each.name.text)
      ? [checker.getTypeAtLocation(each)]
      : [],
  );
  return new Reader(checker).keys(schema, types, "");
}

interface Unwrapped {
  readonly inner: z.core.$ZodType;
  readonly isRequired: boolean;
  readonly preset?: unknown;
}

/** The schema inside of optional, default, preprocess and transform. */
function unwrap(outer: z.core.$ZodType): Unwrapped {
  if (outer instanceof z.ZodOptional) return { ...unwrap(outer.unwrap()), isRequired: false };
  if (outer instanceof z.ZodPrefault) return { ...unwrap(outer.unwrap()), isRequired: false };
  if (outer instanceof z.ZodDefault)
    return { ...unwrap(outer.unwrap()), isRequired: false, preset: outer.def.defaultValue };
  if (outer instanceof z.ZodPipe) return unwrap(outer.in instanceof z.ZodTransform ? outer.out : outer.in);
  return { inner: outer, isRequired: true };
}

/** An object of a union, and the values by which it is told from the others: `{type: "CAA", tag: "issue"}`. */
interface Variant {
  readonly object: z.ZodObject;
  readonly by: Readonly<Record<string, string>>;
}

function variantsOf(inner: z.core.$ZodType): Variant[] {
  if (inner instanceof z.ZodObject) {
    const literals = Object.entries(inner.shape as z.core.$ZodShape).flatMap(([name, value]) =>
      value instanceof z.ZodLiteral && value.values.size === 1 ? [[name, String(value.value)] as const] : [],
    );
    return [{ object: inner, by: Object.fromEntries(literals) }];
  }
  return inner instanceof z.ZodUnion ? inner.options.flatMap((each) => variantsOf(unwrap(each).inner)) : [];
}

class Reader {
  readonly #checker: ts.TypeChecker;
  /** By schema: one that is both preprocessed and transformed has no docstring in either type, but is often shared. */
  readonly #docstrings = new Map<z.core.$ZodType, Pick<Key, "meaning" | "change">>();

  constructor(checker: ts.TypeChecker) {
    this.#checker = checker;
  }

  /** The keys inside of a schema, none if it has no objects inside. */
  keys(outer: z.core.$ZodType, types: Types, at: string): Key[] {
    const { inner } = unwrap(outer);
    const all = this.#members(types);
    if (inner instanceof z.ZodArray) {
      const items = all.flatMap((each) => this.#checker.getIndexTypeOfType(each, ts.IndexKind.Number) ?? []);
      return this.keys(inner.element, items, `${at}[]`);
    }
    if (inner instanceof z.ZodRecord) {
      const values = all.flatMap((each) => this.#checker.getIndexTypeOfType(each, ts.IndexKind.String) ?? []);
      return this.keys(inner.valueType, values, `${at}.<name>`);
    }
    const variants = variantsOf(inner);
    const found = variants.map(({ object, by }) => this.#ofObject(object, this.#narrow(all, by), at));
    return merge(variants, found);
  }

  #ofObject(object: z.ZodObject, types: Types, at: string): Key[] {
    return Object.entries(object.shape as z.core.$ZodShape).flatMap(([name, value]): Key[] => {
      const { inner, isRequired, preset } = unwrap(value);
      if (inner instanceof z.ZodUnknown || inner instanceof z.ZodNever) return [];
      const properties = types.flatMap((each) => this.#checker.getPropertyOfType(each, name) ?? []);
      const inside = properties.map((each) => this.#checker.getTypeOfSymbol(each));
      const full = at === "" ? name : `${at}.${name}`;
      const key = { path: full, values: valuesOf(inner), preset, isRequired, variants: undefined };
      const docstring = this.#docstring(properties);
      if (docstring.meaning !== "") this.#docstrings.set(value, docstring);
      return [
        { ...key, ...(this.#docstrings.get(value) ?? docstring), keys: this.keys(value, inside, full) },
      ];
    });
  }

  #docstring(properties: readonly ts.Symbol[]): Pick<Key, "meaning" | "change"> {
    const meanings = properties.map((each) =>
      ts.displayPartsToString(each.getDocumentationComment(this.#checker)),
    );
    const changes = properties
      .flatMap((each) => each.getJsDocTags(this.#checker))
      .filter(({ name }) => name === "change")
      .map(({ text }) => ts.displayPartsToString(text));
    return { meaning: meanings.find((each) => each !== "") ?? "", change: changes[0] };
  }

  /** The types of a union, without undefined. */
  #members(types: Types): Types {
    return types
      .map((each) => this.#checker.getNonNullableType(each))
      .flatMap((each) => (each.isUnion() ? each.types : [each]));
  }

  /** The types of one variant. */
  #narrow(types: Types, by: Variant["by"]): Types {
    return types.filter((each) =>
      Object.entries(by).every(([name, value]) => {
        const property = this.#checker.getPropertyOfType(each, name);
        const type = property && this.#checker.getTypeOfSymbol(property);
        return type?.isStringLiteral() !== true || type.value === value;
      }),
    );
  }
}

/** One list of the keys of all variants: a key that is the same in several of them is there once. */
function merge(variants: readonly Variant[], found: readonly (readonly Key[])[]): Key[] {
  const names = [...new Set(found.flatMap((keys) => keys.map((key) => key.path)))];
  return names.flatMap((name) => {
    const groups = new Map<string, { readonly key: Key; readonly of: Variant[] }>();
    found.forEach((keys, index) => {
      const key = keys.find((each) => each.path === name);
      const variant = variants[index];
      if (!key || !variant) return;
      const same = JSON.stringify(isDiscriminator(name, variant) ? name : key);
      const group = groups.get(same) ?? { key, of: [] };
      group.of.push(variant);
      groups.set(same, group);
    });
    return [...groups.values()].map(({ key, of }) => {
      const [first] = of;
      const some = of.length === variants.length ? undefined : labelOf(of, variants);
      if (!first || !isDiscriminator(name, first)) return { ...key, variants: some };
      const values = new Set(of.map((each) => `\`${each.by[last(name)] ?? ""}\``));
      return { ...key, variants: some, values: [...values].join(", ") };
    });
  });
}

const last = (dotted: string): string => dotted.split(".").at(-1) ?? "";

const isDiscriminator = (name: string, { by }: Variant): boolean => last(name) in by;

/** `type: CAA` if all variants of that type are meant, otherwise `type: CAA, tag: iodef`. */
function labelOf(some: readonly Variant[], all: readonly Variant[]): string {
  const outer = (each: Variant) => Object.entries(each.by)[0]?.[1] ?? "";
  const [name = ""] = Object.keys(some[0]?.by ?? {});
  const labels = some.map((each) => {
    const isWhole = all.every((other) => outer(other) !== outer(each) || some.includes(other));
    const rest = Object.entries(each.by).slice(1);
    return isWhole
      ? outer(each)
      : [outer(each), ...rest.map(([key, value]) => `${key} ${value}`)].join(" with ");
  });
  return `${name}: ${[...new Set(labels)].join(", ")}`;
}

/** A text that no pattern permits. */
const impossible = "\u0001";

/** The permitted values in words. Those of a text are the words of the error message. */
function valuesOf(inner: z.core.$ZodType): string {
  if (inner instanceof z.ZodBoolean) return "`true` or `false`";
  if (inner instanceof z.ZodEnum) return alternatives(inner.options);
  if (inner instanceof z.ZodLiteral) return alternatives([...inner.values]);
  if (inner instanceof z.ZodNumber) return number(inner);
  if (inner instanceof z.ZodArray) {
    const { inner: item } = unwrap(inner.element);
    const { minimum = 0, maximum } = inner._zod.bag as { minimum?: number; maximum?: number };
    const length = [minimum > 0 ? "at least one" : "", maximum === undefined ? "" : `at most ${maximum}`];
    const items = valuesOf(item);
    return [
      items === "object" ? "list of objects" : `list of: ${items}`,
      ...length.filter((text) => text !== ""),
    ].join(", ");
  }
  if (inner instanceof z.ZodRecord) {
    const [key, value] = [inner.keyType, inner.valueType].map((each) => valuesOf(unwrap(each).inner));
    return `map; key: ${key ?? ""}; value: ${value ?? ""}`;
  }
  if (inner instanceof z.ZodObject || variantsOf(inner).length > 0) return "object";
  const message = z.safeParse(inner, impossible).error?.issues[0]?.message ?? "";
  if (inner instanceof z.ZodUnion && message === "Invalid input")
    return inner.options.map((each) => valuesOf(unwrap(each).inner)).join(" or ");
  return message === "" || message.startsWith("Too ") ? "text" : message;
}

const alternatives = (values: readonly unknown[]): string =>
  values
    .map((value) => `\`${String(value)}\``)
    .join(", ")
    .replace(/, ([^,]*)$/, " or $1");

function number(inner: z.ZodNumber): string {
  const { type, minimum: least, maximum: most, exclusiveMinimum: above } = z.toJSONSchema(inner);
  const from = typeof above === "number" ? above + 1 : (least ?? Number.MIN_SAFE_INTEGER);
  const to = most ?? Number.MAX_SAFE_INTEGER;
  const [hasLeast, hasMost] = [from > Number.MIN_SAFE_INTEGER, to < Number.MAX_SAFE_INTEGER];
  const range = hasLeast
    ? hasMost
      ? `, ${from} to ${to}`
      : `, at least ${from}`
    : hasMost
      ? `, at most ${to}`
      : "";
  return `${type === "integer" ? "whole number" : "number"}${range}`;
}
