import type { Context } from "hono";

import { invalidInput } from "./errors";

/** One request to the emulated API. */
export type Call = Context;

/** Answers a list: filtered by `name`, by id, in pages of 25 (at most 50). Other filters are refused; the caller applies `label_selector`. */
export function answerList<T extends { readonly id: number; readonly name: string }>(
  c: Call,
  key: string,
  all: readonly T[],
  show: (one: T) => object,
): Response {
  for (const filter of Object.keys(c.req.query()))
    if (!["name", "label_selector", "page", "per_page"].includes(filter))
      throw invalidInput(filter, "unknown to the sandbox");
  const name = c.req.query("name");
  const found = all
    .filter((one) => name === undefined || one.name === name)
    .toSorted((one, other) => one.id - other.id);

  const page = parseWholeNumber(c, "page", 1, Number.MAX_SAFE_INTEGER);
  const per_page = parseWholeNumber(c, "per_page", 25, 50);
  const last_page = Math.max(1, Math.ceil(found.length / per_page));
  const pagination = {
    page,
    per_page,
    previous_page: page > 1 ? page - 1 : null,
    next_page: page < last_page ? page + 1 : null,
    last_page,
    total_entries: found.length,
  };
  const shown = found.slice((page - 1) * per_page, page * per_page).map(show);
  return c.json({ [key]: shown, meta: { pagination } });
}

function parseWholeNumber(c: Call, key: string, fallback: number, most: number): number {
  const text = c.req.query(key);
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw invalidInput(key, `is '${text}', want a whole number from 1`);
  return Math.min(value, most);
}
