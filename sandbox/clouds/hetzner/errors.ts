import type { ContentfulStatusCode } from "hono/utils/http-status";
import { z } from "zod";

/** One field of a refused body: where, and what is wrong with it. */
export interface FieldError {
  readonly name: string;
  readonly messages: readonly string[];
}

const STATUS: Readonly<Record<string, ContentfulStatusCode>> = {
  unauthorized: 401,
  not_found: 404,
  json_error: 400,
  uniqueness_error: 409,
  conflict: 409,
  protected: 423,
  resource_limit_exceeded: 403,
  service_error: 503,
};

/** An error response, identified by its code. Status: that of {@link STATUS}, default 422. */
export class ErrorResponse extends Error {
  readonly status: ContentfulStatusCode;

  constructor(
    readonly code: string,
    message: string,
    readonly fields: readonly FieldError[] = [],
  ) {
    super(message);
    this.status = STATUS[code] ?? 422;
  }

  /** The body of the answer. */
  get body(): object {
    const details = this.fields.length > 0 ? { fields: this.fields } : null;
    return { error: { code: this.code, message: this.message, details } };
  }
}

/** `invalid_input` for one field. */
export function invalidInput(name: string, ...messages: string[]): ErrorResponse {
  return new ErrorResponse("invalid_input", `invalid input in field '${name}': ${messages.join(", ")}`, [
    { name, messages },
  ]);
}

/** `not_found` for a thing of the account. */
export function notFound(what: string, id: number | string): ErrorResponse {
  return new ErrorResponse("not_found", `${what} with ID '${id}' not found`);
}

/**
 * The body as the schema types it.
 *
 * @throws {ErrorResponse} `json_error`, or `invalid_input` with every error of every field.
 */
export function parseBody<T>(schema: z.ZodType<T>, text: string): T {
  let body: unknown;
  try {
    body = text === "" ? {} : JSON.parse(text);
  } catch (error) {
    throw new ErrorResponse(
      "json_error",
      `the body is not JSON: ${error instanceof Error ? error.message : ""}`,
    );
  }
  const asGiven = schema.safeParse(body);
  // A null where none has a meaning is what some clients send for a field they leave out.
  const result = asGiven.success ? asGiven : schema.safeParse(withoutNulls(body));
  if (result.success) return result.data;

  const messages = new Map<string, string[]>();
  for (const issue of result.error.issues) {
    const at = issue.path.map(String);
    const names = issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...at, key]) : [at];
    const message = issue.code === "unrecognized_keys" ? "unknown field" : issue.message;
    for (const name of names.map((path) => path.join(".")))
      messages.set(name, [...(messages.get(name) ?? []), message]);
  }
  const fields = [...messages].map(([name, list]) => ({ name, messages: list }));
  const summary = fields.map(({ name, messages: list }) => `'${name}': ${list.join(", ")}`).join("; ");
  throw new ErrorResponse("invalid_input", `invalid input in field ${summary}`, fields);
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([, each]) => each !== null);
  return Object.fromEntries(kept.map(([key, each]) => [key, withoutNulls(each)]));
}
