import { STATUS_CODES } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** A response outside 2xx, with the real provider's message. */
export class HttpError extends Error {
  constructor(
    readonly status: number,
    method: string,
    url: string,
    body: string,
  ) {
    const line = `${status} ${STATUS_CODES[status] ?? ""}`.trim();
    super(`failed to make http request: ${method} "${url}": ${line} ${body}`);
  }
}

export type Json = Readonly<Record<string, unknown>>;

/** Parameters that are undefined are left out. */
export type Query = Readonly<Record<string, string | boolean | undefined>>;

/**
 * Tries after the first. The real provider makes ten, from 2 s doubling to 30 s, so one broken call holds a run up for
 * three minutes. The clouds of the sandbox are on loopback: what fails for a second there stays broken, and a
 * newcomer should read why at once.
 */
const retries = 3;
const firstPause = 200;

/** The Cloudflare API as the real provider calls it. */
export class Client {
  readonly #base: string;
  readonly #headers: Readonly<Record<string, string>>;

  /** `base` is such as `https://api.cloudflare.com/client/v4/`; the last slash may be missing. */
  constructor(base: string, apiToken: string) {
    this.#base = base.endsWith("/") ? base : `${base}/`;
    this.#headers = { authorization: `Bearer ${apiToken}`, "content-type": "application/json" };
  }

  /**
   * The `result` of the answer. Calls again on 408, 409, 429, 5xx and broken connections, after the time that
   * `Retry-After` says.
   *
   * @throws {HttpError} an answer outside 2xx that does not go away; a broken connection gives an Error alike.
   */
  async call(method: string, path: string, options: { query?: Query; body?: Json } = {}): Promise<unknown> {
    const url = new URL(path, this.#base);
    for (const [key, value] of Object.entries(options.query ?? {}))
      if (value !== undefined) url.searchParams.set(key, String(value));
    const body = options.body && JSON.stringify(options.body);
    for (let tried = 0; ; tried++) {
      const answer = await this.#once(method, url, body, tried);
      if ("result" in answer) return answer.result;
      if (tried === retries || !answer.again) throw answer.error;
      await sleep(answer.pause ?? firstPause * 2 ** tried);
    }
  }

  async #once(method: string, url: URL, body: string | undefined, tried: number): Promise<Outcome> {
    const headers = { ...this.#headers, "x-stainless-retry-count": String(tried) };
    let response: Response;
    let text: string;
    try {
      response = await fetch(url, { method, headers, ...(body !== undefined && { body }) });
      text = await response.text();
    } catch (cause) {
      const error = new Error(`failed to make http request: ${method} "${url.href}": ${reason(cause)}`, {
        cause,
      });
      return { error, again: true };
    }
    // A deletion may be answered with nothing at all.
    if (response.ok && text === "") return { result: null };
    if (response.ok) return { result: (JSON.parse(text) as { readonly result: unknown }).result ?? null };
    const pause = parseRetryAfter(response.headers);
    return {
      error: new HttpError(response.status, method, url.href, text),
      again: isRetryable(response),
      ...(pause !== undefined && { pause }),
    };
  }
}

/** `pause` in milliseconds. */
type Outcome =
  { readonly result: unknown } | { readonly error: Error; readonly again: boolean; readonly pause?: number };

function isRetryable({ status, headers }: Response): boolean {
  const told = headers.get("x-should-retry");
  if (told === "true" || told === "false") return told === "true";
  return status === 408 || status === 409 || status === 429 || status >= 500;
}

function parseRetryAfter(headers: Headers): number | undefined {
  const milliseconds = Number(headers.get("retry-after-ms") ?? NaN);
  const seconds = Number(headers.get("retry-after") ?? NaN);
  if (milliseconds >= 0) return milliseconds;
  return seconds >= 0 ? seconds * 1000 : undefined;
}

/** The message of a failed `fetch`: the socket's own error is its cause. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
