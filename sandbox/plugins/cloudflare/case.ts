/** Rewrites the keys of objects at every depth. */
function mapKeys(value: unknown, rename: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => mapKeys(item, rename));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [rename(key), mapKeys(item, rename)] as const),
  );
}

/** `ipv4Only` -> `ipv4_only`, as the API spells it. */
export const toSnake = (value: unknown): unknown =>
  mapKeys(value, (key) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));

/** `ipv4_only` -> `ipv4Only`, as the SDK spells it. */
export const toCamel = (value: unknown): unknown =>
  mapKeys(value, (key) => key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()));
