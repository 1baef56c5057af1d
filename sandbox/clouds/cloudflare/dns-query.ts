import type { Context } from "hono";

import { parseQuery, ErrorResponse } from "./api";
import type { DnsRecord } from "./dns-rules";

/** Needs nothing done: a record is shadowed below an NS record only, and there are none here. */
export const shadow = ["include_shadow_metadata"];

const exact = [
  "name",
  "name.exact",
  "type",
  "content",
  "content.exact",
  "proxied",
  "comment",
  "comment.exact",
];
const partial = [
  "name.startswith",
  "name.endswith",
  "name.contains",
  "content.startswith",
  "content.endswith",
  "content.contains",
];
const order = ["match", "order", "direction", "page", "per_page"];

/** The records that match the query, in its order. */
export function matching(c: Context, records: readonly DnsRecord[]): readonly DnsRecord[] {
  const query = parseQuery(c, [...exact, ...partial, ...order, ...shadow]);
  const wanted = Object.entries(query).filter(([key]) => exact.includes(key) || partial.includes(key));
  const holds = (record: DnsRecord) => wanted.map(([key, text]) => satisfies(record, key, text));
  const found = records.filter((record) =>
    query.match === "any" && wanted.length > 0
      ? holds(record).includes(true)
      : !holds(record).includes(false),
  );
  if (query.order !== undefined)
    found.sort((a, b) => readField(a, query.order).localeCompare(readField(b, query.order)));
  return query.direction === "desc" ? found.reverse() : found;
}

function satisfies(record: DnsRecord, key: string, wanted: string): boolean {
  const [field, how = "exact"] = key.split(".");
  const [value, text] = [readField(record, field).toLowerCase(), wanted.toLowerCase()];
  if (how === "contains") return value.includes(text);
  if (how === "startswith") return value.startsWith(text);
  return how === "endswith" ? value.endsWith(text) : value === text;
}

function readField(record: DnsRecord, field: string | undefined): string {
  const { type, name, content, ttl, proxied, comment } = record;
  const fields = new Map(Object.entries({ type, name, content, ttl, proxied, comment: comment ?? "" }));
  const value = fields.get(field ?? "");
  if (value === undefined)
    throw new ErrorResponse(400, [
      { code: 1004, message: `order is "${field ?? ""}", want type, name, content, ttl or proxied` },
    ]);
  return typeof value === "number" ? String(value).padStart(10, "0") : String(value);
}
