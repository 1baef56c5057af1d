import type { ContentfulStatusCode } from "hono/utils/http-status";
import { z } from "zod";

import { withoutNulls } from "../without-nulls";

/** One field of a refused body: its path and its errors. */
interface FieldError {
  readonly name: string;
  readonly messages: readonly string[];
}

const STATUS: Readonly<Record<string, ContentfulStatusCode>> = {
  unauthorized: 401,
  not_found: 404,
  json_error: 400,
  uniqueness_error: 409,
  protected: 423,
  resource_limit_exceeded: 403,
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

  /** The body of the response. */
  get body(): object {
    const details = this.fields.length > 0 ? { fields: this.fields } : null;
    return { error: { code: this.code, message: this.message, details } };
  }
}

/** `invalid_input` for one field. */
export function invalidInput(name: string, message: string): ErrorResponse {
  return new ErrorResponse("invalid_input", `invalid input in field '${name}': ${message}`, [
    { name, messages: [message] },
  ]);
}

/** `not_found` for a resource of the account. */
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
  // Some clients send null for a field without a value; to others null means something.
  const result = asGiven.success ? asGiven : schema.safeParse(withoutNulls(body));
  if (result.success) return result.data;

  const fields = result.error.issues.flatMap((issue) => {
    const at = issue.path.map(String);
    return issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => ({ name: [...at, key].join("."), messages: ["unknown field"] }))
      : [{ name: at.join("."), messages: [issue.message] }];
  });
  const summary = fields.map(({ name, messages }) => `'${name}': ${messages.join()}`).join("; ");
  throw new ErrorResponse("invalid_input", `invalid input in field ${summary}`, fields);
}
