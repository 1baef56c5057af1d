import type { Context } from "hono";
import { Hono } from "hono";
import { z } from "zod";

import type { Store } from "../store";
import type { Zone } from "./accounts";
import { parseBody, parseQuery, ErrorResponse, success } from "./api";
import { logZone } from "./zone-log";
import { isEditable, settingTypes } from "./zone-settings-catalog";
import { getZone } from "./zones";

/** Zone id -> setting id -> the last change. Unchanged settings are absent. */
type ChangedSettings = Record<string, Record<string, { value: unknown; modified_on: string }>>;

const getChangedSettings = (store: Store) =>
  store.section<ChangedSettings>("cloudflare-settings", () => ({}));

/** The settings that were ever changed, of all zones. They outlive a destroy: a setting cannot be deleted. */
export function getAllSettings(
  store: Store,
): readonly { readonly zone: string; readonly id: string; readonly value: unknown }[] {
  return Object.entries(getChangedSettings(store)).flatMap(([zone, settings]) =>
    Object.keys(settings).map((id) => ({ zone, id, value: getValue(store, zone, id) })),
  );
}

/** Routes of one zone's settings: all of them, one of them, and its change by PATCH. */
export function settingRoutes(store: Store): Hono {
  const app = new Hono();
  app.get("/", (c) => {
    parseQuery(c, []);
    const zone = getZone(store, c);
    return c.json(success([...settingTypes.keys()].map((id) => showSetting(store, zone, id))));
  });
  app.get("/:setting", (c) => {
    parseQuery(c, []);
    const [zone, { id }] = [getZone(store, c), findSetting(c)];
    return c.json(success(showSetting(store, zone, id)));
  });
  app.patch("/:setting", async (c) => {
    const [zone, { id, kind }] = [getZone(store, c), findSetting(c)];
    const body = await parseBody(c, z.strictObject({ value: z.unknown() }).partial());
    if (!isEditable(kind, zone.plan))
      throw new ErrorResponse(400, [{ code: 1015, message: `Not allowed to edit setting for ${id}` }]);
    const wanted = kind.values.safeParse(body.value);
    if (!wanted.success)
      throw new ErrorResponse(400, [{ code: 1007, message: `Invalid value for zone setting ${id}` }]);
    const before = showSetting(store, zone, id);
    setValue(store, zone.id, id, wanted.data);
    store.save();
    const after = showSetting(store, zone, id);
    logZone(store, { zone: zone.id, kind: "setting", op: "update", id, before, after });
    return c.json(success(after));
  });
  return app;
}

function findSetting(c: Context) {
  const id = c.req.param("setting") ?? "";
  const kind = settingTypes.get(id);
  if (kind === undefined)
    throw new ErrorResponse(400, [{ code: 1006, message: `Unrecognized zone setting name: ${id}` }]);
  return { id, kind };
}

function showSetting(store: Store, zone: Zone, id: string) {
  const kind = settingTypes.get(id);
  return {
    id,
    value: getValue(store, zone.id, id),
    editable: kind !== undefined && isEditable(kind, zone.plan),
    modified_on: getChangedSettings(store)[zone.id]?.[id]?.modified_on ?? null,
  };
}

/** `zrt` is TLS 1.3 with 0-RTT: it reads back wherever both are on, whichever of the two was asked for. */
function getValue(store: Store, zone: string, id: string): unknown {
  const asked = (setting: string) =>
    getChangedSettings(store)[zone]?.[setting]?.value ?? settingTypes.get(setting)?.initial;
  const value = asked(id);
  return id === "tls_1_3" && value === "on" && asked("0rtt") === "on" ? "zrt" : value;
}

function setValue(store: Store, zone: string, id: string, value: unknown): void {
  const settings = (getChangedSettings(store)[zone] ??= {});
  const modified_on = new Date().toISOString();
  const isBoth = id === "tls_1_3" && value === "zrt";
  settings[id] = { value: isBoth ? "on" : value, modified_on };
  if (isBoth) settings["0rtt"] = { value: "on", modified_on };
}
