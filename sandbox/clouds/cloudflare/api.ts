import type { Context, MiddlewareHandler } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { z } from "zod";

import { setCaller, type Caller } from "./permissions";

/** One entry of `errors` in a response. */
export interface ApiErrorDetail {
  readonly code: number;
  readonly message: string;
}

/** An error response in Cloudflare's form: thrown below a route, sent by {@link sendError}. */
export class ErrorResponse extends Error {
  constructor(
    readonly status: ContentfulStatusCode,
    readonly errors: readonly ApiErrorDetail[],
  ) {
    super(errors.map(({ code, message }) => `${code} ${message}`).join("; "));
  }
}

/** The envelope of every successful response. */
export function success(result: unknown, info?: object): object {
  return { result, success: true, errors: [], messages: [], ...(info && { result_info: info }) };
}

/** The error handler of the whole API. */
export function sendError(error: Error, c: Context): Response {
  const [status, errors] =
    error instanceof ErrorResponse
      ? [error.status, error.errors]
      : ([500, [{ code: 10002, message: `Internal error of the sandbox: ${error.message}` }]] as const);
  return c.json({ result: null, success: false, errors, messages: [] }, status);
}

/** Cloudflare's 404 for an unknown path or object. */
export function noRoute(c: Context): ErrorResponse {
  const path = c.req.path.slice(Math.max(0, c.req.path.indexOf("/client/v4")));
  const message = `Could not route to ${path}, perhaps your object identifier is invalid?`;
  return new ErrorResponse(404, [
    { code: 7003, message },
    { code: 7000, message: "No route for that URI" },
  ]);
}

/** Parses the JSON body. @throws {ErrorResponse} 9207. */
export async function parseBody<T>(c: Context, schema: z.ZodType<T>): Promise<T> {
  const invalid = (why: string) =>
    new ErrorResponse(400, [{ code: 9207, message: `Request body is invalid. ${why}` }]);
  let body: unknown;
  try {
    body = JSON.parse(await c.req.text());
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw invalid(parsed.error.issues.map((issue) => `/${issue.path.join("/")}: ${issue.message}`).join("; "));
}

/** The query. An unknown parameter is refused, where Cloudflare ignores it: an ignored filter would list too much. */
export function parseQuery(c: Context, known: readonly string[]): Readonly<Record<string, string>> {
  const query = c.req.query();
  const unknown = Object.keys(query).filter((key) => !known.includes(key));
  if (unknown.length > 0)
    throw new ErrorResponse(400, [
      { code: 1004, message: `The sandbox does not know the query parameter ${unknown.join(", ")}` },
    ]);
  return query;
}

/** The number of results of a page. */
export interface PageSizes {
  readonly usual: number;
  readonly least: number;
  readonly most: number;
}

/** One page of a list. A page past the end is empty, and clients request pages until one is. */
export function paginate(
  all: readonly unknown[],
  query: Readonly<Record<string, string>>,
  sizes: PageSizes,
): object {
  const page = whole("page", query.page ?? "1", 1, Number.MAX_SAFE_INTEGER);
  const size = whole("per_page", query.per_page ?? String(sizes.usual), sizes.least, sizes.most);
  const result = all.slice((page - 1) * size, page * size);
  return success(result, {
    page,
    per_page: size,
    count: result.length,
    total_count: all.length,
    total_pages: Math.ceil(all.length / size),
  });
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw new ErrorResponse(400, [
    { code: 1004, message: `${name} is "${text}", want a whole number from ${least} to ${most}` },
  ]);
}

/** Middleware that requires a known API token and stores its caller. The error differs from route to route, as at Cloudflare. */
export function requireToken(callerOf: (token: string) => Caller | undefined): MiddlewareHandler {
  return async (c, next) => {
    const token = /^Bearer ([0-9A-Za-z_-]{40,80})$/.exec(c.req.header("authorization") ?? "")?.[1];
    if (token === undefined)
      throw new ErrorResponse(400, [{ code: 6003, message: "Invalid request headers" }]);
    const caller = callerOf(token);
    if (caller === undefined) throw unknownToken(c.req.path);
    setCaller(c, caller);
    await next();
  };
}

const unknownToken = (path: string): ErrorResponse =>
  path.includes("/dns_records")
    ? new ErrorResponse(403, [{ code: 10000, message: "Authentication error" }])
    : new ErrorResponse(403, [{ code: 9109, message: "Invalid access token" }]);
