import type { Context } from "hono";
import { z } from "zod";

import { invalidInput, ErrorResponse } from "./errors";
import { validateLabels, parseSelector } from "./labels";

/** One request to the emulated API. */
export type Call = Context;

/** Labels in a body. */
export const labels = z.record(z.string(), z.string()).superRefine((given, context) => {
  for (const message of validateLabels(given)) context.addIssue({ code: "custom", message });
});

/** A name in a body: a host name's alphabet. */
export const nameField = z
  .string()
  .regex(/^[A-Za-z0-9]([A-Za-z0-9 ._-]{0,126}[A-Za-z0-9])?$/, "is not a valid name");

/** @throws {ErrorResponse} `uniqueness_error` when another one has this name. */
export function requireUniqueName(
  all: readonly { readonly id: number; readonly name: string }[],
  name: string,
  own?: number,
): void {
  if (all.some((other) => other.name === name && other.id !== own))
    throw new ErrorResponse("uniqueness_error", `name '${name}' is already used`, [
      { name: "name", messages: ["must be unique"] },
    ]);
}

interface Listed {
  readonly id: number;
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** Answers a list: filtered by `name` and `label_selector`, sorted by `sort`, cut into pages of 25 (at most 50). */
export function answerList<T extends Listed>(
  c: Call,
  key: string,
  all: readonly T[],
  show: (one: T) => object = (one) => one,
): Response {
  const name = c.req.query("name");
  const matches = parseLabelSelector(c.req.query("label_selector"));
  const found = all
    .filter((one) => name === undefined || one.name === name)
    .filter((one) => matches(one.labels ?? {}))
    .sort(toComparator(c.req.queries("sort") ?? []));

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

function parseLabelSelector(text: string | undefined): (given: Record<string, string>) => boolean {
  if (text === undefined || text === "") return () => true;
  const matches = parseSelector(text);
  if (matches === undefined) throw invalidInput("label_selector", `'${text}' is not a label selector`);
  return matches;
}

function toComparator(sorts: readonly string[]): (a: Listed, b: Listed) => number {
  const fields = (sorts.length > 0 ? sorts : ["id"]).map((sort) => sort.split(":"));
  return (a, b) => {
    for (const [field, direction] of fields) {
      const difference = field === "name" ? (a.name ?? "").localeCompare(b.name ?? "") : a.id - b.id;
      if (difference !== 0) return direction === "desc" ? -difference : difference;
    }
    return 0;
  };
}

function parseWholeNumber(c: Call, key: string, otherwise: number, most: number): number {
  const text = c.req.query(key);
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw invalidInput(key, `is '${text}', want a whole number from 1`);
  return Math.min(value, most);
}
