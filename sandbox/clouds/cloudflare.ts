import { Hono } from "hono";

import { accountsOf, fixedId, seedAccounts } from "./cloudflare/accounts";
import { edgeRanges } from "./cloudflare/addresses";
import { answerRefusal, authorised, noRoute, queryOf, success } from "./cloudflare/api";
import { allRecords, dnsRoutes } from "./cloudflare/dns-records";
import { zoneRoutes } from "./cloudflare/zones";
import type { Store } from "./store";

/**
 * An emulated Cloudflare API v4, to be mounted at `/cloudflare/client/v4`. It has zones (to look up) and DNS
 * records, and answers 404 to the rest. It refuses what Cloudflare refuses, with the same status and code.
 *
 * @see https://developers.cloudflare.com/api/
 */
export function cloudflare(store: Store): Hono {
  const app = new Hono();
  app.onError(answerRefusal);
  app.get("/ips", (c) => {
    queryOf(c, []);
    return c.json(success(edgeRanges));
  });
  app.use(
    "*",
    authorised((token) => accountsOf(store).tokens.includes(token)),
  );
  app.get("/user/tokens/verify", (c) => {
    const id = fixedId(c.req.header("authorization") ?? "");
    return c.json(success({ id, status: "active" }));
  });
  app.route("/zones", zoneRoutes(store));
  app.route("/zones/:zone/dns_records", dnsRoutes(store));
  app.all("*", (c) => {
    throw noRoute(c);
  });
  return app;
}

/**
 * Sets up what the user's Cloudflare account holds before the program runs: `{tokens: [string], zones: [{id, name,
 * plan}]}`, `plan` free (default), pro, business or enterprise. Adds what is missing, and removes nothing.
 *
 * @throws {z.ZodError} anything else; nothing is changed then.
 */
export function seedCloudflare(store: Store, seed: unknown): void {
  seedAccounts(store, seed);
}

/** What the account holds beyond the seed, as the API shows it. */
export function cloudflareInventory(store: Store): object {
  return { dns_records: allRecords(store) };
}
