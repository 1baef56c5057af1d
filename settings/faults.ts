import type { z } from "zod";

/** One thing that is wrong with the config. */
export interface Fault {
  /** Where: `apps.api-gateway.port`. */
  readonly path: string;
  /** What was given and what is wanted, or what to do. */
  readonly problem: string;
}

/** A value as JSON, cut short: enough to find it again. Of a text that is cut, the length is told. */
function show(value: unknown): string {
  const text = JSON.stringify(value);
  if (text.length <= 80) return text;
  const length = typeof value === "string" ? ` (${value.length} characters)` : "";
  return `${text.slice(0, 77)}...${length}`;
}

const join = (path: readonly PropertyKey[]): string => path.map(String).join(".");

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (inside, key) => (inside as Record<PropertyKey, unknown> | null | undefined)?.[key],
    value,
  );

const alternatives = (values: readonly unknown[]): string =>
  [values.slice(0, -1).map(String).join(", "), String(values.at(-1))]
    .filter((part) => part !== "")
    .join(" or ");

function wanted(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return wantedType(issue.expected);
    case "too_small":
      if (issue.origin === "array") return "at least one";
      if (issue.origin === "string") return "a text that is not empty";
      return issue.inclusive === false
        ? `more than ${String(issue.minimum)}`
        : `${String(issue.minimum)} or more`;
    case "too_big":
      return issue.origin === "string"
        ? `at most ${String(issue.maximum)} characters`
        : `${String(issue.maximum)} or less`;
    case "invalid_value":
      return issue.message.startsWith("Invalid ") ? alternatives(issue.values) : issue.message;
    case "invalid_union":
      return "options" in issue && Array.isArray(issue.options) ? alternatives(issue.options) : issue.message;
    default:
      return issue.message;
  }
}

function wantedType(type: string): string {
  if (type === "int") return "a whole number";
  if (type === "boolean") return "true or false";
  if (type === "array") return "a list";
  if (type === "object" || type === "record") return "keys and values";
  return `a ${type}`;
}

/** Faults of the shape, one for each issue zod found in `given`. */
export function shapeFaults(error: z.ZodError, given: unknown): Fault[] {
  return error.issues.flatMap((issue): Fault[] => {
    if (issue.code === "unrecognized_keys")
      return issue.keys.map((key) => ({ path: join([...issue.path, key]), problem: "is not a known key" }));
    if (issue.code === "invalid_key")
      return [
        {
          path: join(issue.path),
          problem: `is not a good name, want ${issue.issues[0]?.message ?? "another"}`,
        },
      ];
    const value = valueAt(given, issue.path);
    const found = value === undefined ? "is missing" : `got ${show(value)}`;
    const want =
      issue.code === "invalid_type" && issue.expected === "string" && typeof value === "number"
        ? "a string: quote it, since YAML reads unquoted digits as a number"
        : wanted(issue);
    return [{ path: join(issue.path), problem: `${found}, want ${want}` }];
  });
}
