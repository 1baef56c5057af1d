import { isEncrypted } from "../stack/read-stack";
import type { AnyObject } from "./kinds";

type Path = readonly (string | number)[];

/** A field whose live value is not the declared one. */
export interface Difference {
  readonly path: Path;
  /** The path as text, such as `spec.selector.app` or `spec.ports[0].targetPort`. */
  readonly field: string;
  readonly declared: unknown;
  /** Undefined if the field is absent. */
  readonly live: unknown;
  /** Who wrote the live value last, such as `kubectl-edit`. */
  readonly manager?: string | undefined;
}

/**
 * Finds the declared fields that are different in the live object. Fields that only the live object has are defaults or
 * another's; secret values and status are not compared.
 */
export function findDifferences(declared: unknown, live: AnyObject): Difference[] {
  return compare(declared, live, []).map((different) => ({
    ...different,
    field: formatPath(different.path),
    manager: findManager(live, different.path),
  }));
}

type DifferentPath = Pick<Difference, "path" | "declared" | "live">;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Whether a declared value is what the API server stores as nothing. */
const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === "" ||
  value === false ||
  value === 0 ||
  (Array.isArray(value) ? value.length === 0 : isObject(value) && Object.values(value).every(isEmpty));

function compare(declared: unknown, live: unknown, path: Path): DifferentPath[] {
  if (declared === null || isEncrypted(declared) || (isEmpty(declared) && isEmpty(live))) return [];
  if (isObject(declared) && isObject(live))
    return Object.entries(declared)
      .filter(([key]) => !isIgnored([...path, key]))
      .flatMap(([key, value]) => compare(value, live[key], [...path, key]));
  if (Array.isArray(declared) && Array.isArray(live)) return compareLists(declared, live, path);
  return isSameScalar(declared, live) ? [] : [{ path, declared, live }];
}

/** Lists of named items, such as containers, are compared by name: others may have added items. */
function compareLists(declared: readonly unknown[], live: readonly unknown[], path: Path): DifferentPath[] {
  const nameOf = (item: unknown) => (isObject(item) && typeof item.name === "string" ? item.name : undefined);
  if (declared.every((item) => nameOf(item) !== undefined))
    return declared.flatMap((item, index) =>
      compare(
        item,
        live.find((other) => nameOf(other) === nameOf(item)),
        [...path, index],
      ),
    );
  if (declared.length !== live.length) return [{ path, declared, live }];
  return declared.flatMap((item, index) => compare(item, live[index], [...path, index]));
}

const isIgnored = ([first, second, third]: Path): boolean =>
  first === "status" ||
  first === "stringData" ||
  first === "apiVersion" ||
  first === "kind" ||
  (first === "metadata" && (second === "creationTimestamp" || String(third).startsWith("pulumi.com/")));

/** Whether two values are the same to the API server, which rewrites quantities: `1000m` is `1`. */
const isSameScalar = (declared: unknown, live: unknown): boolean =>
  String(declared) === String(live) || (toQuantity(declared) ?? NaN) === toQuantity(live);

const suffixes = ["", "k", "M", "G", "T", "P", "E"];

/** The value of a quantity such as `500m` or `64Mi`. Undefined for any other text. */
function toQuantity(value: unknown): number | undefined {
  const [, digits, suffix = "", binary] = /^(\d+(?:\.\d+)?)(?:([kKMGTPE]|m)(i)?)?$/.exec(String(value)) ?? [];
  if (digits === undefined) return undefined;
  return (
    Number(digits) *
    (suffix === "m" ? 1e-3 : (binary ? 1024 : 1000) ** suffixes.indexOf(suffix.replace("K", "k")))
  );
}

const formatPath = (path: Path): string =>
  path
    .map((part) =>
      typeof part === "number" ? `[${part}]` : /^[\w-]+$/.test(part) ? `.${part}` : `["${part}"]`,
    )
    .join("")
    .replace(/^\./, "");

/** The field manager that wrote a field last. */
function findManager(live: AnyObject, path: Path): string | undefined {
  const { managedFields } = live.metadata;
  if (!Array.isArray(managedFields)) return undefined;
  return managedFields
    .filter(isObject)
    .filter(({ fieldsV1 }) => ownsField(fieldsV1, path))
    .sort((a, b) => String(b.time).localeCompare(String(a.time)))
    .map(({ manager }) => String(manager))
    .at(0);
}

/** Whether managed fields contain a path, up to its first list: the items of lists have keys of their own. */
function ownsField(fields: unknown, [part, ...rest]: Path): boolean {
  if (part === undefined || typeof part === "number") return true;
  if (!isObject(fields)) return false;
  const own = fields[`f:${part}`];
  return own !== undefined && (Object.keys(isObject(own) ? own : {}).length === 0 || ownsField(own, rest));
}
