import { Hono } from "hono";

import { getRateLimit, findSeededCaller } from "./cloudflare/accounts";
import { edgeRanges } from "./cloudflare/addresses";
import { sendError, requireToken, noRoute, parseQuery, success } from "./cloudflare/api";
import { getAllRecords, dnsRoutes } from "./cloudflare/dns-records";
import { getAllDnssec, dnssecRoutes } from "./cloudflare/dnssec";
import { getAllOriginPulls, deploy, originPullRoutes } from "./cloudflare/origin-pulls";
import { rateLimiter } from "./cloudflare/rate-limiter";
import { requirePermission, requireTokenPermission } from "./cloudflare/route-permissions";
import { getAllRulesets, rulesetRoutes } from "./cloudflare/rulesets";
import { getAllTokens, findTokenCaller, tokenRoutes } from "./cloudflare/tokens";
import { readZoneLog, type ZoneLogEntry } from "./cloudflare/zone-log";
import { getAllSettings, settingRoutes } from "./cloudflare/zone-settings";
import { zoneRoutes } from "./cloudflare/zones";
import type { Store } from "./store";

export { seedCloudflare } from "./cloudflare/accounts";

/**
 * The Cloudflare API v4 over the store, to be mounted at `/cloudflare/client/v4`, as far as the program, cert-manager and
 * external-dns use it: zones with their DNS records, DNSSEC, settings, rulesets and authenticated origin pulls, and the
 * user's API tokens. Errors have Cloudflare's status and code, also those of missing permissions and of the rate limit.
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
    requireToken((token) => findSeededCaller(store, token) ?? findTokenCaller(store, token)),
    rateLimiter(() => getRateLimit(store), now),
  );
  // Any valid token may ask about itself.
  app.get("/user/tokens/verify", (c) => c.json(success({ status: "active" })));
  app.use("/user/tokens/*", requireTokenPermission);
  app.route("/user/tokens", tokenRoutes(store));

  app.use("/zones", requirePermission("Zone"));
  app.use("/zones/:zone", requirePermission("Zone"));
  app.route("/zones", zoneRoutes(store));
  app.use("/zones/:zone/dns_records/*", requirePermission("DNS"));
  app.route("/zones/:zone/dns_records", dnsRoutes(store));
  app.use("/zones/:zone/dnssec/*", requirePermission("DNS"));
  app.route("/zones/:zone/dnssec", dnssecRoutes(store));
  app.use("/zones/:zone/settings/*", requirePermission("Zone Settings"));
  app.route("/zones/:zone/settings", settingRoutes(store));
  app.route("/zones/:zone/rulesets", rulesetRoutes(store));
  app.use("/zones/:zone/origin_tls_client_auth/*", requirePermission("SSL and Certificates"));
  app.route("/zones/:zone/origin_tls_client_auth", originPullRoutes(store, now));
  app.all("*", (c) => {
    throw noRoute(c);
  });
  return app;
}

/** The content of the account beyond the seed, as the API shows it, each with its zone; only changed settings. */
export function cloudflareInventory(store: Store, now: () => number = Date.now) {
  return {
    dns_records: getAllRecords(store),
    settings: getAllSettings(store),
    dnssec: getAllDnssec(store),
    rulesets: getAllRulesets(store),
    origin_pulls: getAllOriginPulls(store, now),
    tokens: getAllTokens(store),
  };
}

/** Every state of the zones: one entry for each change, oldest first. */
export function cloudflareZoneLog(store: Store, now: () => number = Date.now): readonly ZoneLogEntry[] {
  deploy(store, now());
  return readZoneLog(store);
}
