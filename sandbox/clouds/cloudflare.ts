import { Hono } from "hono";

import { rateLimitOf, seedAccounts, seededCaller } from "./cloudflare/accounts";
import { edgeRanges } from "./cloudflare/addresses";
import { answerRefusal, authorised, noRoute, queryOf, success } from "./cloudflare/api";
import { allRecords, dnsRoutes } from "./cloudflare/dns-records";
import { allDnssec, dnssecRoutes } from "./cloudflare/dnssec";
import { allOriginPulls, deploy, originPullRoutes } from "./cloudflare/origin-pulls";
import { limited } from "./cloudflare/rate-limit";
import { asks, asksForPhase, asksForTokens } from "./cloudflare/route-permissions";
import { allRulesets, phaseOfRuleset, rulesetRoutes } from "./cloudflare/rulesets";
import { allTokens, madeCaller, tokenRoutes, verified } from "./cloudflare/tokens";
import { zoneLog, type ZoneLogEntry } from "./cloudflare/zone-log";
import { allSettings, settingRoutes } from "./cloudflare/zone-settings";
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
  app.use("/zones/:zone/dnssec/*", asks("DNS"));
  app.route("/zones/:zone/dnssec", dnssecRoutes(store));
  app.use("/zones/:zone/settings/*", asks("Zone Settings"));
  app.route("/zones/:zone/settings", settingRoutes(store));
  app.use(
    "/zones/:zone/rulesets/*",
    asksForPhase((zone, ruleset) => phaseOfRuleset(store, zone, ruleset)),
  );
  app.route("/zones/:zone/rulesets", rulesetRoutes(store));
  app.use("/zones/:zone/origin_tls_client_auth/*", asks("SSL and Certificates"));
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

/** What the account holds beyond the seed, as the API shows it, each with its zone; settings only where changed. */
export function cloudflareInventory(store: Store, now: () => number = Date.now) {
  return {
    dns_records: allRecords(store),
    settings: allSettings(store),
    dnssec: allDnssec(store),
    rulesets: allRulesets(store),
    origin_pulls: allOriginPulls(store, now),
    tokens: allTokens(store, now),
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
  return zoneLog(store, since);
}
