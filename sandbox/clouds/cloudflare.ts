import { Hono } from "hono";

import { rateLimitOf, seedAccounts, seededCaller } from "./cloudflare/accounts";
import { edgeRanges } from "./cloudflare/addresses";
import { answerRefusal, authorised, noRoute, queryOf, success } from "./cloudflare/api";
import { allRecords, dnsRoutes } from "./cloudflare/dns-records";
import { limited } from "./cloudflare/rate-limit";
import { asks, asksForTokens } from "./cloudflare/route-permissions";
import { allTokens, madeCaller, tokenRoutes, verified } from "./cloudflare/tokens";
import { zoneRoutes } from "./cloudflare/zones";
import type { Store } from "./store";

/**
 * An emulated Cloudflare API v4, to be mounted at `/cloudflare/client/v4`. It has zones (to look up), their DNS records
 * and the user's API tokens, and answers 404 to the rest. It refuses what Cloudflare refuses, with the same status and
 * code: also what the calling token may not do, and more calls than it has.
 *
 * @param now milliseconds.
 * @see https://developers.cloudflare.com/api/
 */
export function cloudflare(store: Store, now: () => number = Date.now): Hono {
  const app = new Hono();
  app.onError(answerRefusal);
  app.get("/ips", (c) => {
    queryOf(c, []);
    return c.json(success(edgeRanges));
  });
  app.use(
    "*",
    authorised((token) => seededCaller(store, token) ?? madeCaller(store, token, now())),
    limited(() => rateLimitOf(store), now),
  );
  app.get("/user/tokens/verify", verified);
  app.use("/user/tokens/*", asksForTokens);
  app.route("/user/tokens", tokenRoutes(store, now));

  app.use("/zones", asks("Zone"));
  app.use("/zones/:zone", asks("Zone"));
  app.route("/zones", zoneRoutes(store));
  app.use("/zones/:zone/dns_records/*", asks("DNS"));
  app.route("/zones/:zone/dns_records", dnsRoutes(store));
  app.all("*", (c) => {
    throw noRoute(c);
  });
  return app;
}

/**
 * Sets up what the user's Cloudflare account holds before the program runs: `{tokens: [string | {token, permissions}],
 * zones: [{id, name, plan}], rateLimit: {requests, seconds}}`, `plan` free (default), pro, business or enterprise. A
 * token that is a text has every permission; `rateLimit` may be missing. Adds what is missing, and removes nothing.
 *
 * @throws {z.ZodError} anything else; nothing is changed then.
 */
export function seedCloudflare(store: Store, seed: unknown): void {
  seedAccounts(store, seed);
}

/** What the account holds beyond the seed, as the API shows it. */
export function cloudflareInventory(store: Store, now: () => number = Date.now) {
  return { dns_records: allRecords(store), tokens: allTokens(store, now) };
}
