/** The part of JSON Schema that CRDs, charts and provider schemas are written in. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly nullable?: boolean;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly not?: Schema;
  readonly "x-kubernetes-preserve-unknown-fields"?: boolean;
  readonly "x-kubernetes-int-or-string"?: boolean;
}

export interface Rules {
  /** Where `$ref` points into. */
  readonly root: unknown;
  /** Whether an object's keys are those of its `properties` and no other, as in CRDs, unless it says otherwise. */
  readonly closed: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What `#/a/b` points at; a key of `root` may itself hold slashes. */
function resolved(ref: string, root: unknown): Schema {
  let at = root;
  let rest = ref.replace(/^#\//, "");
  while (rest !== "") {
    const keys: string[] = isFields(at) ? Object.keys(at) : [];
    const key = keys.find((each) => rest === each || rest.startsWith(`${each}/`));
    if (key === undefined) throw new Error(`${ref} points nowhere`);
    at = (at as Fields)[key];
    rest = rest.slice(key.length + 1);
  }
  return at as Schema;
}

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case "object":
      return isFields(value);
    case "array":
      return Array.isArray(value);
    case "integer":
      return Number.isInteger(value);
    case "null":
      return value === null;
    default:
      return typeof value === type;
  }
}

/** What is wrong with `value`, a line each; empty if it is as the schema says. */
export function faultsOf(value: unknown, given: Schema, rules: Rules, at = "value"): string[] {
  const schema = given.$ref === undefined ? given : resolved(given.$ref, rules.root);
  if (value === null && schema.nullable === true) return [];
  const inner = { ...rules, closed: false };
  const fits = (each: Schema) => faultsOf(value, each, inner, at).length === 0;
  const shown = JSON.stringify(value);

  const types = typeof schema.type === "string" ? [schema.type] : (schema.type ?? []);
  const anyType =
    schema["x-kubernetes-int-or-string"] === true || types.length === 0 || types.includes("any");
  if (!anyType && !types.some((type) => isOfType(value, type)))
    return [`${at} is ${shown}, not of type ${types.join(" or ")}`];

  const faults: string[] = [];
  const must = (holds: boolean, what: string) => holds || faults.push(`${at} is ${shown}, ${what}`);
  must(schema.enum?.includes(value) ?? true, `not one of ${JSON.stringify(schema.enum)}`);
  faults.push(...(schema.allOf ?? []).flatMap((each) => faultsOf(value, each, inner, at)));
  must(schema.anyOf?.some(fits) ?? true, "which fits none of anyOf");
  must((schema.oneOf?.filter(fits).length ?? 1) === 1, "which does not fit one of oneOf");
  must(schema.not === undefined || !fits(schema.not), "which fits what it must not");

  if (typeof value === "string") {
    must(
      schema.pattern === undefined || new RegExp(schema.pattern, "u").test(value),
      `not ${String(schema.pattern)}`,
    );
    must(value.length >= (schema.minLength ?? 0), "too short");
    must(value.length <= (schema.maxLength ?? Infinity), "too long");
  } else if (typeof value === "number") {
    must(value >= (schema.minimum ?? -Infinity), "too small");
    must(value <= (schema.maximum ?? Infinity), "too big");
  } else if (Array.isArray(value)) {
    must(value.length >= (schema.minItems ?? 0), "too short");
    must(value.length <= (schema.maxItems ?? Infinity), "too long");
    const { items } = schema;
    if (items) faults.push(...value.flatMap((each, index) => faultsOf(each, items, rules, `${at}.${index}`)));
  } else if (isFields(value)) {
    faults.push(...faultsOfFields(value, schema, rules, at));
  }
  return faults;
}

function faultsOfFields(value: Fields, schema: Schema, rules: Rules, at: string): string[] {
  const { properties = {}, required = [], additionalProperties: others } = schema;
  const missing = required.filter((key) => !(key in value)).map((key) => `${at}.${key} is missing`);
  const open =
    others === true ||
    schema["x-kubernetes-preserve-unknown-fields"] === true ||
    (others === undefined && !(rules.closed && "properties" in schema));
  return [
    ...missing,
    ...Object.entries(value).flatMap(([key, each]) => {
      const known = properties[key] ?? (typeof others === "object" ? others : undefined);
      if (known !== undefined) return faultsOf(each, known, rules, `${at}.${key}`);
      return open ? [] : [`${at}.${key} is not known`];
    }),
  ];
}

/** The dotted paths in `values` that neither the chart's defaults nor its schema know. */
export function unknownPaths(
  values: unknown,
  defaults: unknown,
  schema: Schema,
  root: unknown,
  at = "",
): string[] {
  if (!isFields(values)) return [];
  const { properties = {}, additionalProperties: others } =
    schema.$ref === undefined ? schema : resolved(schema.$ref, root);
  return Object.entries(values).flatMap(([key, each]) => {
    const path = at === "" ? key : `${at}.${key}`;
    const inDefaults = isFields(defaults) && key in defaults;
    const known = properties[key] ?? (typeof others === "object" ? others : undefined);
    if (!inDefaults && known === undefined) return [path];
    return unknownPaths(each, inDefaults ? defaults[key] : undefined, known ?? {}, root, path);
  });
}
