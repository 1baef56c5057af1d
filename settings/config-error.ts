import type { z } from "zod";

/** An error in the stack's configuration. */
export interface ConfigError {
  /** The setting: `apps.api-gateway.port`. */
  readonly path: string;
  /** The value and what is wanted instead: `got 70000, want 1 to 65535`. */
  readonly message: string;
}

/** One error if a condition holds, otherwise none. */
export const errorIf = (isWrong: boolean, path: string, message: string): ConfigError[] =>
  isWrong ? [{ path, message }] : [];

/** Errors of a part of the configuration, with paths from the top. A path in `errors` may be empty. */
export const prefixPaths = (prefix: string, errors: readonly ConfigError[]): ConfigError[] =>
  errors.map(({ path, message }) => ({ path: path === "" ? prefix : `${prefix}.${path}`, message }));

/** The text that the user sees. */
export function formatErrors(errors: readonly ConfigError[], stack: string): string {
  const lines = errors.map(({ path, message }) => `  ${path}: ${message}`);
  const count = errors.length === 1 ? "One setting is" : `${errors.length} settings are`;
  return `${count} wrong in Pulumi.${stack}.yaml; nothing was changed:\n${lines.join("\n")}`;
}

/** Adds errors to those of a zod schema. Their messages are complete: zod's own only name what is wanted. */
export function addErrors(
  context: { addIssue: (issue: z.core.$ZodRawIssue) => void },
  errors: readonly ConfigError[],
): void {
  for (const { path, message } of errors)
    context.addIssue({
      code: "custom",
      input: undefined,
      path: path === "" ? [] : path.split("."),
      message,
      params: { isComplete: true },
    });
}

/** The errors that zod found in `value`, whose path is `path`. */
export const toConfigErrors = (error: z.ZodError, value: unknown, path: string): ConfigError[] =>
  prefixPaths(
    path,
    error.issues.flatMap((issue) => toErrors(issue, value)),
  );

function toErrors(issue: z.core.$ZodIssue, root: unknown): ConfigError[] {
  const path = joinPath(issue.path);
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({
      path: joinPath([...issue.path, key]),
      message: "is not a known key",
    }));
  if (issue.code === "invalid_key")
    return [{ path, message: `is not a valid name, want ${issue.issues[0]?.message ?? "another"}` }];
  if (issue.code === "custom" && issue.params?.isComplete === true) return [{ path, message: issue.message }];

  const value = valueAt(root, issue.path);
  const got = value === undefined ? "is missing" : `got ${shorten(value)}`;
  const isUnquoted =
    issue.code === "invalid_type" && issue.expected === "string" && typeof value === "number";
  const want = isUnquoted
    ? "a string: quote it, since YAML reads unquoted digits as a number"
    : describeExpected(issue);
  return [{ path, message: `${got}, want ${want}` }];
}

const joinPath = (path: readonly PropertyKey[]): string => path.map(String).join(".");

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (inside, key) => (inside as Record<PropertyKey, unknown> | null | undefined)?.[key],
    value,
  );

/** A value as JSON, at most 80 characters and, for a longer string, its length. */
function shorten(value: unknown): string {
  const text = JSON.stringify(value);
  if (text.length <= 80) return text;
  const length = typeof value === "string" ? ` (${value.length} characters)` : "";
  return `${text.slice(0, 77)}...${length}`;
}

/** The end of "want ...". */
function describeExpected(issue: z.core.$ZodIssue): string {
  // A schema's own message says it better than the kind of issue does.
  const isDefault = /^(Invalid|Too (small|big))/.test(issue.message);
  if (!isDefault) return issue.message;
  switch (issue.code) {
    case "invalid_type":
      return describeType(issue.expected);
    case "too_small":
      if (issue.origin === "array") return "at least one";
      if (issue.origin === "string") return "a string that is not empty";
      return issue.inclusive === false
        ? `more than ${String(issue.minimum)}`
        : `${String(issue.minimum)} or more`;
    case "too_big":
      return issue.origin === "string"
        ? `at most ${String(issue.maximum)} characters`
        : `${String(issue.maximum)} or less`;
    case "invalid_value":
      return listAlternatives(issue.values);
    case "invalid_union":
      return "options" in issue && Array.isArray(issue.options)
        ? listAlternatives(issue.options)
        : issue.message;
    default:
      return issue.message;
  }
}

const listAlternatives = (values: readonly unknown[]): string =>
  [values.slice(0, -1).map(String).join(", "), String(values.at(-1))]
    .filter((part) => part !== "")
    .join(" or ");

function describeType(type: string): string {
  if (type === "int") return "a whole number";
  if (type === "boolean") return "true or false";
  if (type === "array") return "a list";
  if (type === "object" || type === "record") return "keys and values";
  return `a ${type}`;
}
