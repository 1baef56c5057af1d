import type { Context } from "hono";
import { Hono } from "hono";

import type { Store } from "../store";
import { accountId, getAccounts, fixedId, type Zone } from "./accounts";
import { noRoute, paginate, parseQuery, success } from "./api";
import { hasPermission, listZonePermissions } from "./permissions";

const filters = ["name", "account.id", "account.name", "status", "type", "match", "order", "direction"];

/** Routes of the zones themselves: list, which has only those that the caller may read, and read. */
export function zoneRoutes(store: Store): Hono {
  const app = new Hono();
  app.get("/", (c) => {
    const query = parseQuery(c, [...filters, "page", "per_page"]);
    const conditions = (zone: ReturnType<typeof showZone>) =>
      [
        [query.name, zone.name],
        [query["account.id"], zone.account.id],
        [query["account.name"], zone.account.name],
        [query.status, zone.status],
        [query.type, zone.type],
      ]
        .filter(([wanted]) => wanted !== undefined)
        .map(([wanted, actual]) => wanted === actual);
    const zones = getAccounts(store)
      .zones.filter(({ id }) => hasPermission(c, "Zone Read", id))
      .map((zone) => showZone(zone, listZonePermissions(c, zone.id)))
      .filter((zone) => {
        const held = conditions(zone);
        return query.match === "any" && held.length > 0 ? held.includes(true) : !held.includes(false);
      })
      .sort((a, b) => a.name.localeCompare(b.name));
    return c.json(
      paginate(query.direction === "desc" ? zones.reverse() : zones, query, {
        usual: 20,
        least: 5,
        most: 50,
      }),
    );
  });
  app.get("/:zone", (c) => {
    const zone = getZone(store, c);
    return c.json(success(showZone(zone, listZonePermissions(c, zone.id))));
  });
  return app;
}

/** The zone that the route's `:zone` names; 404 if there is none. */
export function getZone(store: Store, c: Context): Zone {
  const zone = getAccounts(store).zones.find(({ id }) => id === c.req.param("zone"));
  if (zone === undefined) throw noRoute(c);
  return zone;
}

const planNames = { free: "Free", pro: "Pro", business: "Business", enterprise: "Enterprise" };
const planPrices = { free: 0, pro: 25, business: 250, enterprise: 0 };
const pageRules = { free: 3, pro: 20, business: 50, enterprise: 125 };

function showZone(zone: Zone, permissions: readonly string[]) {
  return {
    id: zone.id,
    name: zone.name,
    status: "active",
    paused: false,
    type: "full",
    development_mode: 0,
    name_servers: ["ada.ns.cloudflare.com", "bob.ns.cloudflare.com"],
    original_name_servers: null,
    original_registrar: null,
    original_dnshost: null,
    modified_on: zone.createdOn,
    created_on: zone.createdOn,
    activated_on: zone.createdOn,
    meta: {
      step: 2,
      custom_certificate_quota: 0,
      page_rule_quota: pageRules[zone.plan],
      phishing_detected: false,
    },
    owner: { id: null, type: "user", email: null },
    account: { id: accountId, name: "Sandbox" },
    tenant: { id: null, name: null },
    tenant_unit: { id: null },
    permissions,
    plan: {
      id: fixedId(`plan ${zone.plan}`),
      name: `${planNames[zone.plan]} Website`,
      price: planPrices[zone.plan],
      currency: "USD",
      frequency: zone.plan === "free" ? "" : "monthly",
      is_subscribed: zone.plan !== "free",
      can_subscribe: false,
      legacy_id: zone.plan,
      legacy_discount: false,
      externally_managed: false,
    },
  };
}
