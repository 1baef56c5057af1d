import type { Context } from "hono";
import { Hono } from "hono";
import { z } from "zod";

import type { Store } from "../store";
import { parseBody, paginate, parseQuery, ErrorResponse, success } from "./api";
import { DnsChanges } from "./dns-changes";
import { matching, shadow } from "./dns-query";
import { recordBody, type DnsRecord } from "./dns-rules";
import { logZone } from "./zone-log";
import type { Zone } from "./accounts";
import { getZone } from "./zones";

/** Zone id -> its records, oldest first. */
type Records = Record<string, DnsRecord[]>;

const getRecords = (store: Store) => store.section<Records>("cloudflare-dns", () => ({}));

/** All DNS records of all zones, as the API shows them. */
export function getAllRecords(store: Store): readonly DnsRecord[] {
  return Object.values(getRecords(store)).flat();
}

const id = z.object({ id: z.string() });
const batchBody = z.object({
  deletes: z.array(id).nullish(),
  patches: z.array(recordBody.partial().extend(id.shape)).nullish(),
  puts: z.array(recordBody.extend(id.shape)).nullish(),
  posts: z.array(recordBody).nullish(),
});

/** Routes of one zone's records. */
export function dnsRoutes(store: Store): Hono {
  const app = new Hono();
  const changesOf = (c: Context): DnsChanges => {
    const zone = getZone(store, c);
    return new DnsChanges(zone, getRecords(store)[zone.id] ?? []);
  };
  /** Carries out a change, or none of it. */
  const answer = (c: Context, changes: DnsChanges, result: object) => {
    const { id: zone } = getZone(store, c);
    getRecords(store)[zone] = changes.list;
    store.save();
    for (const change of changes.made) logZone(store, { zone, kind: "dns_record", ...change });
    return c.json(success(result));
  };

  app.get("/", (c) =>
    c.json(
      paginate(matching(c, changesOf(c).list), c.req.query(), { usual: 100, least: 1, most: 5_000_000 }),
    ),
  );
  app.post("/", async (c) => {
    const body = await parseBody(c, recordBody);
    const changes = changesOf(c);
    return answer(c, changes, changes.post(body));
  });
  app.post("/batch", async (c) => {
    const { deletes, patches, puts, posts } = await parseBody(c, batchBody);
    const changes = changesOf(c);
    refuseTooMany(getZone(store, c), [deletes, patches, puts, posts]);
    const result = {
      deletes: deletes?.map((each) => changes.delete(each.id)) ?? null,
      patches: patches?.map(({ id, ...change }) => changes.patch(id, change)) ?? null,
      puts: puts?.map(({ id, ...body }) => changes.put(id, body)) ?? null,
      posts: posts?.map((body) => changes.post(body)) ?? null,
    };
    return answer(c, changes, result);
  });
  app.get("/:record", (c) => {
    parseQuery(c, shadow);
    return c.json(success(changesOf(c).one(c.req.param("record"))));
  });
  app.put("/:record", async (c) => {
    changesOf(c).indexOf(c.req.param("record"));
    const body = await parseBody(c, recordBody);
    const changes = changesOf(c);
    return answer(c, changes, changes.put(c.req.param("record"), body));
  });
  app.patch("/:record", async (c) => {
    changesOf(c).indexOf(c.req.param("record"));
    const change = await parseBody(c, recordBody.partial());
    const changes = changesOf(c);
    return answer(c, changes, changes.patch(c.req.param("record"), change));
  });
  app.delete("/:record", (c) => {
    const changes = changesOf(c);
    return answer(c, changes, { id: changes.delete(c.req.param("record")).id });
  });
  return app;
}

/**
 * How many changes one batch may hold.
 *
 * @see https://developers.cloudflare.com/dns/manage-dns-records/how-to/batch-record-changes/
 * @throws {ErrorResponse} 400; the code is not documented.
 */
function refuseTooMany({ plan }: Zone, lists: readonly (readonly unknown[] | null | undefined)[]): void {
  const most = plan === "free" ? 200 : 3500;
  const count = lists.reduce((sum, list) => sum + (list?.length ?? 0), 0);
  if (count > most)
    throw new ErrorResponse(400, [
      { code: 1004, message: `${count} changes in a batch, want ${most} or fewer` },
    ]);
}
