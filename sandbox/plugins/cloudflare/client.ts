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

/**
 * Tries after the first. The real provider makes ten, from 2 s doubling to 30 s, so that one broken call takes three
 * minutes. The sandbox's clouds are on loopback: a call that fails for a second fails for good.
 */
const retries = 3;
const firstPause = 200;

/** A client of the Cloudflare API. */
export class Client {
  readonly #base: string;
  readonly #fetch: typeof fetch;
  readonly #headers: Readonly<Record<string, string>>;

  /** @param base Such as `https://api.cloudflare.com/client/v4/`; the last slash is optional. */
  constructor(base: string, apiToken: string, request: typeof fetch) {
    this.#fetch = request;
    this.#base = base.endsWith("/") ? base : `${base}/`;
    this.#headers = { authorization: `Bearer ${apiToken}`, "content-type": "application/json" };
  }

  /**
   * The `result` of the response. Retries on 408, 409, 429, 5xx and broken connections, after the time of `Retry-After`.
   *
   * @throws {Error} a broken connection. @throws {HttpError} a response outside 2xx.
   */
  async call(method: string, path: string, options: { readonly body?: Json } = {}): Promise<unknown> {
    const url = new URL(path, this.#base).href;
    const body = options.body && { body: JSON.stringify(options.body) };
    for (let tried = 0; ; tried++) {
      const answer = await this.#once(method, url, { ...body, headers: this.#headers });
      if ("result" in answer) return answer.result;
      if (tried === retries || !answer.again) throw answer.error;
      await sleep(answer.pause ?? firstPause * 2 ** tried);
    }
  }

  async #once(method: string, url: string, init: RequestInit): Promise<Outcome> {
    let response: Response;
    let text: string;
    try {
      response = await this.#fetch(url, { method, ...init });
      text = await response.text();
    } catch (cause) {
      const error = new Error(`failed to make http request: ${method} "${url}": ${reason(cause)}`, { cause });
      return { error, again: true };
    }
    // The response to a deletion may be empty.
    if (response.ok)
      return { result: text === "" ? null : (JSON.parse(text) as { readonly result: unknown }).result };
    const { status, headers } = response;
    const seconds = headers.get("retry-after");
    return {
      error: new HttpError(status, method, url, text),
      again: status === 408 || status === 409 || status === 429 || status >= 500,
      ...(seconds !== null && { pause: Number(seconds) * 1000 }),
    };
  }
}

/** `pause` in milliseconds. */
type Outcome =
  { readonly result: unknown } | { readonly error: Error; readonly again: boolean; readonly pause?: number };

/** The message of a failed `fetch`: the socket's own error is its cause. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
