import type { Context } from "hono";
import { Hono } from "hono";

import type { Store } from "../store";
import { accountId, getAccounts, fixedId, type Zone } from "./accounts";
import { noRoute, paginate, parseQuery, success } from "./api";
import { hasPermission, listZonePermissions } from "./permissions";

/** Routes of the zones themselves: read, and list those that the caller may read. */
export function zoneRoutes(store: Store): Hono {
  const app = new Hono();
  app.get("/", (c) => {
    const query = parseQuery(c, ["name", "page", "per_page"]);
    const zones = getAccounts(store)
      .zones.filter(({ id, name }) => hasPermission(c, "Zone Read", id) && (query.name ?? name) === name)
      .map((zone) => showZone(c, zone));
    return c.json(paginate(zones, query, { usual: 20, least: 5, most: 50 }));
  });
  app.get("/:zone", (c) => c.json(success(showZone(c, getZone(store, c)))));
  return app;
}

/** The zone that the route's `:zone` names; 404 if there is none. */
export function getZone(store: Store, c: Context): Zone {
  const zone = getAccounts(store).zones.find(({ id }) => id === c.req.param("zone"));
  if (zone === undefined) throw noRoute(c);
  return zone;
}

function showZone(c: Context, { id, name, plan, createdOn }: Zone) {
  return {
    id,
    name,
    status: "active",
    paused: false,
    type: "full",
    name_servers: ["ada.ns.cloudflare.com", "bob.ns.cloudflare.com"],
    modified_on: createdOn,
    created_on: createdOn,
    account: { id: accountId, name: "Sandbox" },
    permissions: listZonePermissions(c, id),
    plan: {
      id: fixedId(`plan ${plan}`),
      name: `${plan.charAt(0).toUpperCase()}${plan.slice(1)} Website`,
      currency: "USD",
      is_subscribed: plan !== "free",
      legacy_id: plan,
    },
  };
}
