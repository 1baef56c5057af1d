import type { z } from "zod";

import { NotVisible } from "./finding";

/**
 * Reads a path of a cloud's API. It has no way to write.
 *
 * @param absent The result for a 404. Default: a 404 is an error.
 * @throws {NotVisible} No answer, or the token may not read it.
 */
export type ReadCloud = <T>(path: string, shape: z.ZodType<T>, absent?: T) => Promise<T>;

const timeoutMs = 10_000;

/** Connects to a cloud's API with GET requests only. */
export const connectToCloud =
  (name: string, url: string, token: string): ReadCloud =>
  async (path, shape, absent) => {
    let response: Response;
    try {
      response = await fetch(`${url.replace(/\/$/, "")}${path}`, {
        headers: { authorization: `Bearer ${token}` },
        signal: AbortSignal.timeout(timeoutMs),
      });
    } catch (error) {
      throw new NotVisible(`${name} cannot be reached: ${describeFetchError(error)}`);
    }
    if (response.status === 404 && absent !== undefined) return absent;
    const body = await response.text();
    if (!response.ok)
      throw new NotVisible(`${name} answered ${response.status} to GET ${path}: ${body.slice(0, 300)}`);
    return shape.parse(JSON.parse(body));
  };

const describeFetchError = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
};
