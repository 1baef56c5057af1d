import type { Context } from "hono";
import { Hono } from "hono";
import { z } from "zod";

import type { Store } from "../store";
import type { Zone } from "./accounts";
import { bodyOf, queryOf, Refusal, success } from "./api";
import { logZone } from "./zone-log";
import { isEditable, settingKinds } from "./zone-settings-catalog";
import { zoneOf } from "./zones";

/** Zone id -> setting id -> what was asked last. A setting that nobody changed is absent. */
type Changed = Record<string, Record<string, { value: unknown; modified_on: string }>>;

const changedOf = (store: Store) => store.section<Changed>("cloudflare-settings", () => ({}));

/** The settings that were ever changed, of all zones. They outlive a destroy: a setting cannot be deleted. */
export function allSettings(
  store: Store,
): readonly { readonly zone: string; readonly id: string; readonly value: unknown }[] {
  return Object.entries(changedOf(store)).flatMap(([zone, settings]) =>
    Object.keys(settings).map((id) => ({ zone, id, value: valueOf(store, zone, id) })),
  );
}

/** Routes of one zone's settings: all of them, one of them, and its change by PATCH. */
export function settingRoutes(store: Store): Hono {
  const app = new Hono();
  app.get("/", (c) => {
    queryOf(c, []);
    const zone = zoneOf(store, c);
    return c.json(success([...settingKinds.keys()].map((id) => shown(store, zone, id))));
  });
  app.get("/:setting", (c) => {
    queryOf(c, []);
    const [zone, { id }] = [zoneOf(store, c), settingOf(c)];
    return c.json(success(shown(store, zone, id)));
  });
  app.patch("/:setting", async (c) => {
    const [zone, { id, kind }] = [zoneOf(store, c), settingOf(c)];
    const body = await bodyOf(c, z.strictObject({ value: z.unknown() }).partial());
    if (!isEditable(kind, zone.plan))
      throw new Refusal(400, [{ code: 1015, message: `Not allowed to edit setting for ${id}` }]);
    const wanted = kind.values.safeParse(body.value);
    if (!wanted.success)
      throw new Refusal(400, [{ code: 1007, message: `Invalid value for zone setting ${id}` }]);
    const before = shown(store, zone, id);
    change(store, zone.id, id, wanted.data);
    store.save();
    const after = shown(store, zone, id);
    logZone(store, { zone: zone.id, kind: "setting", op: "update", id, before, after });
    return c.json(success(after));
  });
  return app;
}

function settingOf(c: Context) {
  const id = c.req.param("setting") ?? "";
  const kind = settingKinds.get(id);
  if (kind === undefined)
    throw new Refusal(400, [{ code: 1006, message: `Unrecognized zone setting name: ${id}` }]);
  return { id, kind };
}

function shown(store: Store, zone: Zone, id: string) {
  const kind = settingKinds.get(id);
  return {
    id,
    value: valueOf(store, zone.id, id),
    editable: kind !== undefined && isEditable(kind, zone.plan),
    modified_on: changedOf(store)[zone.id]?.[id]?.modified_on ?? null,
  };
}

/** `zrt` is TLS 1.3 with 0-RTT: it reads back wherever both are on, whichever of the two was asked for. */
function valueOf(store: Store, zone: string, id: string): unknown {
  const asked = (setting: string) =>
    changedOf(store)[zone]?.[setting]?.value ?? settingKinds.get(setting)?.initial;
  const value = asked(id);
  return id === "tls_1_3" && value === "on" && asked("0rtt") === "on" ? "zrt" : value;
}

function change(store: Store, zone: string, id: string, value: unknown): void {
  const settings = (changedOf(store)[zone] ??= {});
  const modified_on = new Date().toISOString();
  const isBoth = id === "tls_1_3" && value === "zrt";
  settings[id] = { value: isBoth ? "on" : value, modified_on };
  if (isBoth) settings["0rtt"] = { value: "on", modified_on };
}
