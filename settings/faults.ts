import type { z } from "zod";

/** One thing that is wrong with the config. */
export interface Fault {
  /** Where: `apps.api-gateway.port`. */
  readonly path: string;
  /** What was given and what is wanted, or what to do. */
  readonly problem: string;
}

const show = (value: unknown): string => (value === undefined ? "nothing" : JSON.stringify(value));

const join = (path: readonly PropertyKey[]): string => path.map(String).join(".");

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (inside, key) => (inside as Record<PropertyKey, unknown> | null | undefined)?.[key],
    value,
  );

function wanted(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return wantedType(issue.expected);
    case "too_small":
      return issue.origin === "array" || issue.origin === "string"
        ? `at least ${String(issue.minimum)} of them`
        : `${String(issue.minimum)} or more`;
    case "too_big":
      return issue.origin === "string"
        ? `at most ${String(issue.maximum)} characters`
        : `${String(issue.maximum)} or less`;
    case "invalid_value":
      return issue.values.map(String).join(" or ");
    case "invalid_union":
      return "A, CNAME or TXT as its `type`";
    default:
      return issue.message;
  }
}

function wantedType(type: string): string {
  if (type === "int") return "a whole number";
  if (type === "record") return "an object";
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
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
    return [{ path: join(issue.path), problem: `got ${show(value)}, want ${wanted(issue)}` }];
  });
}
