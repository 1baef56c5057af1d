import type { Context } from "hono";
import { Hono } from "hono";
import { z } from "zod";

import type { Store } from "../store";
import type { Zone } from "./accounts";
import { parseBody, paginate, parseQuery, ErrorResponse, success } from "./api";
import { DnsChanges, recordBody, type DnsRecord } from "./dns-changes";
import { logZone } from "./zone-log";
import { getZone } from "./zones";

/** Zone id -> its records, oldest first. */
type Records = Record<string, DnsRecord[]>;

const getRecords = (store: Store) => store.section<Records>("cloudflare-dns", () => ({}));

/** All DNS records of all zones, as the API shows them. */
export function getAllRecords(store: Store): readonly DnsRecord[] {
  return Object.values(getRecords(store)).flat();
}

const id = z.object({ id: z.string() });
const batchBody = z.strictObject({
  deletes: z.array(id).nullish(),
  puts: z.array(recordBody.extend(id.shape)).nullish(),
  posts: z.array(recordBody).nullish(),
});

/** Has no effect: a record is shadowed below an NS record only, and there are none. */
const shadow = "include_shadow_metadata";

/** Routes of one zone's records. */
export function dnsRoutes(store: Store): Hono {
  const app = new Hono();
  const changesOf = (c: Context): DnsChanges => {
    const zone = getZone(store, c);
    return new DnsChanges(zone, getRecords(store)[zone.id] ?? []);
  };
  /** Carries out all changes, since none was refused. */
  const answer = (c: Context, changes: DnsChanges, result: object) => {
    const { id: zone } = getZone(store, c);
    getRecords(store)[zone] = changes.list;
    store.save();
    for (const change of changes.log) logZone(store, { zone, kind: "dns_record", ...change });
    return c.json(success(result));
  };

  app.get("/", (c) => {
    const query = parseQuery(c, ["name", "type", "page", "per_page", shadow]);
    const { name, type } = query;
    const found = changesOf(c).list.filter(
      (record) => (name ?? record.name) === record.name && (type ?? record.type) === record.type,
    );
    return c.json(paginate(found, query, { usual: 100, least: 1, most: 5_000_000 }));
  });
  app.post("/", async (c) => {
    const body = await parseBody(c, recordBody);
    const changes = changesOf(c);
    return answer(c, changes, changes.post(body));
  });
  app.post("/batch", async (c) => {
    const { deletes, puts, posts } = await parseBody(c, batchBody);
    const changes = changesOf(c);
    validateBatchSize(getZone(store, c), [deletes, puts, posts]);
    const result = {
      deletes: deletes?.map((each) => changes.delete(each.id)) ?? null,
      patches: null,
      puts: puts?.map(({ id, ...body }) => changes.put(id, body)) ?? null,
      posts: posts?.map((body) => changes.post(body)) ?? null,
    };
    return answer(c, changes, result);
  });
  app.get("/:record", (c) => {
    parseQuery(c, [shadow]);
    const changes = changesOf(c);
    return c.json(success(changes.list[changes.indexOf(c.req.param("record"))]));
  });
  app.put("/:record", async (c) => {
    changesOf(c).indexOf(c.req.param("record"));
    const body = await parseBody(c, recordBody);
    const changes = changesOf(c);
    return answer(c, changes, changes.put(c.req.param("record"), body));
  });
  app.delete("/:record", (c) => {
    const changes = changesOf(c);
    return answer(c, changes, { id: changes.delete(c.req.param("record")).id });
  });
  return app;
}

/**
 * Checks the number of changes of a batch.
 *
 * @see https://developers.cloudflare.com/dns/manage-dns-records/how-to/batch-record-changes/
 * @throws {ErrorResponse} 400; the code is not documented.
 */
function validateBatchSize({ plan }: Zone, lists: readonly (readonly unknown[] | null | undefined)[]): void {
  const most = plan === "free" ? 200 : 3500;
  const count = lists.reduce((sum, list) => sum + (list?.length ?? 0), 0);
  if (count > most)
    throw new ErrorResponse(400, [
      { code: 1004, message: `${count} changes in a batch, want ${most} or fewer` },
    ]);
}
