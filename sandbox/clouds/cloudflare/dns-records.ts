import { randomBytes } from "node:crypto";

import type { Context } from "hono";
import { Hono } from "hono";

import type { Store } from "../store";
import { bodyOf, pageOf, queryOf, Refusal, success } from "./api";
import { dataTypes } from "./dns-content";
import {
  recordBody,
  refuseConflicts,
  refuseOverQuota,
  wantedOf,
  type DnsRecord,
  type RecordBody,
  type Wanted,
} from "./dns-rules";
import { logZone, type ZoneChange } from "./zone-log";
import { zoneOf } from "./zones";

/** Zone id -> its records, oldest first. */
type Records = Record<string, DnsRecord[]>;

const recordsOf = (store: Store) => store.section<Records>("cloudflare-dns", () => ({}));

/** All DNS records of all zones, as the API shows them. */
export function allRecords(store: Store): readonly DnsRecord[] {
  return Object.values(recordsOf(store)).flat();
}

/** Routes of one zone's records. */
export function dnsRoutes(store: Store): Hono {
  const app = new Hono();
  const listOf = (c: Context): DnsRecord[] => (recordsOf(store)[zoneOf(store, c).id] ??= []);
  const indexOf = (c: Context): number => {
    const index = listOf(c).findIndex(({ id }) => id === c.req.param("record"));
    if (index < 0) throw new Refusal(404, [{ code: 81044, message: "Record does not exist." }]);
    return index;
  };
  const oneOf = (c: Context): DnsRecord => listOf(c)[indexOf(c)] as DnsRecord;
  const answer = (c: Context, record: DnsRecord) => c.json(success(record));
  const log = (c: Context, id: string, change: Pick<ZoneChange, "op" | "before" | "after">) =>
    logZone(store, { zone: zoneOf(store, c).id, kind: "dns_record", id, ...change });

  const replace = (c: Context, body: RecordBody) => {
    const [index, last] = [indexOf(c), oneOf(c)];
    const wanted = wantedOf(body, zoneOf(store, c));
    refuseConflicts(wanted, listOf(c).toSpliced(index, 1));
    const record = shown(wanted, last.id, last);
    listOf(c)[index] = record;
    store.save();
    log(c, record.id, { op: "update", before: last, after: record });
    return answer(c, record);
  };

  app.get("/", (c) =>
    c.json(pageOf(matching(c, listOf(c)), c.req.query(), { usual: 100, least: 1, most: 5_000_000 })),
  );
  app.post("/", async (c) => {
    const [zone, list] = [zoneOf(store, c), listOf(c)];
    const wanted = wantedOf(await bodyOf(c, recordBody), zone);
    refuseConflicts(wanted, list);
    refuseOverQuota(zone, list.length);
    const record = shown(wanted, randomBytes(16).toString("hex"));
    list.push(record);
    store.save();
    log(c, record.id, { op: "create", after: record });
    return answer(c, record);
  });
  app.get("/:record", (c) => {
    queryOf(c, shadow);
    return answer(c, oneOf(c));
  });
  app.put("/:record", async (c) => {
    indexOf(c);
    return replace(c, await bodyOf(c, recordBody));
  });
  app.patch("/:record", async (c) => {
    const last = oneOf(c);
    const change = await bodyOf(c, recordBody.partial());
    return replace(c, { ...editable(last, change.type ?? last.type), ...change });
  });
  app.delete("/:record", (c) => {
    const [before] = listOf(c).splice(indexOf(c), 1) as [DnsRecord];
    store.save();
    log(c, before.id, { op: "delete", before });
    return c.json(success({ id: before.id }));
  });
  return app;
}

/** Needs nothing done: a record is shadowed below an NS record only, and there are none here. */
const shadow = ["include_shadow_metadata"];

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

function matching(c: Context, records: readonly DnsRecord[]): readonly DnsRecord[] {
  const query = queryOf(c, [...exact, ...partial, ...order, ...shadow]);
  const wanted = Object.entries(query).filter(([key]) => exact.includes(key) || partial.includes(key));
  const holds = (record: DnsRecord) => wanted.map(([key, text]) => satisfies(record, key, text));
  const found = records.filter((record) =>
    query.match === "any" && wanted.length > 0
      ? holds(record).includes(true)
      : !holds(record).includes(false),
  );
  if (query.order !== undefined)
    found.sort((a, b) => fieldOf(a, query.order).localeCompare(fieldOf(b, query.order)));
  return query.direction === "desc" ? found.reverse() : found;
}

function satisfies(record: DnsRecord, key: string, wanted: string): boolean {
  const [field, how = "exact"] = key.split(".");
  const [value, text] = [fieldOf(record, field).toLowerCase(), wanted.toLowerCase()];
  if (how === "contains") return value.includes(text);
  if (how === "startswith") return value.startsWith(text);
  return how === "endswith" ? value.endsWith(text) : value === text;
}

function fieldOf(record: DnsRecord, field: string | undefined): string {
  const { type, name, content, ttl, proxied, comment } = record;
  const fields = new Map(Object.entries({ type, name, content, ttl, proxied, comment: comment ?? "" }));
  const value = fields.get(field ?? "");
  if (value === undefined)
    throw new Refusal(400, [
      { code: 1004, message: `order is "${field ?? ""}", want type, name, content, ttl or proxied` },
    ]);
  return typeof value === "number" ? String(value).padStart(10, "0") : String(value);
}

/** The part of a record that a PATCH may change; content and data only if they suit the type. */
function editable(record: DnsRecord, type: RecordBody["type"]): RecordBody {
  const { name, ttl, proxied, priority, comment, tags, settings, content, data } = record;
  const said = dataTypes.includes(type) ? { data } : { content, priority };
  return { name, type, ttl, proxied, comment, tags: [...tags], settings, ...said };
}

function shown(wanted: Wanted, id: string, last?: DnsRecord): DnsRecord {
  const now = new Date().toISOString();
  const isSame = (key: "comment" | "tags") => JSON.stringify(last?.[key]) === JSON.stringify(wanted[key]);
  return {
    id,
    ...wanted,
    meta: {},
    created_on: last?.created_on ?? now,
    modified_on: now,
    ...(wanted.comment !== null && {
      comment_modified_on: (isSame("comment") ? last?.comment_modified_on : undefined) ?? now,
    }),
    ...(wanted.tags.length > 0 && {
      tags_modified_on: (isSame("tags") ? last?.tags_modified_on : undefined) ?? now,
    }),
  };
}
