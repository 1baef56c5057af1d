import type { MiddlewareHandler } from "hono";

import type { RateLimit } from "./accounts";
import { ErrorResponse } from "./api";
import { getCaller } from "./permissions";

/**
 * Counts the calls of each token, in spans that begin with a call, and answers 429 to those above the limit until the
 * span ends, with `Retry-After` in seconds. The counts are lost with the process.
 *
 * @param limitOf returns the limit, which a seed may change.
 * @param now milliseconds.
 * @see https://developers.cloudflare.com/fundamentals/api/reference/limits/
 */
export function rateLimiter(limitOf: () => RateLimit, now: () => number): MiddlewareHandler {
  const spans = new Map<string, { readonly since: number; readonly calls: number }>();
  return async (c, next) => {
    const { requests, seconds } = limitOf();
    const { id } = getCaller(c);
    const last = spans.get(id);
    const isOver = last === undefined || now() - last.since >= seconds * 1000;
    const { since, calls } = isOver ? { since: now(), calls: 0 } : last;
    const rest = Math.ceil((since + seconds * 1000 - now()) / 1000);

    c.header("Ratelimit-Policy", `"default";q=${requests};w=${seconds}`);
    c.header("Ratelimit", `"default";r=${Math.max(0, requests - calls - 1)};t=${rest}`);
    if (calls >= requests) {
      c.header("Retry-After", String(rest));
      const message = "Please wait and consider throttling your request speed";
      throw new ErrorResponse(429, [{ code: 971, message }]);
    }
    spans.set(id, { since, calls: calls + 1 });
    await next();
  };
}
