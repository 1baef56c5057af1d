import { Hono } from "hono";

import { getRateLimit, seedAccounts, findSeededCaller } from "./cloudflare/accounts";
import { edgeRanges } from "./cloudflare/addresses";
import { sendError, requireToken, noRoute, parseQuery, success } from "./cloudflare/api";
import { getAllRecords, dnsRoutes } from "./cloudflare/dns-records";
import { getAllDnssec, dnssecRoutes } from "./cloudflare/dnssec";
import { getAllOriginPulls, deploy, originPullRoutes } from "./cloudflare/origin-pulls";
import { rateLimiter } from "./cloudflare/rate-limiter";
import {
  requirePermission,
  requirePhasePermission,
  requireTokenPermission,
} from "./cloudflare/route-permissions";
import { getAllRulesets, findPhaseOfRuleset, rulesetRoutes } from "./cloudflare/rulesets";
import { getAllTokens, findTokenCaller, tokenRoutes, verifyToken } from "./cloudflare/tokens";
import { readZoneLog, type ZoneLogEntry } from "./cloudflare/zone-log";
import { getAllSettings, settingRoutes } from "./cloudflare/zone-settings";
import { zoneRoutes } from "./cloudflare/zones";
import type { Store } from "./store";

/**
 * An emulated Cloudflare API v4, to be mounted at `/cloudflare/client/v4`. It has zones (to look up) with their DNS
 * records, DNSSEC, settings, rulesets and authenticated origin pulls, and the user's API tokens, and answers 404 to the
 * rest. It refuses what Cloudflare refuses, with the same status and code: also what the calling token may not do, and
 * more calls than it has.
 *
 * @param now milliseconds.
 * @see https://developers.cloudflare.com/api/
 */
export function cloudflare(store: Store, now: () => number = Date.now): Hono {
  const app = new Hono();
  app.onError(sendError);
  app.get("/ips", (c) => {
    parseQuery(c, []);
    return c.json(success(edgeRanges));
  });
  app.use(
    "*",
    requireToken((token) => findSeededCaller(store, token) ?? findTokenCaller(store, token, now())),
    rateLimiter(() => getRateLimit(store), now),
  );
  app.get("/user/tokens/verify", verifyToken);
  app.use("/user/tokens/*", requireTokenPermission);
  app.route("/user/tokens", tokenRoutes(store, now));

  app.use("/zones", requirePermission("Zone"));
  app.use("/zones/:zone", requirePermission("Zone"));
  app.route("/zones", zoneRoutes(store));
  app.use("/zones/:zone/dns_records/*", requirePermission("DNS"));
  app.route("/zones/:zone/dns_records", dnsRoutes(store));
  app.use("/zones/:zone/dnssec/*", requirePermission("DNS"));
  app.route("/zones/:zone/dnssec", dnssecRoutes(store));
  app.use("/zones/:zone/settings/*", requirePermission("Zone Settings"));
  app.route("/zones/:zone/settings", settingRoutes(store));
  app.use(
    "/zones/:zone/rulesets/*",
    requirePhasePermission((zone, ruleset) => findPhaseOfRuleset(store, zone, ruleset)),
  );
  app.route("/zones/:zone/rulesets", rulesetRoutes(store));
  app.use("/zones/:zone/origin_tls_client_auth/*", requirePermission("SSL and Certificates"));
  app.route("/zones/:zone/origin_tls_client_auth", originPullRoutes(store, now));
  app.all("*", (c) => {
    throw noRoute(c);
  });
  return app;
}

/**
 * Sets up what the user's Cloudflare account holds before the program runs: `{tokens: [string | {token, permissions}],
 * zones: [{id, name, plan}], rateLimit: {requests, seconds}}`, `plan` free, pro, business or enterprise. A token that
 * is a text has every permission; `plan` and `rateLimit` may be missing, and then stay what they are, at first Free and
 * 1,200 calls in five minutes. Adds what is missing, and removes nothing.
 *
 * @throws {z.ZodError} anything else; nothing is changed then.
 */
export function seedCloudflare(store: Store, seed: unknown): void {
  seedAccounts(store, seed);
}

/** The content of the account beyond the seed, as the API shows it, each with its zone; only changed settings. */
export function cloudflareInventory(store: Store, now: () => number = Date.now) {
  return {
    dns_records: getAllRecords(store),
    settings: getAllSettings(store),
    dnssec: getAllDnssec(store),
    rulesets: getAllRulesets(store),
    origin_pulls: getAllOriginPulls(store, now),
    tokens: getAllTokens(store, now),
  };
}

/**
 * Every state that the zones went through: one entry for each change, oldest first.
 *
 * @param since only entries with a greater `seq`.
 */
export function cloudflareZoneLog(
  store: Store,
  since: number,
  now: () => number = Date.now,
): readonly ZoneLogEntry[] {
  deploy(store, now());
  return readZoneLog(store, since);
}
