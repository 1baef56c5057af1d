import { list, record } from "./values";

const strings = (value: unknown): readonly string[] =>
  typeof value === "string" ? [value] : [...list(value), ...Object.values(record(value))].flatMap(strings);

/** Host names, images, paths and addresses are long, too, and a message needs them. */
const isPlain = (value: string): boolean => /^[a-z0-9./:@_-]*$/.test(value) && /[./:]/.test(value);

/**
 * The message without those of `values` that could be secrets: the provider is not told which ones are, so that means
 * every text of 16 characters or more that does not look like a name or an address.
 */
export function withoutSecrets(message: string, values: unknown): string {
  return strings(values)
    .filter((value) => value.length >= 16 && !isPlain(value))
    .reduce((clean, value) => clean.replaceAll(value, "[a value]"), message);
}
